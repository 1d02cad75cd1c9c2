"""Exact points of a domain: stratified fractions are mapped through the ranges that the values drawn so far leave."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import sympy as sp

from lemmata.theory.domain.bounds import Affine
from lemmata.theory.domain.equations import Solved
from lemmata.theory.domain.hypotheses import truth, value_of
from lemmata.theory.domain.matrix_points import extreme_matrices, matrix
from lemmata.theory.domain.span import Span
from lemmata.theory.exact.constants import NotEnclosed

if TYPE_CHECKING:
    from lemmata.theory.domain import Domain

FINE = 97
"""Denominator of the position inside a stratum: prime, so that midpoints and quarters are not favoured."""

REDRAWS = 40
"""Times one wanted point is drawn anew before the next one is tried."""


@dataclass(frozen=True, slots=True)
class End:
    """In a plan: take the symbol at an end of the range that the symbols drawn before it leave, if it has one."""

    upper: bool


def draw(domain: Domain, count: int, rng: random.Random, *, wide: bool) -> list[dict[Any, Any]]:
    """At most `count` distinct admissible points; see `Domain.points`."""
    if sp.false in domain.hypotheses or count < 1:
        return []
    if not domain.symbols:
        return [{}] if domain.satisfies({}) else []
    found: dict[tuple[Any, ...], dict[Any, Any]] = {}
    plans = list(_plans(domain, count, rng, wide=wide))
    failures, repeats = 0, 0
    while plans and len(found) < count and failures < _patience(count) and repeats < REDRAWS:
        plan = plans.pop(0)
        for _ in range(REDRAWS):
            point = attempt(domain, plan, rng)
            key = () if point is None else tuple(point[symbol] for symbol in domain.symbols)
            if key in found:
                repeats += 1
            elif point is not None and domain.satisfies(point) is True:
                found[key], repeats = point, 0
                break
            plan = {symbol: chosen for symbol, chosen in plan.items() if not isinstance(chosen, Fraction) and rng.random() < 0.7}
        else:
            failures += 1
        if not plans and len(found) < count:
            plans = [{} for _ in range(count - len(found))]
    return list(found.values())


def _patience(count: int) -> int:
    """Wanted points that may fail before the drawing stops: 10 of them are 400 tries."""
    return 10 if count < 10 else count


def blame(domain: Domain, tries: int, rng: random.Random) -> str:
    """Which hypothesis turned away most of the draws, in words."""
    culprits: Counter[str] = Counter()
    for _ in range(tries):
        point = attempt(domain, {}, rng)
        if point is None:
            culprits["the ranges that the hypotheses leave one after the other are empty"] += 1
            continue
        for part in domain.hypotheses:
            answer = truth(part, point)
            if answer is not True:
                culprits[f"the hypothesis {part} {'could not be decided exactly' if answer is None else 'was not met'}"] += 1
                break
    return culprits.most_common(1)[0][0] if culprits else "the hypotheses are too narrow for the draws"


def _plans(domain: Domain, count: int, rng: random.Random, *, wide: bool) -> Iterator[dict[Any, Any]]:
    """For each wanted point the values or fractions to begin with: extremes if wanted, some ends, then a Latin hypercube."""
    free = [symbol for symbol in domain.scalars if symbol not in domain.sizes]
    interior = count - count // 2 if wide else count
    if wide:
        yield from _extreme_plans(domain, count - interior, rng)
    ends = list(_ends(domain, free))
    structured = min(count // 3, len(ends))
    strata = {symbol: rng.sample(range(interior), interior) for symbol in free}
    for index in range(interior):
        plan: dict[Any, Any] = {
            symbol: Fraction(strata[symbol][index] * FINE + rng.randint(1, FINE - 1), interior * FINE) for symbol in free
        }
        if index < structured:
            symbol, end = ends[index]
            plan[symbol] = end
        yield plan


def _ends(domain: Domain, free: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Symbols and the ends at which to take them: upper ends first, those of a symbol's own range beside those that others leave.

    A hypothesis such as M alpha >= 2 has a border on which a statement may fail first, and neither symbol has an end of its own.
    """
    own = [symbol for symbol in free if domain.spans[symbol].ends()]
    place = {symbol: index for index, symbol in enumerate(domain.scalars)}
    joint = [symbol for symbol in free if any(_drawn_last(form, symbol, place) for form in domain.forms)]
    for upper in (True, False):
        of_its_own = [(symbol, domain.spans[symbol].ends()[-1 if upper else 0]) for symbol in own]
        of_others = [(symbol, End(upper)) for symbol in joint]
        for pair in zip_longest(of_its_own, of_others):
            yield from filter(None, pair)


def _drawn_last(form: Affine, symbol: Any, place: Mapping[Any, int]) -> bool:
    """Whether the form bounds a symbol by others that are all drawn before it."""
    others = form.a.free_symbols | form.b.free_symbols
    return form.symbol == symbol and bool(others) and all(place.get(other, len(place)) < place[symbol] for other in others)


