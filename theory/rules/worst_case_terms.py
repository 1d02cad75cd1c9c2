"""What the rules on worst cases share: the node they take, and the step in units of 1/M with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.iterates import Method, Reduction
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.worst_cases import Measure, Smooth, Start, WorstCase


def least_gradient(expr: Any) -> WorstCase:
    """The node of the least squared gradient of plain descent from a bounded excess; raises NotApplicable for anything else."""
    if not isinstance(expr, WorstCase) or expr.reduction is not Reduction.LEAST or expr.measure is not Measure.GRADIENT:
        raise NotApplicable('it takes a least squared gradient, worst_case(...).least[n, "gradient"]')
    if expr.start is not Start.EXCESS or expr.method is not Method.GRADIENT:
        raise NotApplicable("it takes gradient descent without momentum, from a start with bounded excess")
    return expr


def require_smooth(node: WorstCase, domain: Domain, *, all_of_them: bool = False) -> None:
    """Prove that gradients of the class are M-Lipschitz, M its largest curvature, that step and n fit; raises NotDischarged.

    `all_of_them`: and that the class holds every such function, which a lower bound needs.
    """
    upper, lower = node.among.upper, node.among.lower
    require(exact.positive(upper, domain), f"the Lipschitz constant {upper} > 0 was not proved")
    require(exact.positive(node.step, domain), f"the step {node.step} > 0 was not proved")
    require(bool(node.time.is_integer) and exact.positive(node.time, domain), f"{node.time} >= 1 and an integer was not proved")
    if all_of_them:
        require(isinstance(node.among, Smooth), "the function that attains the bound is not convex: the class must be Smooth(M)")
    require(exact.nonnegative(upper + lower, domain), "curvatures below -M are in the class: its gradients are not M-Lipschitz")


def require_starts(node: WorstCase, domain: Domain) -> None:
    """Prove that some start is within the excess; raises NotDischarged."""
    require(exact.nonnegative(node.bound, domain), f"the excess {node.bound} >= 0 was not proved")


@dataclass(frozen=True)
class RelativeStep:
    """The step in units of 1/M: a number, or one positive unknown with what the hypotheses say about it alone.

    value    the number or the unknown
    domain   the unknown and its hypotheses
    stands   what the unknown stands for, M alpha
    """

    value: Any
    domain: Domain
    stands: Any

    @classmethod
    def of(cls, node: WorstCase, domain: Domain) -> RelativeStep:
        """The relative step of a worst case.

        >>> from lemmata.theory.worst_cases import worst_case
        >>> M, alpha, Delta = sp.symbols("M alpha Delta", positive=True)
        >>> node = worst_case(Smooth(M), alpha, excess=Delta).least[3, "gradient"]
        >>> relative = RelativeStep.of(node, Domain((M, alpha, Delta), (sp.Le(alpha, sp.sqrt(3) / M),)))
        >>> h = relative.value
        >>> relative.stands, [relative.nonnegative(room) for room in (3 - h**2, 2 - h, 1 - h)]
        (M*alpha, [True, True, False])
        """
        step = sp.cancel(node.normalised()[1].step)
        if step.is_number:
            return cls(step, Domain(), step)
        symbol, t = _scale(step), sp.Dummy("t", positive=True)
        kept = []
        for part in domain.hypotheses:
            if isinstance(part, Relational):
                gap = sp.factor(sp.together((part.lhs - part.rhs).xreplace({symbol: t * sp.cancel(symbol / step)})))
                scale, alone = gap.as_independent(t, as_Add=False)
                alone = sp.Mul(*(item for item in sp.Mul.make_args(alone) if item.as_base_exp()[0] != t))  # t > 0 does not turn it
                if alone.free_symbols == {t} and exact.positive(scale, domain):
                    kept.append(part.func(alone, 0))
        return cls(t, Domain((t,), tuple(kept)), step)

    def shown(self, expr: Any) -> Any:
        """An expression in the step, written with what it stands for."""
        return expr if self.value.is_number else expr.xreplace({self.value: self.stands})

    def hidden(self, expr: Any) -> Any:
        """An expression in the statement's symbols, in which M alpha alone may occur, written in the unknown; or NotApplicable."""
        expr = sp.sympify(expr)
        if not self.value.is_number:
            symbol = _scale(self.stands)
            expr = expr.xreplace({symbol: self.value * sp.cancel(symbol / self.stands)})
        expr = sp.expand(sp.cancel(expr))
        if expr.free_symbols - self.value.free_symbols:
            raise NotApplicable(f"{expr} depends on more than the step in units of 1/M")
        return expr

    def least(self, terms: list[Any], curvature: Any) -> Any:
        """The least of some expressions in the unknown, written for the statement: M/4 times a minimum in units of 1/M."""
        shown = [self.shown(term) for term in terms]
        if len(shown) == 1:
            return shown[0]
        return curvature / 4 * sp.Min(*(sp.expand(4 * term / curvature) for term in shown))

    def nonnegative(self, expr: Any) -> bool:
        """Whether an expression in the step is proved to be >= 0: by its factors, over the square roots that occur if need be."""
        if self.value.is_number:
            return exact.nonnegative(expr)
        if exact.nonnegative(sp.factor(expr), self.domain):
            return True
        roots = sorted({root for part in (expr, *self.domain.given) for root in part.atoms(sp.Pow) if root.is_number}, key=str)
        if not roots:
            return False
        # 3 - x^2 >= 0 where x <= sqrt(3) needs the root itself, 2 - x >= 0 only a rational number above it
        return exact.nonnegative(sp.factor(expr, extension=roots), self.domain) or exact.nonnegative(sp.factor(expr), self._rounded())

    def _rounded(self) -> Domain:
        """The range of the unknown, widened to rational ends."""
        span = self.domain.interval(self.value)
        low, high = sp.floor(100 * span.start) / 100, sp.ceiling(100 * span.end) / 100
        ends = [relation for relation, end in ((self.value >= low, low), (self.value <= high, high)) if end.is_Rational]
        return Domain((self.value,), tuple(ends))

    def cases(self) -> tuple[tuple[Any, RelativeStep], ...]:
        """max(1, M alpha), which is 1 or M alpha: each that the hypotheses leave open, with what is known in its case."""
        short, long = sp.LessThan(self.value, 1, evaluate=False), sp.GreaterThan(self.value, 1, evaluate=False)
        if self.nonnegative(1 - self.value):
            return ((sp.S.One, self),)
        if self.nonnegative(self.value - 1):
            return ((self.value, self),)
        return ((sp.S.One, self._knowing(short)), (self.value, self._knowing(long)))

    def _knowing(self, more: Any) -> RelativeStep:
        return RelativeStep(self.value, Domain(self.domain.symbols, (*self.domain.given, more)), self.stands)


def _scale(step: Any) -> Any:
    """A symbol of which the step is a multiple; raises NotApplicable."""
    for symbol in sorted(step.free_symbols, key=str):
        if not sp.cancel(step / symbol).has(symbol):
            return symbol
    raise NotApplicable(f"the step in units of 1/M, {step}, is not a multiple of a symbol")


def weaker(args: tuple[Any, ...], node: WorstCase, relative: RelativeStep) -> tuple[Any, Any]:
    """The gain (or drop) of a step and the end that a weaker bound is asked for, in units of M; raises NotApplicable."""
    if len(args) != 2:
        raise NotApplicable("name two numbers or none: what a step gains and what the end does")
    gain, end = (relative.hidden(node.among.upper * sp.sympify(part)) for part in args)
    return gain, end
