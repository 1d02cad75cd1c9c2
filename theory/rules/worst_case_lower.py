r"""The least squared gradient over n gradients of descent on M-smooth functions is at least what an exhibited function gives.

    straight    Delta/((n - 1)(alpha - M alpha^2/4) + 1/(2M))                  attained for M alpha <= 1
    zigzag      Delta/((n - 1)(alpha - M^2 alpha^3/4) + 1/(2M))                attained for 1 <= M alpha <= sqrt(3)
    parabola    2 M Delta min(1, (1 - M alpha)^2)^(n - 1)                      attained for M alpha >= 2, and for n = 2 from sqrt(3) on

The first two are those of `theory/worst_functions.py`, the last is M w^2/2. Source of the first: Abbaszadehpeivasti,
de Klerk & Zamani (2022), the function that attains theorem 2 for steps up to 1/M.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.rules.local import LocalRule, Replacement
from lemmata.theory.rules.worst_case_terms import RelativeStep, least_gradient, require_smooth, require_starts, weaker
from lemmata.theory.rules.worst_case_upper import SOURCE, first_gradient_at_most, least_gradient_at_most, second_gradient_at_most
from lemmata.theory.worst_cases import WorstCase
from lemmata.theory.worst_functions import SIGN, Iterates, straight, zigzag

SUFFICIENCY = (
    "values and gradients that satisfy all pair inequalities are those of an M-smooth function "
    "(Taylor, Hendrickx & Glineur 2017, theorem 3.10)"
)

FAMILIES = {"straight": straight, "zigzag": zigzag}


@final
class LeastGradientAtLeast(Rule):
    """The value on one family, "straight" or "zigzag", or by default on the one that is worst for the step.

    `args`: nothing, or the family's name, or its name and a larger drop and end, which give a weaker bound.
    """

    name = "least_gradient_at_least"
    source = "Abbaszadehpeivasti, de Klerk & Zamani (2022), the function that attains theorem 2"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = least_gradient(expr)
        relative = RelativeStep.of(node, domain)
        found = families(args[:1], relative)
        drop, end = relative.least([iterates.drop for iterates in found], node.among.upper), sp.Rational(1, 2)
        if args[1:]:
            drop, end = (relative.shown(part) for part in weaker(args[1:], node, relative))
        because = " or ".join(
            f"{iterates.name} iterates $w_k = {_tuple(iterates.point, relative)}$, $g_k = {_tuple(iterates.gradient, relative)}$"
            for iterates in found
        )
        after = sp.together(node.normalised()[0] / ((node.time - 1) * drop + end))
        return Rewrite(after, f"a function with $M = 1$ and {because}, all gradients of one length", Link.AT_LEAST, (SUFFICIENCY,))

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The iterates, the pair inequalities for all k and d, the lengths; the excess (n - 1) drop + 1/2 in units of |g|^2/M."""
        node = least_gradient(before)
        require_smooth(node, domain, all_of_them=True)
        require_starts(node, domain)
        relative = RelativeStep.of(node, domain)
        drops = []
        for iterates in families(args[:1], relative):
            iterates.discharge(relative.nonnegative)
            drops.append(iterates.at(iterates.value, sp.S.Zero, 1) - iterates.at(iterates.value, sp.S.One, -1))
        drop, end = relative.least(drops, node.among.upper), sp.Rational(1, 2)
        if args[1:]:
            large, last = weaker(args[1:], node, relative)
            require(any(relative.nonnegative(large - found) for found in drops), f"the drop {drops} was not proved to be {large} or less")
            require(relative.nonnegative(last - end), f"the end 1/2 was not proved to be {last} or less")
            drop, end = relative.shown(large), relative.shown(last)
        excess = (node.time - 1) * drop + end
        require(exact.equal(rewrite.after * excess, node.normalised()[0], domain), "the bound is not M Delta over the excess")


