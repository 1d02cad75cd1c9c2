r"""Why a gradient is M-Lipschitz: certificates that are checked by exact algebra, and the hypothesis where there is none.

For a twice differentiable loss the gradient is M-Lipschitz when every eigenvalue of the Hessian lies in [-M, M] at every
point (mean value inequality).
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.data import DataMatrix
from lemmata.theory.derivation import NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.losses import parts_of_margin_loss


class Smoothness(abc.ABC):
    """One reason why a loss's gradient is M-Lipschitz in its variables."""

    @property
    @abc.abstractmethod
    def because(self) -> str:
        """The reason in one sentence, with LaTeX."""

    @property
    def assumes(self) -> tuple[str, ...]:
        """What is taken for granted: nothing, where `discharge` proves it all."""
        return ()

    @abc.abstractmethod
    def discharge(self, loss: Any, variables: Sequence[Any], constant: Any, domain: Domain) -> None:
        """Prove it exactly; raises NotDischarged with what could not be shown."""


@dataclass(frozen=True)
class Assumed(Smoothness):
    """No proof: the hypothesis is listed among what the derivation assumes."""

    loss: str = "L"

    @property
    def because(self) -> str:
        return rf"the gradient of ${self.loss}$ is Lipschitz by hypothesis"

    @property
    def assumes(self) -> tuple[str, ...]:
        return (f"the gradient of {self.loss} is Lipschitz with the stated constant",)

    def discharge(self, loss: Any, variables: Sequence[Any], constant: Any, domain: Domain) -> None:
        return None


@dataclass(frozen=True)
class SecondDerivatives(Smoothness):
    """For a sum of functions of one variable each: -M <= d^2 L/dw_i^2 <= M for every i, all mixed derivatives zero."""

    @property
    def because(self) -> str:
        return r"$-M \le \partial_i^2 L \le M$ everywhere and $\partial_i \partial_j L = 0$, so $\|\nabla^2 L\| \le M$"

    def discharge(self, loss: Any, variables: Sequence[Any], constant: Any, domain: Domain) -> None:
        if not all(isinstance(variable, sp.Symbol) for variable in variables):
            raise NotDischarged("second derivatives are taken for scalar variables only")
        loss, variables, domain = everywhere(loss, variables, domain)
        for index, first in enumerate(variables):
            if not (regular(loss, first, domain) and regular(sp.diff(loss, first), first, domain)):
                raise NotDischarged(f"the loss and its derivative in {first} were not proved continuous everywhere")
            for second in variables[:index]:
                if exact.is_zero(sp.diff(loss, first, second), domain) is not True:
                    raise NotDischarged(f"the mixed derivative in {second} and {first} is not zero")
            curvature = sp.diff(loss, first, 2)
            for bound, word in ((constant - curvature, "above"), (constant + curvature, "below")):
                if not exact.nonnegative(sp.factor(bound), domain):
                    raise NotDischarged(f"the second derivative in {first} was not bounded from {word} by {constant}")


@dataclass(frozen=True)
class TraceBound(Smoothness):
    """For |B w|^2/2 and M = tr(B^T B) or more, which is a hypothesis: the eigenvalues of B^T B are >= 0 and sum to its trace."""

    @property
    def because(self) -> str:
        return r"the Hessian $B^T B$ has eigenvalues $\ge 0$ whose sum is $\operatorname{tr} B^T B \le M$"

    def discharge(self, loss: Any, variables: Sequence[Any], constant: Any, domain: Domain) -> None:
        (w,) = variables
        form = loss.as_independent(sp.Trace, as_Add=False)[1]
        if not isinstance(form, sp.Trace) or not isinstance(form.arg, sp.MatMul) or len(form.arg.args) != 4:
            raise NotDischarged("the loss is not of the form tr(w^T B^T B w)/2")
        root = form.arg.args[2]
        if root.has(w):
            raise NotDischarged(f"the matrix {root} depends on the variable")
        if exact.is_zero(loss - sp.Trace(w.T * root.T * root * w) / 2) is not True:
            raise NotDischarged(f"the loss is not |{root} w|^2/2")
        room = constant - sp.Trace(root.T * root)
        granted = [part.gts - part.lts for part in domain.hypotheses if isinstance(part, (sp.GreaterThan, sp.LessThan))]
        granted += [sign * (part.lhs - part.rhs) for part in domain.hypotheses if isinstance(part, sp.Equality) for sign in (1, -1)]
        if not any(exact.is_zero(room - gap) is True for gap in granted):
            raise NotDischarged(f"tr({root}^T {root}) <= {constant} is not among the hypotheses")


