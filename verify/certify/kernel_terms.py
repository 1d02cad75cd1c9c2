"""Statements about Gaussian kernels, read as functions of one correlation: closed coefficients times E f(U) g(V).

A side is read as sum_i a_i(c) K_i(c) + b(c): the a_i and b closed, K_i(c) = E f_i(U) g_i(+-V) for standard normals U and V of
correlation c. Every step is an exact identity: moments are means, linear forms of independent standard normals are known by
their variances and covariances, and a factor that is positively homogeneous gives up its scale, f(s x) = s^p f(x) for s > 0.
What does not fit is refused with the reason (`Unsupported`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.stats import Normal
from sympy.stats.joint_rv import JointRandomSymbol
from sympy.stats.joint_rv_types import MultivariateNormalDistribution

from lemmata.numerics.laws import Model, Source, Unsupported, standardise
from lemmata.numerics.quadrature.correlation import Pair, X
from lemmata.numerics.quadrature.directions import linear_forms
from lemmata.numerics.targets import Kind, target_of
from lemmata.theory.quantity import quantities, random_symbols
from lemmata.theory.rules.local import fresh
from lemmata.verify.certify.kernel_scales import degree

MOST_TERMS = 40

NONE_CORRELATED = (-1, -1)
"""The pair where no two normals of an integrand are correlated: no function belongs to either of it."""


@dataclass(frozen=True, slots=True)
class Side:
    """sum of coefficient * function + closed: the functions are means that depend on the parameter."""

    terms: tuple[tuple[Any, Any], ...]
    closed: Any


Known = dict[Any, Any]
"""Dummies for means that depend on the parameter, and what they stand for."""


def combination(expr: Any, mean: Callable[[Any, Known], Any]) -> Side:
    """A side as a linear combination; `mean` reads the mean of a random expression, adds dummies to what is known, and returns it.

    Raises Unsupported where the side is not linear in the means, or holds another quantity.
    """
    known: Known = {}
    flat = sp.expand_mul(expr.xreplace({node: _spread(node, known, mean) for node in quantities(expr)}))
    found: dict[Any, Any] = {}
    closed = []
    for term in sp.Add.make_args(flat):
        kernels = [symbol for symbol in known if term.has(symbol)]
        if not kernels:
            closed.append(term)
            continue
        coefficient = term / kernels[0]
        if len(kernels) > 1 or coefficient.has(kernels[0]):
            raise Unsupported("the statement is not linear in its expectations")
        found[kernels[0]] = found.get(kernels[0], 0) + coefficient
    return Side(tuple((found[symbol], known[symbol]) for symbol in found), sp.Add(*closed))


def _spread(node: Any, known: Known, mean: Callable[[Any, Known], Any]) -> Any:
    """A quantity as an expression in means."""
    target = target_of(node)
    if target.condition is not None or target.is_matrix:
        raise Unsupported(f"{node} is no mean of a scalar without a condition")
    if target.kind is not Kind.COVARIANCE:
        return mean(target.parts[0], known)
    first, second = target.parts
    return mean(first * second, known) - mean(first, known) * mean(second, known)


def symbol_for(function: Any, known: Known) -> Any:
    """The dummy that stands for a function, a new one where there is none yet."""
    for symbol, other in known.items():
        if other == function:
            return symbol
    symbol = sp.Dummy(f"K{len(known)}", real=True)
    known[symbol] = function
    return symbol


def normal_model(expr: Any) -> Model:
    """A random expression as a function of independent standard normals; raises Unsupported for other laws."""
    model = standardise(_written_out(expr), {})
    assert isinstance(model, Model)
    if model.draws or not all(source.is_normal for source in model.sources):
        raise Unsupported("the expectation is not over normals alone")
    return model


def _written_out(expr: Any) -> Any:
    """The components of normal vectors of two entries as sums of independent normals, for a covariance S with symbols in it.

    Z_1 = m_1 + sqrt(S_11) n_1 and Z_2 = m_2 + S_12 / sqrt(S_11) n_1 + sqrt(S_22 - S_12^2 / S_11) n_2, wherever S is a covariance;
    that the roots are real has to be shown of the domain afterwards.
    """
    replaced: dict[Any, Any] = {}
    taken = list(random_symbols(expr))
    for leaf in random_symbols(expr):
        law = getattr(leaf.pspace, "distribution", None) if isinstance(leaf, JointRandomSymbol) else None
        if not isinstance(law, MultivariateNormalDistribution) or law.args[1].shape != (2, 2) or not law.args[1].free_symbols:
            continue
        mean, covariance = law.args
        first, second = (Normal(fresh(f"{leaf}_{side}", *taken).name, 0, 1) for side in ("u", "v"))
        taken += [first, second]
        if not covariance[0, 0].is_positive:
            raise Unsupported(f"the first variance of {leaf} is not known to be positive")
        length, rest = sp.sqrt(covariance[0, 0]), sp.factor(covariance[1, 1] - covariance[0, 1] ** 2 / covariance[0, 0])
        replaced[leaf[0]] = mean[0] + length * first
        replaced[leaf[1]] = mean[1] + covariance[0, 1] / length * first + sp.sqrt(rest) * second
    return expr.xreplace(replaced)


@dataclass
class Reader:
    """Reads sides of a statement in the correlation symbol c; `scales` are symbols known to be positive, put outside.

    `means` collects what has to be measured once: dummy -> function of X whose mean it stands for. `lines` collects the coefficients
    of linear forms, which have to be real wherever the statement is to mean anything.
    """

    c: Any
    scales: frozenset[Any]
    means: Known = field(default_factory=dict)
    lines: list[Any] = field(default_factory=list)

    def side(self, expr: Any) -> Side:
        """The side in standard form.

        >>> from sympy.stats import Expectation
        >>> from lemmata.theory.gaussian import gaussian_pair
        >>> c = sp.Symbol("c", real=True)
        >>> u, v = gaussian_pair(4, 1, c)
        >>> Reader(c, frozenset()).side(1 + 3 * Expectation(sp.Max(0, u) * sp.tanh(v))).terms[0][0]
        3
        """
        return combination(expr, self._mean)

    def _mean(self, expr: Any, known: Known) -> Any:
        model = normal_model(expr)
        total = sp.Integer(0)
        for coefficient, first, second, sign in self._products(model.expr, model.sources):
            if first.is_number or second.is_number:
                function = first * second
                total = total + coefficient * (function if function.is_number else symbol_for(function, self.means))
            else:
                total = total + coefficient * symbol_for(Pair(first, second, sign), known)
        return total

    def _products(self, expr: Any, sources: tuple[Source, ...]) -> Iterator[tuple[Any, Any, Any, int]]:
        """Coefficient, f, g and the sign of the correlation, for each product of which the integrand is the sum."""
        forms = _Forms(expr, [source.variable for source in sources], self.c)
        self.lines += forms.coefficients
        flat = forms.expr
        terms = sp.Add.make_args(flat)
        if not all(_separate(factor, forms) for term in terms for factor in sp.Mul.make_args(term)):
            terms = sp.Add.make_args(sp.expand(flat, deep=False, power_base=False, log=False))
        if len(terms) > MOST_TERMS:
            raise Unsupported(f"the integrand is a sum of {len(terms)} products")
        for term in terms:
            outside = sp.Integer(1)
            inside: dict[int, Any] = {}
            for factor in sp.Mul.make_args(term):
                lines = factor.free_symbols & set(forms.scale)
                if not lines:
                    outside = outside * factor
                    continue
                sides = {forms.side[line] for line in lines}
                if len(sides) > 1:
                    raise Unsupported(f"the integrand ties both normals together in {factor}")
                scale, function = self._standard(factor, forms, lines)
                outside, side = outside * scale, sides.pop()
                inside[side] = inside.get(side, sp.Integer(1)) * function
            if any(function.free_symbols - {X} for function in inside.values()):
                raise Unsupported("the integrand has parameters that cannot be put outside")
            first, second = (inside.pop(side, sp.Integer(1)) for side in forms.pair)
            for function in inside.values():
                outside = outside * (function if function.is_number else symbol_for(function, self.means))
            yield outside, first, second, forms.sign

    def _standard(self, factor: Any, forms: _Forms, lines: set[Any]) -> tuple[Any, Any]:
        """A factor as a scale times a function of one standard normal X."""
        scales = [forms.scale[line] for line in lines]
        if all(scale.is_number for scale in scales):
            return sp.Integer(1), factor.xreplace({line: forms.scale[line] * X + forms.offset[line] for line in lines})
        if len(lines) > 1 or not all(scale.free_symbols <= self.scales and scale.is_positive is not None for scale in scales):
            raise Unsupported(f"the variance of {factor} depends on a parameter that cannot be put outside")
        (line,) = lines
        sign = 1 if forms.scale[line].is_positive else -1
        power = degree(factor, line)
        if power is None or not forms.offset[line].is_zero:
            raise Unsupported(f"{factor} is not homogeneous, and its variance depends on a parameter")
        return (sign * forms.scale[line]) ** power, factor.xreplace({line: sign * X})


def _separate(factor: Any, forms: _Forms) -> bool:
    return len({forms.side[line] for line in factor.free_symbols & set(forms.scale)}) <= 1


class _Forms:
    """The linear forms of an integrand, each scale * N + offset for one of a few standard normals N.

    At most two of these normals, `pair`, are correlated, by sign * c exactly; the others (all of them, where no two are) are
    independent of them and of one another, since the covariances are identically 0. `side` tells which normal a form belongs
    to, `expr` is the integrand with a dummy for each form.
    """

    def __init__(self, expr: Any, variables: list[Any], c: Any) -> None:
        self.side: dict[Any, int] = {}
        self.scale: dict[Any, Any] = {}
        self.offset: dict[Any, Any] = {}
        self.pair, self.sign = NONE_CORRELATED, 1
        self.coefficients: list[Any] = []
        self._axes: list[tuple[list[Any], Any]] = []
        self._correlated = False
        replaced: dict[Any, Any] = {}
        for node, (vector, offset) in linear_forms(expr, variables).items():
            if c in offset.free_symbols:
                raise Unsupported(f"the mean of {node} depends on {c}")
            square = sp.expand(dot(vector, vector))
            if c in square.free_symbols:
                raise Unsupported(f"the variance of {node} depends on {c}")
            length = sp.sqrt(square)
            self.coefficients += [entry for entry in vector if c in entry.free_symbols]
            if not length.is_positive:
                raise Unsupported(f"the variance of {node} is not known to be positive")
            line = replaced[node] = sp.Dummy(f"l{len(replaced)}", real=True)
            self.side[line], direction = self._axis(vector, length, c)
            self.scale[line], self.offset[line] = direction * length, sp.sympify(offset)
        self.expr = expr.xreplace(replaced)
        if self.expr.free_symbols & set(variables):
            raise Unsupported("the integrand is not a function of linear forms")

    def _axis(self, vector: list[Any], length: Any, c: Any) -> tuple[int, int]:
        """The normal that a form belongs to, and whether with it or against it; a new one where it is parallel to none."""
        for index, axis in enumerate(self._axes):
            turn = parallel(vector, length, *axis)
            if turn is not None:
                return index, turn
        here = len(self._axes)
        for index, (other, unit) in enumerate(self._axes):
            if sp.expand(dot(vector, other)).is_zero:
                continue
            if self._correlated:
                raise Unsupported("more than two normals of the integrand are correlated")
            self.pair, self.sign, self._correlated = (index, here), _sign_of_correlation(vector, length, other, unit, c), True
        self._axes.append((vector, length))
        return here, 1


def dot(first: list[Any], second: list[Any]) -> Any:
    """The scalar product of two lists of coefficients, which is the covariance of two linear forms in standard normals."""
    return sp.Add(*(a * b for a, b in zip(first, second, strict=True)))


def parallel(vector: list[Any], length: Any, axis: list[Any], unit: Any) -> int | None:
    """1 or -1 where two forms have the correlation 1 or -1, else None."""
    for sign in (1, -1):
        if sp.expand(dot(vector, axis) - sign * length * unit).is_zero:
            return sign
    return None


def _sign_of_correlation(vector: list[Any], length: Any, axis: list[Any], unit: Any, c: Any) -> int:
    covariance = dot(vector, axis)
    for sign in (1, -1):
        if sp.expand(covariance - sign * c * length * unit).is_zero:
            return sign
    raise Unsupported(f"the correlation of the two normals is not {c}")
