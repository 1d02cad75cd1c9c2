r"""The chance that independent neurons serve every demand, by inclusion and exclusion over the demands that none of them serves."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.basins import Served, demands_of, served_by_each
from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.rules.local import LocalRule, Replacement

MOST_SUBSETS = 64
"""Sets of demands: the check counts patterns of as many widths."""


@final
class InclusionExclusion(LocalRule):
    r"""P[every demand is served] = sum over sets S of demands of (-1)^|S| r_S^n, r_S the chance that one neuron serves none of S.

    >>> from lemmata.theory.basins import served, singletons
    >>> from lemmata.theory.derivation import Derivation
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> Derivation(served(n, singletons(1)), Domain((n,))).by(inclusion_exclusion).end
    -2*(3/4)**n + 1 + (1/2)**n
    """

    name = "inclusion_exclusion"
    kinds: ClassVar[tuple[type, ...]] = (Served,)
    needs = "chance that independent neurons serve every demand, with the numbers of demands named"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        terms = weights(node)
        after = sp.Add(*(weight * ratio**node.neurons for ratio, weight in terms.items()))
        return Replacement(node, after, domain, "inclusion and exclusion: neurons are independent")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """As many widths as there are sets of demands, counted neuron by neuron: that decides all widths.

        The numbers of patterns that serve exactly T, for all T, are multiplied by one matrix per neuron; it has a row for each set,
        so that by Cayley and Hamilton the chance obeys a linear recurrence of at most that order, with 1 as leading coefficient.
        The matrix is triangular along inclusion, with the ratios r_S on its diagonal, so that r_S^n obeys the same recurrence.
        A ratio 0, whose power is gone for n >= 1, counts at n = 0 alone, where 0^0 = 1.
        """
        node = replacement.before
        demands = demands_of(node.data)
        masks, everything = Counter(served_by_each(demands)), 2 ** len(demands) - 1
        patterns, total = Counter({0: 1}), 1
        gone = weights(node).get(sp.Integer(0), 0) if node.neurons.is_positive else 0
        for width in range(2 ** len(demands)):
            stated = replacement.after.xreplace({node.neurons: sp.Integer(width)}) + (gone if width == 0 else 0)
            if stated != sp.Rational(patterns[everything], total):
                raise NotDischarged(f"{patterns[everything]} of {total} patterns of {width} neurons serve every demand, not {stated}")
            patterns, total = _one_more(patterns, masks), total * sum(masks.values())


def weights(node: Served) -> dict[Any, int]:
    """How often each ratio r_S appears, with its sign; raises NotApplicable where the demands are not numbers, or too many."""
    try:
        demands = demands_of(node.data)
    except ValueError as error:
        raise NotApplicable(str(error)) from error
    if 2 ** len(demands) > MOST_SUBSETS or not isinstance(node.neurons, sp.Symbol):
        raise NotApplicable(f"at most {MOST_SUBSETS} sets of demands, and the width a symbol")
    masks = served_by_each(demands)
    found: dict[Any, int] = {}
    for chosen in product((0, 1), repeat=len(demands)):
        left_out = sum(bit << place for place, bit in enumerate(chosen))
        ratio = sp.Rational(sum(mask & left_out == 0 for mask in masks), len(masks))
        found[ratio] = found.get(ratio, 0) + (-1) ** sum(chosen)
    return {ratio: weight for ratio, weight in found.items() if weight}


def _one_more(patterns: Counter[int], masks: Counter[int]) -> Counter[int]:
    """The patterns by what they serve, with one neuron more."""
    after: Counter[int] = Counter()
    for served, count in patterns.items():
        for mask, times in masks.items():
            after[served | mask] += count * times
    return after


inclusion_exclusion = InclusionExclusion()
