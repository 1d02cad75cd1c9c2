"""The graph of rows as a file of its own, a picture in SVG, PDF or PNG: the pages of the report side by side, with a legend.

`lemmata list --graph --output FILE` reaches this through the entry-point group `lemmata.pictures`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lemmata.reports.graph_picture import COLOURS, HEIGHT, ROW, WIDTH, Node, Picture, bend, corner, flat, left_of, pictures, right_of
from lemmata.verify.catalogue import Entry
from lemmata.verify.evidence import Verdict
from lemmata.verify.options import Mistake
from lemmata.verify.rows.coverage import coverage
from lemmata.verify.rows.dependencies import carriers
from lemmata.verify.rows.standing import standing

FORMS = (".svg", ".pdf", ".png")
MILLIMETRE = 72 / 25.4
"""A millimetre in points."""

MARGIN, GAP, HEADING = 6.0, 16.0, 9.0
"""Round the picture, between its pages, and above each of them, in millimetres."""

DOTS = 150
"""Dots per inch of a PNG: letters two pixels thick."""

GREY = (0.45, 0.45, 0.45)


def write_graph(file: str, entries: Iterable[Entry], verdicts: Mapping[str, str], wanted: set[str] | None) -> str:
    """Draw the rows that are wanted (None for all) into a file; returns a line that says so. Raises Mistake for a file that cannot be."""
    suffix = os.path.splitext(file)[1].lower()
    if suffix not in FORMS:
        raise Mistake(f"cannot draw {file}: a picture of the graph is a .svg, a .pdf or a .png (or a .dot for Graphviz); name one of these")
    entries = tuple(entries)
    standings = {
        covered.row.name: standing(covered, verdicts) for covered in coverage(entries) if wanted is None or covered.row.name in wanted
    }
    drawn = [picture for picture in pictures(standings, carriers(entries)) if picture.nodes]
    if not drawn:
        raise Mistake(f"cannot draw {file}: none of these rows rests on another, and none on them; name a row such as Y.66, or none")
    figure = _figure(drawn)
    settings = {"svg.fonttype": "none", "svg.hashsalt": "lemmata", "pdf.fonttype": 42}
    dates = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}
    import matplotlib

    try:
        with matplotlib.rc_context(settings):
            figure.savefig(file, dpi=DOTS, metadata=dates[suffix])
    except OSError as error:
        raise Mistake(f"cannot write {file}: {error.strerror}; name another place") from None
    rows = sum(not node.borrowed and node.standing is not None for picture in drawn for node in picture.nodes)
    return f"wrote {file}: {rows} rows and {sum(len(picture.links) for picture in drawn)} links"


def _figure(drawn: Sequence[Picture]) -> Any:
    """All pages side by side on one sheet, the legend below them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    wide, high = zip(*(_size(picture) for picture in drawn), strict=True)
    sheet = (sum(wide) + GAP * (len(drawn) - 1) + 2 * MARGIN, max(high) + HEADING + LEGEND_HEIGHT + 2 * MARGIN)
    sheet = (max(sheet[0], LEGEND_WIDTH + 2 * MARGIN), sheet[1])
    figure = Figure(figsize=(sheet[0] / 25.4, sheet[1] / 25.4), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, sheet[0]), ylim=(sheet[1], 0))
    axes.axis("off")
    start = MARGIN
    for picture, width in zip(drawn, wide, strict=True):
        _text(axes, start, MARGIN + 2, picture.title, 3.4, ha="left", weight="bold")
        _draw(axes, picture, start, MARGIN + HEADING)
        start += width + GAP
    _legend(axes, MARGIN, sheet[1] - MARGIN - 8)
    return figure


def _size(picture: Picture) -> tuple[float, float]:
    corners = [corner(node) for node in picture.nodes]
    return max(x for x, _ in corners) + WIDTH, max(y for _, y in corners) + HEIGHT


