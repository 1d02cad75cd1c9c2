"""Which row rests on which: the edges between the statements of the sources, and the tools that several of them share.

An edge between two rows with claims is carried by claims (one that speaks for the upper row uses one that speaks for the lower, or one
claim speaks for both), or says why none of its claims needs the other's. A claim uses another where it begins with what that one shows: a
closed form, an exponent, the map of a layer, a part of a network; it is then never better than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lemmata.verify.catalogue import Entry
from lemmata.verify.rows.coverage import Covered, coverage


@dataclass(frozen=True, slots=True)
class Tool:
    """A theorem that rows rest on and that is no row: `where` says by what it enters their claims."""

    name: str
    statement: str
    where: str


TOOLS = (
    Tool("Price", "Price's theorem and Stein's lemma: how a Gaussian mean moves with its covariance.", "the rules `price` and `stein`"),
    Tool("k_1 series", "The expansions of the ReLU's kernel k_1 at 1 and at -1.", "relu-kernel-near-one and relu-kernel-near-minus-one"),
    Tool("Funk-Hecke", "The eigenvalues of a zonal kernel are integrals against Gegenbauer polynomials.", "integrals in the statements"),
)
"""What stands at the graph's roots beside rows."""

_MAP_ITSELF = "its claims are facts on the map, whichever network it belongs to; that it is a wide network's is Y.66"
_NO_LOSS = "the laws of neurons along a path are compared, without any loss"

RESTS_ON: Mapping[str, Mapping[str, str]] = {
    "D.2": {"Funk-Hecke": ""},
    "D.3": {
        "D.7": "",
        "Funk-Hecke": "",
    },
    "D.7": {"Price": ""},
    "D.9": {
        "D.1": "",
        "D.6": "",
    },
    "D.10": {"D.7": "", "k_1 series": ""},
    "D.11": {"D.7": "", "Funk-Hecke": ""},
    "D.14": {"Price": ""},
    "D.16": {"D.7": "", "k_1 series": ""},
    "C.5": {"C.8": "exact where the kernel does not move, and measured where it does; that it moves less the wider the network is C.8"},
    "C.8": {"C.1": ""},
    "C.9": {"C.8": "the flow of any kernel that stays as it is; that a wide network's nearly does is C.8"},
    "C.10": {"C.12": ""},
    "C.12": {"D.7": "", "k_1 series": "", "Funk-Hecke": ""},
    "C.14": {"C.12": "", "Funk-Hecke": ""},
    "C.17": {"C.12": "", "C.9": ""},
    "C.18": {"C.12": "", "C.9": "", "C.13": "enters through C.14, whose series is that of the process which C.13 gives", "C.14": ""},
    "C.19": {"C.12": ""},
    "Y.4": {"Y.19": "stated on parabolas, whose gradient is linear; near other minima Y.19 says that it nearly is"},
    "Y.10": {"Y.11": ""},
    "Y.12": {"Y.10": ""},
    "Y.13": {"Y.10": ""},
    "Y.14": {
        "Y.19": "its runs are followed exactly to a degenerate point, of which linearisation says nothing, and along a line of a saddle"
    },
    "Y.20": {"Y.19": ""},
    "Y.21": {"Y.19": "its losses have a linear gradient near the saddle, by construction"},
    "Y.28": {"D.7": "", "Y.27": ""},
    "Y.29": {"Y.27": ""},
    "Y.30": {"Y.27": ""},
    "Y.32": {
        "Y.28": "",
        "Y.29": "one spurious minimum refutes; the table says how often one is met",
        "Y.30": "one spurious minimum refutes; the table says how often one is met",
    },
    "Y.33": {"Y.32": "one neuron against another that computes the same, without any loss"},
    "Y.34": {"Y.32": _NO_LOSS},
    "Y.35": {"Y.32": _NO_LOSS},
    "Y.40": {
        "Y.41": "a factorisation is built or bounded for named matrices, whose determinant is seen to be positive",
        "Y.42": "",
        "Y.43": "its rotations are given by their angles",
    },
    "Y.44": {"Y.60": ""},
    "Y.45": {"Y.44": ""},
    "Y.46": {"Y.44": ""},
    "Y.47": {"Y.44": ""},
    "Y.48": {"Y.47": ""},
    "Y.49": {"Y.48": ""},
    "Y.50": {
        "Y.49": "descent is followed by its own map, with steps of any length",
        "Y.10": "the rate near the solution is that of the map there; no Lipschitz constant of the whole loss is used",
    },
    "Y.51": {"Y.44": ""},
    "Y.53": {"Y.56": ""},
    "Y.56": {"Y.54": "shown directly, at the very point of Y.54, which it explains"},
    "Y.60": {"Y.7": ""},
    "Y.61": {"Y.60": ""},
    "Y.62": {"Y.60": ""},
    "Y.66": {"Y.65": ""},
    "Y.67": {"Y.66": "", "D.7": ""},
    "Y.68": {"Y.66": _MAP_ITSELF, "Price": ""},
    "Y.69": {"Y.66": _MAP_ITSELF},
    "Y.71": {"Y.70": ""},
    "Y.72": {"Y.71": "", "Price": ""},
    "Y.73": {"Y.71": ""},
    "Y.74": {"Y.71": "", "D.7": "", "k_1 series": ""},
    "Y.75": {"Y.68": "", "Price": ""},
    "Y.76": {"Y.71": "", "Price": ""},
    "Y.77": {"Y.60": ""},
    "Y.78": {"Y.77": ""},
    "Y.79": {"Y.72": ""},
    "Y.80": {"Y.78": "", "Y.72": ""},
    "S.5": {
        "S.6": "",
        "S.7": "",
        "S.8": "",
        "S.9": "the condition is checked at the start itself; S.9 says how often it holds",
    },
    "S.9": {"S.3": ""},
    "S.13": {"S.12": "a count of sign patterns, into which the loss does not enter"},
    "S.14": {"S.12": ""},
    "S.15": {"S.3": "", "S.16": ""},
    "S.16": {"S.12": ""},
    "S.18": {"S.3": "", "S.16": ""},
    "S.20": {"S.3": "", "S.16": ""},
    "S.22": {"S.3": "", "S.16": "", "S.23": ""},
}
"""Row to the rows and tools that it rests on, each with the reason why no claim carries that edge, if none does."""