@final
class ParabolaAtLeast(Rule):
    """On M w^2/2 gradients shrink by 1 - M alpha a step, or grow."""

    name = "parabola_at_least"
    source = "Nesterov (2018), section 1.2.3"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = least_gradient(expr)
        ratio = self._least_ratio(RelativeStep.of(node, domain))
        return Rewrite(2 * node.normalised()[0] * ratio ** (node.time - 1), r"on $M w^2/2$, $g_k = (1 - M\alpha)^k g_0$", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """With M = 1 from w_0 = 1: L_0 - L_* = 1/2, g_k = (1 - h)^k, and the least of (1 - h)^(2k) over k < n is at an end."""
        node = least_gradient(before)
        require_smooth(node, domain, all_of_them=True)
        require_starts(node, domain)
        w = sp.Dummy("w", real=True)
        parabola = w**2 / 2
        relative = RelativeStep.of(node, domain)
        moved = sp.expand(w - relative.value * sp.diff(parabola, w))
        require(sp.expand(moved - (1 - relative.value) * w) == 0, "a step does not multiply by 1 - M alpha")
        start = parabola.xreplace({w: sp.S.One})
        ratio = self._least_ratio(relative)
        claimed = node.normalised()[0] / start * ratio ** (node.time - 1)
        require(exact.equal(rewrite.after, claimed, domain), "the least squared gradient on the parabola is another")

    def _least_ratio(self, relative: RelativeStep) -> Any:
        """min(1, (1 - M alpha)^2)."""
        ratio = (1 - relative.value) ** 2
        if relative.nonnegative(relative.value - 2):
            return sp.S.One
        if relative.nonnegative(2 - relative.value):
            return relative.shown(ratio)
        return relative.shown(sp.Min(1, ratio))


@final
class LeastGradientExactly(LocalRule):
    """Both bounds at once, where they agree: for M alpha <= sqrt(3), for M alpha >= 2, and in between for two gradients."""

    name = "least_gradient_exactly"
    source = SOURCE
    kinds: ClassVar[tuple[type, ...]] = (WorstCase,)
    needs = "least squared gradient in the worst case"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        above, below = (rule.apply(node, domain=domain) for rule in _sides(node, domain))
        because = f"at most: {above.because}; at least: {below.because}"
        return Replacement(node, above.after, domain, because, (*above.assumes, *below.assumes))

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Each side's own check, and that the two ends are equal."""
        node, domain = replacement.before, replacement.domain
        for rule in _sides(node, domain):
            side = rule.apply(node, domain=domain)
            rule.check(node, side, domain=domain)
            require(exact.equal(replacement.after, side.after, domain), f"the bounds do not meet: {replacement.after} and {side.after}")


def _sides(node: Any, domain: Domain) -> tuple[Rule, Rule]:
    """A rule from above and one from below that are both sharp for the step."""
    relative = RelativeStep.of(least_gradient(node), domain)
    if relative.nonnegative(relative.value - 2):
        return first_gradient_at_most, parabola_at_least
    if node.time == 2 and relative.nonnegative(relative.value**2 - 3):
        return second_gradient_at_most, parabola_at_least
    return least_gradient_at_most, least_gradient_at_least


def _tuple(entries: tuple[Any, ...], relative: RelativeStep) -> str:
    """A point in LaTeX, the sign written as the power that it is."""
    return f"({', '.join(sp.latex(relative.shown(entry), symbol_names={SIGN: '(-1)^k'}) for entry in entries)})"


def families(args: tuple[Any, ...], relative: RelativeStep) -> list[Iterates]:
    """The families that a rule is asked for, or those that are worst for max(1, M alpha)."""
    if len(args) > 1 or not all(name in FAMILIES for name in args):
        raise NotApplicable(f"name one family of iterates, {' or '.join(FAMILIES)}, or none")
    names = args or tuple("straight" if s == 1 else "zigzag" for s, _ in relative.cases())
    return [FAMILIES[name](relative.value) for name in names]


least_gradient_at_least = LeastGradientAtLeast()
parabola_at_least = ParabolaAtLeast()
least_gradient_exactly = LeastGradientExactly()
