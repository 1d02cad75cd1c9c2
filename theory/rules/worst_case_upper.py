r"""The least squared gradient of n, for descent on M-smooth functions, is at most what consecutive iterates allow.

    sup min_{0<=k<n} |grad L(w_k)|^2 <= Delta/((n - 1)(alpha - s M alpha^2/4) + 1/(2M)),   s = max(1, M alpha),  M alpha <= sqrt(3)

so that n = N + 1 gradients give 4 Delta/(N min(4 alpha - M alpha^2, 4 alpha - M^2 alpha^3) + 2/M). Proof: each step gains
c_0 |g_k|^2 + c_1 |g_{k+1}|^2 and a square, by the two pair inequalities of its ends (`interpolation.one_step`, an
identity between rational functions); the gains telescope over the n - 1 steps; the last iterate adds |g_{n-1}|^2/(2M).
With M = 1 and Delta = 1, which scaling allows (`WorstCase.normalised`). Source: Abbaszadehpeivasti, de Klerk & Zamani
(2022), theorem 2.
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.interpolation import (
    Certificate,
    descent_step,
    follows_from_descent_lemma,
    in_a_field,
    one_step,
    telescoped,
    two_gradients,
)
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.rules.worst_case_terms import RelativeStep, least_gradient, require_smooth, weaker

SOURCE = "Abbaszadehpeivasti, de Klerk & Zamani (2022), theorem 2"
NECESSITY = "every M-smooth function satisfies the pair inequalities of interpolation (Taylor, Hendrickx & Glineur 2017, theorem 3.10)"

CHECKED_OUT = 50
"""Up to so many gradients the whole certificate is also checked where their number is given."""


class ByTelescoping(Rule):
    """A bound Delta/((n - 1) gain + end) from what pair inequalities say of one step, the same for each; end = 1/(2M).

    `args`: nothing, or a smaller gain and a smaller end, which give a weaker bound.
    """

    @abc.abstractmethod
    def gains(self, relative: RelativeStep) -> list[Any]:
        """What a step adds to the weights of the squared gradients, with M = 1: one for each case of the step."""

    @abc.abstractmethod
    def certificates(self, relative: RelativeStep) -> list[tuple[Certificate, Callable[[Any], Any], RelativeStep]]:
        """The certificate of one step for each case, and the way back from its field."""

    @abc.abstractmethod
    def multipliers(self, relative: RelativeStep) -> str:
        """The multipliers and what they give, in LaTeX."""

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = least_gradient(expr)
        relative = RelativeStep.of(node, domain)
        because = (
            f"pair inequalities of consecutive iterates with multipliers {self.multipliers(relative)}, telescoped; "
            r"$L - L_* \ge \|g\|^2/(2M)$ at the last iterate, with multiplier 1"
        )
        gain, end = relative.least(self.gains(relative), node.among.upper), sp.Rational(1, 2)
        if args:
            gain, end = (relative.shown(part) for part in weaker(args, node, relative))
            because += rf"; a step gains at least ${sp.latex(gain / node.among.upper)}$, the end ${sp.latex(end / node.among.upper)}$"
        return Rewrite(sp.together(node.normalised()[0] / ((node.time - 1) * gain + end)), because, Link.AT_MOST, (NECESSITY,))

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """One step's identity in a field of rational functions, its signs, the telescoped weights; all n steps where n is a number."""
        node = least_gradient(before)
        require_smooth(node, domain)
        require(follows_from_descent_lemma(sp.S.One), "the pair inequality does not follow from the descent lemma")
        relative = RelativeStep.of(node, domain)
        totals = [_total(node.time, gain, back, case) for gain, back, case in self.certificates(relative)]
        # the weights of a step are >= 0, and so is n - 1: the sum of all weights is at least 1/2
        gain, end = relative.least(totals, node.among.upper), sp.Rational(1, 2)
        if args:
            small, last = weaker(args, node, relative)
            for total, (_, _, case) in zip(totals, self.certificates(relative), strict=True):
                require(case.nonnegative(total - small), f"a step gains {total}, which was not proved to be {small} or more")
            require(relative.nonnegative(end - last), f"the end gains 1/2, which was not proved to be {last} or more")
            require(
                relative.nonnegative(small) and exact.positive(last, relative.domain), "a smaller gain >= 0 and end > 0 were not proved"
            )
            gain, end = relative.shown(small), relative.shown(last)
        weights = (node.time - 1) * gain + end
        require(exact.equal(rewrite.after * weights, node.normalised()[0], domain), "the bound is not M Delta over the sum of the weights")


def _total(n: Any, gain: Certificate, back: Callable[[Any], Any], relative: RelativeStep) -> Any:
    """The weights that one step adds, verified, with all steps together where their number is given; raises NotDischarged."""

    def nonnegative(value: Any) -> bool:
        return relative.nonnegative(sp.expand(back(value)))

    gain.verify(nonnegative, lambda value: relative.shown(back(value)))
    if n.is_Integer and n <= CHECKED_OUT:
        whole = telescoped(int(n), gain)
        whole.verify(nonnegative, lambda value: relative.shown(back(value)))
        sums = back(whole.total) - (n - 1) * back(gain.total)
        require(exact.is_zero(sums - sp.Rational(1, 2)), "the weights of the whole certificate have another sum")
    return sp.expand(back(gain.total))