KIN = (
    ("D.7", "Y.74", "C.12"),
    ("Y.54", "S.14"),
    ("S.9", "D.10", "S.22"),
)
"""Rows with one mechanism: the same kernel, a product map that is not open at 0, networks without biases that are homogeneous."""


def edges() -> Iterator[tuple[str, str]]:
    """Each row or tool with one that it rests on, in the rows' order.

    >>> ("Y.10", "Y.11") in set(edges())
    True
    """
    return ((upper, lower) for upper, below in RESTS_ON.items() for lower in below)


def carriers(entries: Iterable[Entry]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """For each edge between rows the pairs (claim of the upper row, claim of the lower that it uses); equal names for one claim of both.

    Claims that are known to be wrong carry nothing.
    """
    rows = {covered.row.name: covered for covered in coverage(entries)}
    return {(upper, lower): _pairs(rows[upper], rows[lower]) for upper, lower in edges() if lower in rows}


def _pairs(upper: Covered, lower: Covered) -> list[tuple[str, str]]:
    below = {entry.name for entry in lower.claims if entry.expect is None}
    found = []
    for entry in upper.claims:
        if entry.expect is None:
            found += [(entry.name, name) for name in (entry.name, *(used.name for used in entry.uses)) if name in below]
    return found


def faults(entries: Iterable[Entry]) -> Iterator[str]:
    """What is wrong with the edges, one sentence each: unknown rows, edges that nothing carries, reasons that are not needed."""
    entries = tuple(entries)
    rows = {covered.row.name: covered for covered in coverage(entries)}
    known = {*rows, *(tool.name for tool in TOOLS)}
    for upper, lower in edges():
        for name in (upper, lower):
            if name not in known:
                yield f"the edge from {upper} to {lower} names {name}, which is no row: correct it"
    for (upper, lower), pairs in carriers(entries).items():
        reason = RESTS_ON[upper][lower]
        claimed = all(any(entry.expect is None for entry in rows[name].claims) for name in (upper, lower))
        if claimed and not pairs and not reason:
            yield f"{upper} rests on {lower}, but no claim of {upper} uses one of {lower}: add it to uses=, or say why not"
        if pairs and reason:
            yield f"{upper} rests on {lower} by {pairs[0][0]} and still says why no claim carries it: remove the reason"


def circle(rests_on: Mapping[str, Iterable[str]]) -> list[str]:
    """A circle of things that rest on one another; empty where there is none.

    >>> circle({"a": ["b"], "b": ["c"], "c": ["a"]}), circle({"a": ["b", "c"], "b": ["c"]})
    (['a', 'b', 'c', 'a'], [])
    """
    done: set[str] = set()
    for start in rests_on:
        stack = [(start, iter(rests_on.get(start, ())))] if start not in done else []
        trail = [start] if stack else []
        while stack:
            name, below = stack[-1]
            lower = next(below, None)
            if lower is None:
                stack.pop()
                done.add(trail.pop())
            elif lower in trail:
                return [*trail[trail.index(lower) :], lower]
            elif lower not in done:
                trail.append(lower)
                stack.append((lower, iter(rests_on.get(lower, ()))))
    return []
