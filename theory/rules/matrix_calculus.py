r"""Gradients in closed form, by the differential: dL = tr(G^T dW) read backwards through the expression of the loss."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import signs
from lemmata.theory.gradients import Gradient, ScalarGradient, gradients
from lemmata.theory.matrices.algebra import canonical, equal_matrices
from lemmata.theory.matrices.reader import ADJOINTS, hide
from lemmata.theory.matrices.words import Hypotheses
from lemmata.theory.pieces import SWITCHES, kinks

INVERTIBLE = {"invertible", "positive_definite", "orthogonal"}
MATRIX_SCALARS = (sp.Trace, sp.Determinant, MatrixElement)

SMALL_SIZES = "the rules of matrix calculus at every size: the gradient was checked again, entry by entry, at sizes 2 and 3 alone"
"""Small matrices satisfy identities that larger ones do not (Cayley and Hamilton), so that check is no proof for all sizes."""


class MatrixCalculus(Rule):
    r"""Every gradient node by the rules of matrix calculus, for any sizes.

    $$\operatorname{tr}(C^T \mathrm{d}(X_1 \cdots X_r)) = \sum_i \operatorname{tr}\bigl((X_{<i}^T\, C\, X_{>i}^T)^T \mathrm{d}X_i\bigr)$$

    Losses: scalar functions of traces and determinants of matrix expressions built from sums, products, transposes,
    inverses, integer powers, Hadamard products and functions applied entry by entry. Raises NotApplicable for others.

    >>> from sympy import MatrixSymbol, Trace, symbols
    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.gradients import gradient
    >>> m, n = symbols("m n", integer=True, positive=True)
    >>> W, R = MatrixSymbol("W", m, n), MatrixSymbol("R", m, n)
    >>> Derivation(gradient(Trace((W - R).T * (W - R)) / 2, W), Domain((m, n, W, R))).by(matrix_calculus).end
    -R + W
    """

    name: ClassVar[str] = "matrix_calculus"
    source: ClassVar[str] = "Magnus & Neudecker (1999), Matrix Differential Calculus, chapters 8 and 9"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = gradients(expr)
        if not nodes:
            raise NotApplicable("there is no gradient in the expression: write it with gradient(loss, W)")
        closed = {node: closed_form(node, domain) for node in nodes}
        assumes = [text for node in nodes for text in _taken_for_granted(node, closed[node], domain)]
        return Rewrite(
            _tidy(expr.xreplace(closed)),
            r"matrix calculus: $\mathrm{d}L = \operatorname{tr}(G^T\,\mathrm{d}W)$ by the product rule, and $G$ is the gradient",
            assumes=tuple(dict.fromkeys(assumes)),
        )

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        closed = {node: closed_form(node, domain) for node in gradients(before)}
        if rewrite.after != before.xreplace(closed) and equal_matrices(rewrite.after, before.xreplace(closed), domain) is not True:
            raise NotDischarged("the new expression is not the old one with its gradients replaced")
        for node, value in closed.items():
            discharge(node, value, domain)


def _taken_for_granted(node: Any, value: Any, domain: Domain) -> Iterator[str]:
    """What the rules need and `given` does not say: inverses that exist, entries that meet no kink; and what small sizes leave open."""
    if _sizes(node) and not _confirmed_for_every_size(node, value, domain):
        yield SMALL_SIZES
    for inverse in node.loss.atoms(sp.Inverse):
        known = domain.properties.get(inverse.arg, frozenset())
        if not known & INVERTIBLE:
            yield f"{inverse.arg} is invertible"
    if isinstance(node, Gradient) and node.loss.has(*SWITCHES):
        yield f"nothing in {node.loss} meets a kink"


def _smooth(node: Any, domain: Domain) -> None:
    """Raise NotApplicable where a loss of one real variable may have a kink in the domain."""
    if isinstance(node, ScalarGradient):
        for place in kinks(node.loss):
            if place.has(MatrixExpr) or 0 in signs(place, domain):
                raise NotApplicable(f"{node.loss} has a kink where {place} = 0: exclude it in `given`")


def _tidy(expr: Any) -> Any:
    """Products inside products opened, and traces of zero matrices dropped, after gradients were replaced."""
    opened = expr.replace(
        lambda node: isinstance(node, sp.MatMul) and any(isinstance(arg, (sp.MatMul, sp.ZeroMatrix)) for arg in node.args),
        lambda node: node.doit(deep=False),
    )
    return opened.replace(lambda node: isinstance(node, sp.Trace) and isinstance(node.arg, sp.ZeroMatrix), lambda node: sp.S.Zero)


@lru_cache(maxsize=64)
def closed_form(node: Any, domain: Domain) -> Any:
    """The gradient node as an expression without gradients, sums that are factors left together."""
    _smooth(node, domain)
    if isinstance(node, ScalarGradient):
        if node.loss.has(MatrixExpr):
            linear = linear_part(node.loss, node.variable, sp.S.One, domain)
            if linear is None:
                raise NotApplicable(f"the loss is no polynomial in {node.variable}: matrix calculus with respect to a scalar needs one")
            return linear
        return sp.diff(node.loss, node.variable)
    parts = list(pull_scalar(node.loss, sp.S.One, node.variable))
    total = sp.MatAdd(*parts) if parts else sp.ZeroMatrix(*node.shape)
    return canonical(total, domain.given, expand=False)


def pull_scalar(expr: Any, weight: Any, variable: Any) -> Iterator[Any]:
    """Matrices G_i with weight d(expr) = sum_i tr(G_i^T dW), for a scalar expression."""
    if not expr.has(variable):
        return
    if isinstance(expr, sp.Trace):
        yield from pull_matrix(expr.arg, weight * sp.Identity(expr.arg.shape[0]), variable)
        return
    if isinstance(expr, sp.Determinant):
        yield from pull_matrix(expr.arg, weight * expr * sp.Inverse(expr.arg).T, variable)
        return
    nodes = dict.fromkeys(node for node in _matrix_scalars(expr) if node.has(variable))
    names = {node: sp.Dummy(real=True) for node in nodes}
    hidden = expr.xreplace(names)
    if expr in names or hidden.has(variable):
        raise NotApplicable(f"{expr} depends on {variable} otherwise than through traces and determinants: write it with Trace")
    shown = {dummy: node for node, dummy in names.items()}
    for node, dummy in names.items():
        yield from pull_scalar(node, weight * sp.diff(hidden, dummy).xreplace(shown), variable)


def _matrix_scalars(expr: Any) -> Iterator[Any]:
    """The outermost traces, determinants and entries of a scalar expression."""
    if isinstance(expr, MATRIX_SCALARS):
        yield expr
        return
    for arg in expr.args:
        yield from _matrix_scalars(arg)


def pull_matrix(expr: Any, cofactor: Any, variable: Any) -> Iterator[Any]:
    """Matrices G_i with tr(cofactor^T d(expr)) = sum_i tr(G_i^T dW), for a matrix expression."""
    if expr == variable:
        yield cofactor
    elif isinstance(expr, MatrixBase) or not expr.has(variable):
        return
    elif isinstance(expr, sp.MatAdd):
        for arg in expr.args:
            yield from pull_matrix(arg, cofactor, variable)
    elif isinstance(expr, sp.MatMul):
        yield from _pull_product(expr, cofactor, variable)
    elif isinstance(expr, ADJOINTS):
        yield from pull_matrix(expr.arg, cofactor.T, variable)
    elif isinstance(expr, sp.Inverse):
        yield from pull_matrix(expr.arg, -(expr.T * cofactor * expr.T), variable)
    elif isinstance(expr, sp.MatPow) and expr.exp.is_Integer and expr.exp != 0:
        base = expr.base if expr.exp > 0 else sp.Inverse(expr.base)
        yield from _pull_product(sp.MatMul(*[base] * abs(int(expr.exp)), evaluate=False), cofactor, variable)
    elif isinstance(expr, sp.HadamardProduct):
        for place, arg in enumerate(expr.args):
            others = [*expr.args[:place], *expr.args[place + 1 :], cofactor]
            yield from pull_matrix(arg, sp.HadamardProduct(*others), variable)
    elif isinstance(expr, sp.HadamardPower) and expr.exp.is_Integer and expr.exp > 1:
        slope = sp.HadamardPower(expr.base, expr.exp - 1) if expr.exp > 2 else expr.base
        yield from pull_matrix(expr.base, expr.exp * sp.HadamardProduct(slope, cofactor), variable)
    elif isinstance(expr, ElementwiseApplyFunction):
        slope = ElementwiseApplyFunction(_derivative(expr.function), expr.expr)
        yield from pull_matrix(expr.expr, sp.HadamardProduct(slope, cofactor), variable)
    else:
        raise NotApplicable(f"no differential of {type(expr).__name__} is known: write the loss with sums and products")


def _pull_product(expr: Any, cofactor: Any, variable: Any) -> Iterator[Any]:
    scalar, factors = expr.as_coeff_matrices()
    if sp.sympify(scalar).has(variable):
        product = sp.MatMul(*factors)
        yield from pull_scalar(scalar, sp.Trace(cofactor.T * product), variable)
    for place, factor in enumerate(factors):
        left = [item.T for item in reversed(factors[:place])]
        right = [item.T for item in reversed(factors[place + 1 :])]
        yield from pull_matrix(factor, sp.MatMul(scalar, *left, cofactor, *right), variable)


def _derivative(function: Any) -> Any:
    """The derivative of a function of one variable, as a function."""
    argument = sp.Symbol("u", real=True)
    return sp.Lambda(argument, sp.diff(function(argument), argument))


def linear_part(loss: Any, variable: Any, direction: Any, domain: Domain) -> Any:
    """The coefficient of e in loss(variable + e direction), by expansion; None where the loss is no polynomial in the variable."""
    size = sp.Dummy("e", real=True)
    moved = canonical(loss.xreplace({variable: variable + size * direction}), domain.given)
    if any(node.has(size) for node in _matrix_scalars(moved)):
        return None
    hidden, shown = hide(moved)
    return sp.Poly(hidden, size).coeff_monomial(size).xreplace(shown) if hidden.is_polynomial(size) else None


def discharge(node: Any, value: Any, domain: Domain) -> None:
    """Show that `value` is the gradient `node`, by at least one way that did not make it; raises NotDischarged.

    The definition itself: the part of L(W + eH) linear in e, expanded, is tr(value^T H); where the loss is no polynomial,
    SymPy's own matrix derivative; and where that does not confirm it, entry by entry with symbols at the sizes of the node,
    or at sizes 2 and 3 where they are symbols (the rewrite then lists SMALL_SIZES among what it assumes).
    """
    if not _confirmed_for_every_size(node, value, domain):
        _entry_by_entry(node, value, domain)


def _confirmed_for_every_size(node: Any, value: Any, domain: Domain) -> bool:
    """Whether the definition, or SymPy's matrix derivative, gives the gradient too; raises NotDischarged where the first does not."""
    if isinstance(node, ScalarGradient):
        direction, claimed = sp.S.One, value
    else:
        direction = sp.MatrixSymbol(sp.Dummy("H"), *node.shape)
        claimed = sp.Trace(sp.Transpose(value) * direction)
    linear = linear_part(node.loss, node.variable, direction, domain)
    if linear is not None:
        if equal_matrices(linear, claimed, domain) is not True:
            raise NotDischarged(f"the linear part of the loss is not tr(G^T H) at {node}")
        return True
    theirs = _sympy_derivative(node)
    return theirs is not None and equal_matrices(theirs, value, domain) is True