def _text(
    axes: Any, x: float, y: float, text: str, size: float, *, colour: Any = "black", ha: str = "center", weight: str = "normal"
) -> None:
    """Text whose capitals are about 0.7 of `size` millimetres high."""
    axes.text(
        x, y, text, fontsize=size * MILLIMETRE, color=colour, ha=ha, va="center", weight=weight, family="DejaVu Sans", parse_math=False
    )


def _draw(axes: Any, picture: Picture, x: float, y: float) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    where = {node.name: node for node in picture.nodes}
    for upper, lower, carried in picture.links:
        (x1, y1), (x2, y2) = right_of(where[lower]), left_of(where[upper])
        reach = bend(x1, x2)
        points = [(x + x1, y + y1), (x + x1 + reach, y + y1), (x + x2 - reach, y + y2), (x + x2, y + y2)]
        path = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        style = "solid" if carried else (0, (3, 2))
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=GREY, linewidth=0.9 if carried else 0.7, linestyle=style, zorder=1))
    for node in picture.nodes:
        _draw_node(axes, node, x, y)


def _colour(verdict: Verdict | None) -> Any:
    return GREY if verdict is None else tuple(part / 255 for part in COLOURS[verdict])


def _draw_node(axes: Any, node: Node, x: float, y: float) -> None:
    from matplotlib.patches import Polygon, Rectangle

    left, top = corner(node)
    left, top = left + x, top + y
    weakest = node.standing.weakest if node.standing else None
    edge = _colour(weakest)
    fill = tuple(1 - 0.13 * (1 - part) for part in edge)
    dashed = (0, (3, 2)) if node.borrowed or node.standing is None else "solid"
    box = (left, top)
    axes.add_patch(Rectangle(box, WIDTH, HEIGHT, facecolor=fill, edgecolor=edge, linewidth=0.8, linestyle=dashed, zorder=2))
    middle = left + WIDTH / 2
    if node.letter:
        _text(axes, left + 1.6, top + 1.7, node.letter, 1.7, colour=edge, weight="bold")
    _text(axes, middle, top + (2.3 if node.caption else HEIGHT / 2), flat(node.name), 2.4, weight="bold")
    if node.caption:
        _text(axes, middle, top + 4.8, flat(node.caption), min(1.95, 1.62 * WIDTH / len(node.caption)))
    start = left
    for verdict, share in node.shares:
        axes.add_patch(Rectangle((start, top + HEIGHT - 0.9), share * WIDTH, 0.9, facecolor=_colour(verdict), edgecolor="none", zorder=3))
        start += share * WIDTH
    if node.standing and node.standing.misprints:
        corner_ = [(left + WIDTH, top), (left + WIDTH - 2.2, top), (left + WIDTH, top + 2.2)]
        axes.add_patch(Polygon(corner_, facecolor=_colour(Verdict.REFUTED), edgecolor="none", zorder=3))


KEY = (
    "left to right: what is used, what rests on it",
    "full line: a claim uses another;  dashed: its reason is in the list of rows",
    "red corner: a printed form was refuted;  bar: verdicts of the row's claims",
    "grey: a claim is not judged yet;  dashed box: a tool, or a row that is at home in the other part",
)
LEGEND_WIDTH, LEGEND_HEIGHT = 165.0, 2 * ROW + 3


def _legend(axes: Any, x: float, y: float) -> None:
    from matplotlib.patches import Rectangle

    _text(axes, x, y - 4, "A row has the colour and the letter of the weakest verdict of its claims.", 2.2, ha="left")
    start = x
    for verdict in Verdict:
        axes.add_patch(Rectangle((start, y - 1.2), 2.4, 2.4, facecolor=_colour(verdict), edgecolor="none"))
        _text(axes, start + 3.4, y, f"{verdict.value[0].upper()}  {verdict.value}", 2.2, ha="left")
        start += 26
    for line, text in enumerate(KEY):
        _text(axes, x, y + 3.6 + 2.9 * line, text, 2.2, ha="left")