def _extreme_plans(domain: Domain, count: int, rng: random.Random) -> Iterator[dict[Any, Any]]:
    """The first two at ends; then every extreme value of every symbol in turn, the other symbols extreme more often than not;
    then symbols at any order of magnitude."""
    extremes = {
        symbol: [value for value in dict.fromkeys(span.extremes()) if span.holds(value) is not False]
        for symbol, span in domain.spans.items()
        if symbol not in domain.sizes
    }
    turns = [(symbol, value) for values in zip_longest(*_each(extremes)) for symbol, value in filter(None, values)]
    for index in range(count):
        plan: dict[Any, Any] = {}
        for symbol, values in extremes.items():
            if values and (index < 2 or rng.random() < 0.6):
                plan[symbol] = values[0] if index == 0 else values[min(1, len(values) - 1)] if index == 1 else rng.choice(values)
        for symbol in domain.matrices:
            if index < 2 or rng.random() < 0.5:
                plan[symbol] = ("extreme", rng.random())
        if index >= 2 and index - 2 < len(turns):
            symbol, value = turns[index - 2]
            plan[symbol] = value
        elif index >= 2 and extremes:
            plan = _far_plan(domain, list(extremes), plan, rng)
        yield plan


def _far_plan(domain: Domain, symbols: list[Any], plan: Mapping[Any, Any], rng: random.Random) -> dict[Any, Any]:
    """Each symbol at some order of magnitude with even odds, and at least one; the others as they were planned or free."""
    chosen = [symbol for symbol in symbols if rng.random() < 0.5] or [rng.choice(symbols)]
    kept = {symbol: value for symbol, value in plan.items() if rng.random() < 0.3}
    return kept | {symbol: value for symbol in chosen if (value := domain.spans[symbol].far(rng)) is not None}


def _each(extremes: Mapping[Any, list[Any]]) -> list[list[tuple[Any, Any]]]:
    return [[(symbol, value) for value in values] for symbol, values in extremes.items()]


def attempt(domain: Domain, plan: Mapping[Any, Any], rng: random.Random) -> dict[Any, Any] | None:
    """One draw: sizes, free scalars, scalars determined by equations, matrices; None where some range is empty.

    `plan` holds for some symbols an exact value, or the fraction of the range at which to take it.
    """
    point: dict[Any, Any] = {}
    determined = {step.symbol for step in domain.determined if isinstance(step, Solved)}
    if not _draw_sizes(domain, determined, point, rng):
        return None
    for symbol in domain.scalars:
        if symbol in determined or symbol in point:
            continue
        value = _scalar(domain, symbol, plan.get(symbol), point, rng)
        if value is None:
            return None
        point[symbol] = value
    early = [step for step in domain.determined if isinstance(step, Solved) and not step.needs & set(domain.matrices)]
    late = [step for step in domain.determined if isinstance(step, Solved) and step.needs & set(domain.matrices)]
    done = _draw_solved(early, point, rng) and _draw_matrices(domain, plan, point, rng) and _draw_solved(late, point, rng)
    return point if done else None


def _draw_solved(steps: Iterable[Solved], point: dict[Any, Any], rng: random.Random) -> bool:
    """Scalars that equations determine, a branch of each at random."""
    for step in steps:
        values = step.values(point)
        if not values:
            return False
        point[step.symbol] = rng.choice(values)
    return True


def _draw_sizes(domain: Domain, determined: set[Any], point: dict[Any, Any], rng: random.Random) -> bool:
    """Sizes: small unequal integers (2 to 4 for one or two of them, 2 to 6 for four) where the hypotheses allow it."""
    sizes = [symbol for symbol in domain.scalars if symbol in domain.sizes and symbol not in determined]
    for symbol in sizes:
        span = conditional(domain, symbol, point)
        first = max(2, int(span.lower)) if span.lower.is_finite else 2
        last = first + max(2, len(sizes))
        if span.upper.is_finite:
            first, last = min(first, int(span.upper)), min(last, int(span.upper))
        allowed = [n for n in range(max(first, int(span.lower)), last + 1) if (n - span.residue) % max(span.modulus, 1) == 0]
        if span.values is not None:
            allowed = [int(value) for value in span.values]
        fresh = [n for n in allowed if n not in point.values()]
        if not allowed:
            return False
        point[symbol] = sp.Integer(rng.choice(fresh or allowed))
    return True


def conditional(domain: Domain, symbol: Any, point: Mapping[Any, Any]) -> Span:
    """The range of a symbol once the symbols of `point` are known."""
    span = domain.spans[symbol]
    for form in domain.forms:
        if form.symbol == symbol and (form.a.free_symbols or form.b.free_symbols):
            span = form.tighten(span, point)
    return span


def _scalar(domain: Domain, symbol: Any, wanted: Any, point: Mapping[Any, Any], rng: random.Random) -> Any | None:
    if wanted is not None and not isinstance(wanted, (Fraction, End)):
        return wanted
    span = conditional(domain, symbol, point)
    if isinstance(wanted, End) and (ends := span.ends()):
        return ends[-1 if wanted.upper else 0]
    if span.is_empty:
        return None
    fraction = wanted if isinstance(wanted, Fraction) else Fraction(rng.randint(1, FINE * 8 - 1), FINE * 8)
    try:
        value = span.at(fraction)
    except NotEnclosed:
        return None
    return value * sp.sqrt(2) if value is not None and symbol.is_irrational else value


def _draw_matrices(domain: Domain, plan: Mapping[Any, Any], point: dict[Any, Any], rng: random.Random) -> bool:
    defined = dict(step for step in domain.determined if not isinstance(step, Solved))
    for symbol in domain.matrices:
        if symbol in defined:
            continue
        rows, columns = (int(side.xreplace(point)) for side in symbol.shape)
        properties = domain.properties[symbol]
        extremes = extreme_matrices(rows, columns, properties) if symbol in plan else []
        value = rng.choice(extremes) if extremes else matrix(rows, columns, properties, rng)
        if value is None:
            return False
        point[symbol] = value
    for symbol, expression in defined.items():
        value = value_of(expression, point)
        if value is None:
            return False
        point[symbol] = sp.ImmutableMatrix(value)
    return True