@dataclass(frozen=True)
class GramMatrix(Smoothness):
    r"""For (1/n) sum phi(z_i . w) with |phi''| <= kappa: M I - (kappa/n) Z^T Z is positive semidefinite.

    The Hessian is (1/n) Z^T D Z with D diagonal, entries phi''(z_i . w) in [-kappa, kappa]. Both facts are proved: the
    first by exact algebra in t, the second by the pivots of an exact elimination in integers.
    """

    kappa: Any

    @property
    def because(self) -> str:
        kappa = sp.latex(self.kappa)
        return (
            rf"$\nabla^2 L = \frac1n Z^T D Z$ with $|D_{{ii}}| = |\phi''| \le {kappa}$, and $M I - \frac{{1}}{{n}} {kappa} Z^T Z \succ 0$"
            " by exact elimination"
        )

    def discharge(self, loss: Any, variables: Sequence[Any], constant: Any, domain: Domain) -> None:
        parts = parts_of_margin_loss(loss)
        if parts is None or not isinstance(parts[1], DataMatrix) or tuple(variables) != (parts[2],):
            raise NotDischarged("the loss is not a mean of phi(z_i . w) over given data")
        phi, data, _, factor = parts
        t = sp.Dummy("t", real=True)
        if not (regular(phi(t), t, Domain((t,))) and regular(sp.diff(phi(t), t), t, Domain((t,)))):
            raise NotDischarged("phi and its derivative were not proved continuous everywhere")
        curvature = sp.diff(phi(t), t, 2)
        for bound in (self.kappa - curvature, self.kappa + curvature):
            if not exact.nonnegative(sp.factor(sp.together(bound)), domain):
                raise NotDischarged(f"|phi''| <= {self.kappa} was not proved")
        if not (sp.sympify(constant).is_Rational and sp.sympify(factor).is_Rational and sp.sympify(self.kappa).is_Rational):
            raise NotDischarged(f"the constant {constant} must be a rational number for exact elimination")
        if not dominates(constant / (factor * self.kappa), data.exact()):
            raise NotDischarged(f"{constant} I - {self.kappa} {factor} Z^T Z is not positive definite")


def everywhere(loss: Any, variables: Sequence[Any], domain: Domain) -> tuple[Any, list[Any], Domain]:
    """A loss with its scalar variables free to be any real number: iterates need not keep what is assumed of a start.

    >>> w = sp.Symbol("w", positive=True)
    >>> loss, (free,), _ = everywhere(sp.exp(-w), [w], Domain())
    >>> free.is_positive is None
    True
    """
    free = {variable: sp.Dummy(variable.name, real=True) for variable in variables if isinstance(variable, sp.Symbol)}
    moved = [free.get(variable, variable) for variable in variables]
    return loss.xreplace(free), moved, Domain((*domain.symbols, *free.values()), domain.given)


def dominates(bound: Any, matrix: Any) -> bool:
    """Whether bound * I - X^T X is positive definite, for a rational number and a rational matrix X: exact.

    Sylvester's criterion; the leading minors come from Bareiss's fraction-free elimination in integers.

    >>> X = sp.Matrix([[1, 1], [0, 1]])
    >>> dominates(sp.Rational(262, 100), X), dominates(sp.Rational(261, 100), X)
    (True, False)
    """
    table = matrix.tolist()
    scale = sp.ilcm(*{entry.q for row in table for entry in row}, 1)
    rows = [[int(entry.p) * int(scale // entry.q) for entry in row] for row in table]
    bound = sp.Rational(bound) * scale**2
    size = matrix.cols
    columns = list(zip(*rows, strict=True))
    work = [
        [int(bound.p) * (i == j) - int(bound.q) * sum(a * b for a, b in zip(columns[i], columns[j], strict=True)) for j in range(size)]
        for i in range(size)
    ]
    before = 1
    for k in range(size):
        pivot = work[k][k]
        if pivot <= 0:
            return False
        for i in range(k + 1, size):
            for j in range(i, size):
                work[i][j] = (work[i][j] * pivot - work[k][i] * work[k][j]) // before
        before = pivot
    return True


TRIED = tuple(sp.Integer(sign * 10**k) for k in (0, 1, 3) for sign in (1, -1))
"""Values that are tried for each variable of a loss of which no lower bound was proved."""

MANY = 3
"""Variables at most for which they are."""


def bounded_below(loss: Any, least: Any, domain: Domain) -> None:
    """Prove loss >= least for all values of its variables; raises NotDischarged.

    >>> w = sp.Symbol("w", real=True)
    >>> bounded_below(w**2 / (1 + w**2), sp.Integer(0), Domain())
    >>> bounded_below(w**3, sp.Integer(0), Domain())
    Traceback (most recent call last):
    lemmata.theory.derivation.NotDischarged: w**3 >= 0 fails at w = -1: the loss is not bounded below by it
    """
    gap = loss - least
    if not gap.has(sp.MatrixExpr) and exact.nonnegative(gap, domain):
        return
    parts = parts_of_margin_loss(gap)
    if parts is not None:
        phi, _, _, factor = parts
        t = sp.Symbol("t", real=True)
        if exact.nonnegative(factor, domain) and exact.nonnegative(phi(t), domain):
            return
    factor, form = gap.as_independent(sp.Trace, as_Add=False)
    if isinstance(form, sp.Trace) and isinstance(form.arg, sp.MatMul) and len(form.arg.args) % 2 == 0:
        half = sp.MatMul(*form.arg.args[len(form.arg.args) // 2 :]).doit()
        if exact.nonnegative(factor, domain) and exact.is_zero(form - sp.Trace(half.T * half)) is True:
            return
    plain = loss.xreplace({dummy: sp.Symbol(dummy.name) for dummy in loss.atoms(sp.Dummy)})
    raise NotDischarged(f"{plain} >= {least} {_failure(gap, domain) or 'was not proved'}")


def _failure(gap: Any, domain: Domain) -> str:
    """Where a loss is below its bound, in words: at a simple point that needs no hypothesis; "" where none is found."""
    symbols = sorted(gap.free_symbols, key=str)
    if gap.has(sp.MatrixExpr) or len(symbols) > MANY or any(symbol in symbols for part in domain.given for symbol in part.free_symbols):
        return ""
    for values in product(TRIED, repeat=len(symbols)):
        at = dict(zip(symbols, values, strict=True))
        if any(symbol.is_positive and value <= 0 for symbol, value in at.items()):
            continue
        value = gap.xreplace(at)
        if value.is_negative:
            where = ", ".join(f"{symbol.name} = {number}" for symbol, number in at.items())
            return f"fails at {where}: the loss is not bounded below by it"
    return ""
