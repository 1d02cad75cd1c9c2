"""The picture of the rows and of what they rest on, coloured by verdict: one layout, drawn by TikZ on paper and as SVG on a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape as html_escape

from lemmata.reports.graph_layout import Place, columns_of, places
from lemmata.reports.prose import prose
from lemmata.reports.row_names import ROW_NAMES
from lemmata.verify.evidence import Verdict
from lemmata.verify.rows.dependencies import RESTS_ON, TOOLS, edges
from lemmata.verify.rows.standing import Standing

COLOURS = {
    Verdict.PROVED: (0, 110, 50),
    Verdict.CERTIFIED: (0, 105, 120),
    Verdict.SUPPORTED: (30, 75, 160),
    Verdict.REFUTED: (185, 25, 25),
    Verdict.INCONCLUSIVE: (150, 95, 0),
}
"""Red, green and blue of each verdict, on every page; in print the words in the legend tell them apart, too."""

WIDTH, HEIGHT = 17.4, 7.2
"""A node in millimetres."""

PAGE, WIDEST_COLUMN, ROW = 159.6, 32.0, 9.3
"""The width of a page, the farthest from one column to the next, and from one row of nodes to the next, in millimetres."""

PAGES = (("Kernels, initialisation, basins and paths: sources D, C and S", "DCS"), ("The lecture on optimisation: source Y", "Y"))
"""A page for each: its heading and the letters of its rows."""

Carried = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""Each edge between rows with the claims that carry it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A row or a tool on the picture; `borrowed` where it is at home on another page."""

    name: str
    caption: str
    at: Place
    standing: Standing | None
    borrowed: bool = False
    pitch: float = WIDEST_COLUMN

    @property
    def letter(self) -> str:
        """The first letter of the row's verdict, for a page without colours."""
        return self.standing.weakest.value[0].upper() if self.standing and self.standing.weakest else ""

    @property
    def shares(self) -> list[tuple[Verdict, float]]:
        """Each verdict of the row's claims with its share of them."""
        if self.standing is None or not self.standing.found:
            return []
        total = sum(self.standing.found.values())
        return [(verdict, self.standing.found[verdict] / total) for verdict in Verdict if self.standing.found.get(verdict)]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of the graph: nodes, edges (upper, lower, whether claims carry it), and the rows that stand alone."""

    title: str
    nodes: tuple[Node, ...]
    links: tuple[tuple[str, str, bool], ...]
    alone: tuple[str, ...]


def pictures(standings: Mapping[str, Standing], carried: Carried) -> tuple[Picture, ...]:
    """The pages of the graph."""
    return tuple(_picture(title, letters, standings, carried) for title, letters in PAGES)


def _picture(title: str, letters: str, standings: Mapping[str, Standing], carried: Carried) -> Picture:
    own = [(upper, lower) for upper, lower in edges() if upper[0] in letters and upper in standings]
    linked = {name for edge in edges() for name in edge}
    home = [name for name in standings if name[0] in letters]
    inside = [name for name in home if name in {name for edge in own for name in edge}]
    borrowed = [name for name in dict.fromkeys(lower for _, lower in own) if name not in home]
    at = places([*inside, *borrowed], own)
    tools = {tool.name for tool in TOOLS}
    pitch = min(WIDEST_COLUMN, (PAGE - WIDTH) / max(columns_of(at) - 1, 1))
    nodes = tuple(
        Node(name, ROW_NAMES.get(name, ""), place, standings.get(name), name in borrowed and name not in tools, pitch)
        for name, place in at.items()
    )
    links = tuple((upper, lower, bool(carried.get((upper, lower))) or lower in tools) for upper, lower in own)
    return Picture(title, nodes, links, tuple(name for name in home if name not in linked))


def reasons() -> list[tuple[str, str, str]]:
    """The edges that no claim carries, each with its reason."""
    return [(upper, lower, why) for upper, below in RESTS_ON.items() for lower, why in below.items() if why]


def tikz(picture: Picture, labels: Mapping[str, str]) -> str:
    """The picture for LaTeX; a row leads to its place in the report by its label."""
    where = {node.name: node for node in picture.nodes}
    lines = ["\\begin{tikzpicture}[x=1mm,y=-1mm,line width=0.35pt]"]
    for upper, lower, carried in picture.links:
        (x1, y1), (x2, y2) = right_of(where[lower]), left_of(where[upper])
        style = "carried" if carried else "explained"
        reach = bend(x1, x2)
        lines.append(f"\\draw[{style}] ({x1:.2f},{y1:.2f}) .. controls +({reach:.2f},0) and +(-{reach:.2f},0) .. ({x2:.2f},{y2:.2f});")
    for node in picture.nodes:
        lines += _tikz_node(node, labels)
    return "\n".join([*lines, "\\end{tikzpicture}"])


def _tikz_node(node: Node, labels: Mapping[str, str]) -> list[str]:
    x, y = corner(node)
    name = f"\\hyperref[{labels[node.name]}]{{\\textbf{{{node.name}}}}}" if node.name in labels else f"\\textbf{{{tool_name(node.name)}}}"
    colour = node.standing.weakest.value if node.standing and node.standing.weakest else "unclaimed"
    dash = ",dashed" if node.borrowed or node.standing is None else ""
    caption = f"\\\\[-2pt]\\rowname{{{prose(node.caption)}}}" if node.caption else ""
    lines = [
        f"\\filldraw[draw={colour},fill={colour}!9{dash}] ({x:.2f},{y:.2f}) rectangle +({WIDTH},{HEIGHT});",
        f"\\node[inner sep=0,align=center,font=\\scriptsize] at ({x + WIDTH / 2:.2f},{y + HEIGHT / 2 - 0.5:.2f}) {{{name}{caption}}};",
    ]
    if node.letter:
        lines.append(f"\\node[inner sep=0,text={colour}] at ({x + 1.5:.2f},{y + 1.7:.2f}) {{\\rowname{{\\textbf{{{node.letter}}}}}}};")
    left = x
    for verdict, share in node.shares:
        lines.append(f"\\fill[{verdict.value}] ({left:.2f},{y + HEIGHT - 0.9:.2f}) rectangle +({share * WIDTH:.2f},0.9);")
        left += share * WIDTH
    if node.standing and node.standing.misprints:
        lines.append(f"\\fill[refuted] ({x + WIDTH:.2f},{y:.2f}) -- +(-2.2,0) -- +(0,2.2) -- cycle;")
    return lines


def tool_name(name: str) -> str:
    """The name of a row or a tool in LaTeX."""
    return name.replace("k_1", "$k_1$")


def svg(picture: Picture, links: Mapping[str, str]) -> str:
    """The picture for a page of HTML, as inline SVG; a row leads to an anchor of the page."""
    where = {node.name: node for node in picture.nodes}
    wide = max((corner(node)[0] for node in picture.nodes), default=0) + WIDTH
    high = max((corner(node)[1] for node in picture.nodes), default=0) + HEIGHT
    title = html_escape(picture.title)
    lines = [f'<svg class="graph" viewBox="-1 -1 {wide + 2:.1f} {high + 2:.1f}" role="img" aria-label="{title}"><title>{title}</title>']
    for upper, lower, carried in picture.links:
        (x1, y1), (x2, y2) = right_of(where[lower]), left_of(where[upper])
        reach = bend(x1, x2)
        path = f"M{x1:.2f} {y1:.2f}C{x1 + reach:.2f} {y1:.2f} {x2 - reach:.2f} {y2:.2f} {x2:.2f} {y2:.2f}"
        lines.append(f'<path class="{"carried" if carried else "explained"}" d="{path}"/>')
    for node in picture.nodes:
        lines += _svg_node(node, links)
    return "\n".join([*lines, "</svg>"])


def _svg_node(node: Node, links: Mapping[str, str]) -> list[str]:
    x, y = corner(node)
    word = node.standing.weakest.value if node.standing and node.standing.weakest else "open"
    dash = " borrowed" if node.borrowed or node.standing is None else ""
    parts = [f'<rect class="node {word}{dash}" x="{x:.2f}" y="{y:.2f}" width="{WIDTH}" height="{HEIGHT}"/>']
    middle = x + WIDTH / 2
    if node.letter:
        parts.append(f'<text class="letter {word}" x="{x + 1.5:.2f}" y="{y + 2.4:.2f}">{node.letter}</text>')
    parts.append(f'<text class="name" x="{middle:.2f}" y="{y + 3.2:.2f}">{html_escape(flat(node.name))}</text>')
    if node.caption:
        size = min(1.95, 1.8 * WIDTH / len(node.caption))  # a letter takes a little more than half of its height
        parts.append(f'<text x="{middle:.2f}" y="{y + 5.7:.2f}" style="font-size:{size:.2f}px">{html_escape(flat(node.caption))}</text>')
    left = x
    for verdict, share in node.shares:
        parts.append(
            f'<rect class="share {verdict.value}" x="{left:.2f}" y="{y + HEIGHT - 0.9:.2f}" width="{share * WIDTH:.2f}" height="0.9"/>'
        )
        left += share * WIDTH
    if node.standing and node.standing.misprints:
        parts.append(f'<path class="misprint" d="M{x + WIDTH:.2f} {y:.2f}h-2.2l2.2 2.2z"/>')
    told = f"<title>{html_escape(f'{node.name}: {node.standing.told}')}</title>" if node.standing else ""
    inner = told + "".join(parts)
    return [f'<a href="#{links[node.name]}">{inner}</a>' if node.name in links else f"<g>{inner}</g>"]


def flat(text: str) -> str:
    """Text without indices, for a picture: `chi_1` by the letters themselves."""
    return text.replace("k_1", "k\u2081").replace("chi_1", "\u03c7\u2081").replace("T_k", "T\u2096")


def corner(node: Node) -> tuple[float, float]:
    """The upper left corner of a node, in millimetres to the right and downward."""
    return node.at.column * node.pitch, node.at.row * ROW


def left_of(node: Node) -> tuple[float, float]:
    """Where an edge arrives: the middle of the left side."""
    x, y = corner(node)
    return x, y + HEIGHT / 2


def right_of(node: Node) -> tuple[float, float]:
    """Where an edge leaves: the middle of the right side."""
    x, y = corner(node)
    return x + WIDTH, y + HEIGHT / 2


def bend(start: float, end: float) -> float:
    """How far an edge leaves and arrives level, from one column to another."""
    return max((end - start) * 0.55, 3.0)