@final
class LeastGradientAtMost(ByTelescoping):
    """The exact bound for M alpha <= sqrt(3), with multipliers (s + 1)/2 and (s - 1)/2, s = max(1, M alpha)."""

    name = "least_gradient_at_most"
    source = SOURCE

    def gains(self, relative: RelativeStep) -> list[Any]:
        return [relative.value - s * relative.value**2 / 4 for s, _ in relative.cases()]

    def certificates(self, relative: RelativeStep) -> list[tuple[Certificate, Callable[[Any], Any], RelativeStep]]:
        found = []
        for s, case in relative.cases():
            (one, step, total), back = in_a_field(sp.S.One, relative.value, s)
            found.append((one_step(one, step, total), back, case))
        return found

    def multipliers(self, relative: RelativeStep) -> str:
        s = sp.latex(relative.shown(sp.Max(*(s for s, _ in relative.cases()))))
        return (
            rf"$(s+1)/2$ forward and $(s-1)/2$ backward, $s = {s}$: "
            r"$L_k - L_{k+1} \ge \frac{3\alpha - s M \alpha^2}{4} \|g_k\|^2 + \frac{\alpha}{4} \|g_{k+1}\|^2 "
            r"+ \frac{s/M - \alpha}{4} \|g_k - g_{k+1}\|^2$"
        )


@final
class LeastGradientByDescentLemma(ByTelescoping):
    """Nesterov's bound for M alpha <= 2: forward multipliers alone, gain alpha (1 - M alpha/2) a step."""

    name = "least_gradient_by_descent_lemma"
    source = "Nesterov (2018), section 1.2.3"

    def gains(self, relative: RelativeStep) -> list[Any]:
        return [relative.value - relative.value**2 / 2]

    def certificates(self, relative: RelativeStep) -> list[tuple[Certificate, Callable[[Any], Any], RelativeStep]]:
        (one, step), back = in_a_field(sp.S.One, relative.value)
        return [(descent_step(one, step), back, relative)]

    def multipliers(self, relative: RelativeStep) -> str:
        return (
            r"1 forward and 0 backward: $L_k - L_{k+1} \ge \alpha (1 - M\alpha/2) \|g_k\|^2 "
            r"+ \frac{1}{4M} \|g_{k+1} - (1 - M\alpha) g_k\|^2$"
        )


@final
class SecondGradientAtMost(Rule):
    """Of two gradients, at steps M alpha >= sqrt(3): 2 M Delta (M alpha - 1)^2, as on a parabola."""

    name = "second_gradient_at_most"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = least_gradient(expr)
        if node.time != 2:
            raise NotApplicable(f"it bounds the least of two gradients, not of {node.time}")
        relative = RelativeStep.of(node, domain)
        after = 2 * node.normalised()[0] * relative.shown((1 - relative.value) ** 2)
        because = (
            r"pair inequalities of the two iterates with multipliers $m(h+1)/2$ forward and $m(h-1)/2$ backward, ends with $1-m$ and $m$, "
            r"$h = M\alpha$, $m = \frac{2}{(h-1)^2 (h+2)} \le 1$: $L_0 - L_* \ge \frac{\|g_1\|^2}{2M(h-1)^2}$"
        )
        return Rewrite(after, because, Link.AT_MOST, (NECESSITY,))

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The certificate, identity and signs, in a field of rational functions of the step; 1 - m = h (h^2 - 3)/(h^3 - 3h + 2)."""
        node = least_gradient(before)
        require_smooth(node, domain)
        require(follows_from_descent_lemma(sp.S.One), "the pair inequality does not follow from the descent lemma")
        relative = RelativeStep.of(node, domain)
        require(relative.nonnegative(relative.value**2 - 3), "the step was not proved to be sqrt(3)/M or more")
        (one, step), back = in_a_field(sp.S.One, relative.value)
        found = two_gradients(one, step)
        found.verify(lambda value: relative.nonnegative(back(value)), lambda value: relative.shown(back(value)))
        total = relative.shown(back(found.total))
        require(exact.equal(rewrite.after * total, node.normalised()[0], domain), "the bound is not M Delta over the weight")


@final
class FirstGradientAtMost(Rule):
    """The least squared gradient is at most the first one, which is at most 2 M Delta: for every step."""

    name = "first_gradient_at_most"
    source = "Nesterov (2018), section 1.2.3"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = least_gradient(expr)
        return Rewrite(2 * node.normalised()[0], r"$\|g_0\|^2 \le 2M(L_0 - L_*)$, the descent lemma at $w_0 - g_0/M$", Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The least of n >= 1 gradients is at most the first; with M = 1 the lemma at w_0 - g_0 gives L_0 - |g_0|^2/2 >= L_*."""
        node = least_gradient(before)
        require_smooth(node, domain)
        lowered = -sp.S.One + sp.Rational(1, 2)  # <g_0, -g_0> + |-g_0|^2/2, in units of |g_0|^2
        require(exact.is_zero(rewrite.after * -lowered - node.normalised()[0], domain), "the bound is not 2 M Delta")


least_gradient_at_most = LeastGradientAtMost()
least_gradient_by_descent_lemma = LeastGradientByDescentLemma()
second_gradient_at_most = SecondGradientAtMost()
first_gradient_at_most = FirstGradientAtMost()