def _sympy_derivative(node: Any) -> Any:
    """SymPy's derivative where it has one; it takes exp(tr W) and lambda tr W for constants, so it never has the last word."""
    unreliable = (ElementwiseApplyFunction, sp.HadamardProduct, sp.HadamardPower, sp.Determinant, sp.Function)
    if not isinstance(node, Gradient) or node.loss.has(*unreliable):
        return None
    try:
        theirs = node.loss.diff(node.variable)
    except (NotImplementedError, AttributeError, TypeError, ValueError):
        return None
    shaped = isinstance(theirs, MatrixExpr) and tuple(theirs.shape) == tuple(node.shape)
    return theirs if shaped and not theirs.has(sp.Derivative) else None


def _entry_by_entry(node: Any, value: Any, domain: Domain) -> None:
    """Compare all entries at concrete small sizes with symbolic entries; those of symmetric matrices are made equal last."""
    sizes = _sizes(node)
    small = {side: sp.Integer(2 + index % 2) for index, side in enumerate(sizes)}
    loss, variable, value = (item.xreplace(small) for item in (node.loss, node.variable, value))
    entries = {symbol: _symbolic(symbol) for symbol in loss.atoms(sp.MatrixSymbol) | value.atoms(sp.MatrixSymbol)}
    scalar, stated = (_written_out(item.xreplace(entries)) for item in (loss, value))
    if scalar.has(MatrixExpr) or (isinstance(node, Gradient) and not isinstance(stated, MatrixBase)):
        raise NotDischarged(f"no way to check the gradient {node}")
    symmetric = {symbol.xreplace(small) for symbol in Hypotheses.of(domain.given).symmetric}
    mirror = {entries[symbol][i, j]: entries[symbol][j, i] for symbol in symmetric & set(entries) for i, j in _below(symbol)}
    pairs = zip(entries[variable], stated, strict=True) if isinstance(node, Gradient) else [(variable, stated)]
    for entry, claimed in pairs:
        difference = (sp.diff(scalar, entry) - claimed).xreplace(mirror)
        if sp.expand(difference) != 0 and sp.simplify(difference) != 0:
            raise NotDischarged(f"the derivative with respect to {entry} disagrees at {node}")


def _sizes(node: Any) -> list[Any]:
    """The sizes of matrices in a node that are no numbers."""
    return sorted({side for symbol in node.atoms(sp.MatrixSymbol) for side in symbol.shape if not side.is_Integer}, key=str)


def _below(matrix: Any) -> Iterator[tuple[int, int]]:
    """The places below the diagonal."""
    return ((i, j) for i in range(int(matrix.rows)) for j in range(i))


def _written_out(expr: Any) -> Any:
    """An expression in explicit matrices, evaluated (SymPy leaves powers entry by entry alone)."""
    value = expr.doit().replace(
        lambda node: isinstance(node, sp.HadamardPower) and isinstance(node.base, MatrixBase),
        lambda node: sp.ImmutableMatrix(node.base.applyfunc(lambda entry: entry**node.exp)),
    )
    value = value.doit()
    return value.as_explicit() if isinstance(value, MatrixExpr) else value


def _symbolic(symbol: Any) -> Any:
    rows, columns = map(int, symbol.shape)
    return sp.ImmutableMatrix(rows, columns, lambda i, j: sp.Symbol(f"{symbol.name}_{i}{j}", real=True))


matrix_calculus = MatrixCalculus()
