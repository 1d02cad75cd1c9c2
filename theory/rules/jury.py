r"""Jury's test: whether all eigenvalues lie within a circle, by signs of polynomials in the entries.

For $p(z) = \det(z I - A) = z^n + \dots + c_0$ and $r > 0$: all zeros satisfy $|z| < r$ only if

    p(r) > 0,   (-1)^n p(-r) > 0,   r^n - c_0 > 0,   r^n + c_0 > 0,

and for n <= 2 if these hold. For larger n the polynomial is lowered by one degree at a time (Schur's transform) first.

Sources: Jury (1964), Theory and Application of the z-Transform Method, section 3.3; Schur's transform and Hurwitz's criterion in
Marden (1966), Geometry of Polynomials, sections 42 and 40.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.spectral_radii import SpectralRadius

SOURCE = "Jury (1964), Theory and Application of the z-Transform Method, section 3.3"

LARGEST_DEGREE = 4
"""The signs of Schur's transform of a polynomial of higher degree are hardly ever proved."""


class Margin(Enum):
    """What is positive where all zeros of a monic p of degree n lie within the circle of radius r."""

    AT_PLUS = "p(r)"
    """p is positive beyond its largest real zero."""
    AT_MINUS = "(-1)^n p(-r)"
    """The same for p(-z)."""
    PRODUCT_BELOW = "r^n - c_0"
    """The product of n numbers of modulus below r."""
    PRODUCT_ABOVE = "r^n + c_0"
    """The same."""

    def of(self, node: SpectralRadius, r: Any) -> Any:
        """The margin of a matrix at a radius, from the coefficients of its characteristic polynomial.

        >>> from lemmata.theory.spectral_radii import spectral_radius
        >>> [margin.of(spectral_radius([[1, 2], [3, 4]]), sp.Integer(6)) for margin in Margin]
        [4, 64, 38, 34]
        """
        coefficients = node.characteristic()
        n = len(coefficients) - 1
        match self:
            case Margin.AT_PLUS:
                return _value(coefficients, r)
            case Margin.AT_MINUS:
                return sp.expand((-1) ** n * _value(coefficients, -r))
            case Margin.PRODUCT_BELOW:
                return sp.expand(r**n - coefficients[-1])
            case Margin.PRODUCT_ABOVE:
                return sp.expand(r**n + coefficients[-1])

    def by_determinant(self, node: SpectralRadius, r: Any) -> Any:
        """The same without the characteristic polynomial: det(r I - A), det(r I + A), r^n - (+-) det A."""
        n = node.matrix.rows
        unit = sp.eye(n) * r
        match self:
            case Margin.AT_PLUS:
                return sp.expand((unit - node.matrix).det(method="berkowitz"))
            case Margin.AT_MINUS:
                return sp.expand((unit + node.matrix).det(method="berkowitz"))
            case Margin.PRODUCT_BELOW:
                return sp.expand(r**n - (-1) ** n * node.matrix.det(method="berkowitz"))
            case Margin.PRODUCT_ABOVE:
                return sp.expand(r**n + (-1) ** n * node.matrix.det(method="berkowitz"))


@final
class Jury(Rule):
    r"""`(jury, r)`: $\rho(A)$ is less than, equal to, at most or greater than r (1, if not given), whichever the domain decides.

    Less: Jury's conditions, proved positive on the whole domain; checked by Hurwitz's criterion after $z = r (1 + s)/(1 - s)$.
    Greater: one of the necessary conditions fails, $p(r) < 0$, $(-1)^n p(-r) < 0$ or $|c_0| > r^n$; checked by determinants.
    Equal (at most 2 x 2): none is negative and one is zero; checked by exhibiting the eigenvalue of modulus r.
    At most (at most 2 x 2): none is negative. With $p_t(z) = t^n p(z/t)$, whose zeros are those of p times t, all conditions are
    positive for t < 1 (the polynomials that satisfy them all with $\ge$ are a triangle, star-shaped about $z^n$); then t tends to 1.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.spectral_radii import spectral_radius
    >>> a = sp.Symbol("a", positive=True)
    >>> inside = Domain((a,), (sp.Lt(a, 2),))
    >>> found = Derivation(spectral_radius([[1 - a]]), inside).by(jury)
    >>> found.link, found.end
    (<Link.BELOW: '<'>, 1)
    """

    name = "jury"
    source = SOURCE

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, r = _read(expr, args)
        if not exact.positive(r, domain):
            raise NotApplicable(f"the radius {r} > 0 was not proved")
        for link, holds in ((Link.BELOW, _inside), (Link.EQUAL, _on_circle), (Link.AT_MOST, _within), (Link.ABOVE, _outside)):
            because = holds(node, r, domain)
            if because:
                return Rewrite(r, f"Jury's test: {because}", link)
        shown = ", ".join(f"{margin.value} = {sp.factor(margin.of(node, r))}" for margin in Margin)
        raise NotApplicable(f"the domain does not decide on which side of {r} the radius is: {shown}")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        node, r = _read(before, args)
        require(rewrite.after == r, "it is not the radius that was asked for")
        match rewrite.link:
            case Link.BELOW:
                _check_inside(node, r, domain)
            case Link.EQUAL:
                _check_on_circle(node, r, domain)
            case Link.AT_MOST:
                require(node.matrix.rows <= 2, "the closed test is for matrices of at most two rows")
                for margin in Margin:
                    require(_not_negative(margin.by_determinant(node, r), domain), f"{margin.value} >= 0 was not proved")
            case Link.ABOVE:
                negative = [margin for margin in Margin if exact.positive(-margin.by_determinant(node, r), domain)]
                require(bool(negative), f"no necessary condition for all eigenvalues within {r} was proved to fail")
            case _:
                raise NotDischarged("Jury's test gives <, =, <= or >")


@final
class NoSmallerRadius(Rule):
    r"""`(no_smaller_radius, r, parts)`: the largest of several spectral radii is at least r, by a sum that cannot be positive.

    `parts` lists (node, margin, weight) with weights >= 0, one of them > 0. Were all radii below r, every margin would be positive,
    and so the weighted sum; but the sum is proved to be at most 0.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.spectral_radii import spectral_radius
    >>> a = sp.Symbol("a", positive=True)
    >>> first, second = spectral_radius([[1 - a]]), spectral_radius([[1 - 3 * a]])
    >>> parts = [(first, Margin.AT_PLUS, 3), (second, Margin.AT_MINUS, 1)]
    >>> Derivation(sp.Max(first, second), Domain((a,))).by(no_smaller_radius, sp.Rational(1, 2), parts).end
    1/2
    """

    name = "no_smaller_radius"
    source = SOURCE

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        r, _ = _bound(args)
        _nodes(expr)
        because = "were it less, all of Jury's margins would be positive, but a combination of them with weights $\\ge 0$ is not"
        return Rewrite(r, because, Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        r, parts = _bound(args)
        nodes = _nodes(before)
        require(rewrite.after == r, "it is not the radius that was asked for")
        require(exact.positive(r, domain), f"the radius {r} > 0 was not proved")
        require(all(node in nodes for node, _, _ in parts), "a margin is of a matrix that is not among those compared")
        weights = [sp.sympify(weight) for _, _, weight in parts]
        require(all(exact.nonnegative(weight, domain) for weight in weights), "a weight was not proved to be at least 0")
        require(any(exact.positive(weight, domain) for weight in weights), "no weight was proved to be positive")
        total = sp.Add(*(weight * margin.by_determinant(node, r) for (node, margin, _), weight in zip(parts, weights, strict=True)))
        if exact.is_zero(total, domain) is not True:
            require(exact.nonnegative(-total, domain), "the weighted sum of the margins was not proved to be at most 0")


def _read(expr: Any, args: tuple[Any, ...]) -> tuple[SpectralRadius, Any]:
    if not isinstance(expr, SpectralRadius):
        raise NotApplicable("it takes a spectral radius, spectral_radius(A)")
    if len(args) > 1:
        raise NotApplicable("it takes one radius: by(jury, r)")
    if expr.matrix.rows > LARGEST_DEGREE:
        raise NotApplicable(f"the matrix has {expr.matrix.rows} rows, and the test is carried out for at most {LARGEST_DEGREE}")
    return expr, sp.sympify(args[0]) if args else sp.S.One


def _bound(args: tuple[Any, ...]) -> tuple[Any, Sequence[tuple[SpectralRadius, Margin, Any]]]:
    if len(args) != 2 or not args[1]:
        raise NotApplicable("it takes a radius and a list of (spectral radius, margin, weight)")
    return sp.sympify(args[0]), args[1]


def _nodes(expr: Any) -> tuple[Any, ...]:
    nodes = expr.args if isinstance(expr, sp.Max) else (expr,)
    if not all(isinstance(node, SpectralRadius) for node in nodes):
        raise NotApplicable("it takes a spectral radius or the maximum of several")
    return nodes


def _value(coefficients: Sequence[Any], z: Any) -> Any:
    """A polynomial at a point, by Horner's scheme."""
    value = sp.S.Zero
    for coefficient in coefficients:
        value = sp.expand(value * z + coefficient)
    return value


def _inside(node: SpectralRadius, r: Any, domain: Domain) -> str:
    """Jury's conditions, by Schur's transform down to degree 2; the reason, or nothing where one was not proved."""
    p = [sp.expand(c * r ** (node.matrix.rows - k)) for k, c in enumerate(node.characteristic())]
    while True:
        n, lead, last = len(p) - 1, p[0], p[-1]
        ends = (lead - last, lead + last) if n != 2 else (lead - last,)
        if n <= 2:
            ends = (*ends, _value(p, sp.S.One), (-1) ** n * _value(p, sp.S.NegativeOne))
        if not all(exact.positive(sp.factor(end), domain) for end in ends):
            return ""
        if n <= 2:
            return f"$p(r)$, $(-1)^n p(-r)$ and $r^n \\pm c_0$ are positive at $r = {sp.latex(r)}$"
        p = [sp.expand(lead * p[k] - last * p[n - k]) for k in range(n)]


def _outside(node: SpectralRadius, r: Any, domain: Domain) -> str:
    for margin in Margin:
        if exact.positive(sp.factor(-margin.of(node, r)), domain):
            return f"${margin.value} < 0$ at $r = {sp.latex(r)}$"
    return ""


def _within(node: SpectralRadius, r: Any, domain: Domain) -> str:
    if node.matrix.rows > 2 or not all(_not_negative(margin.of(node, r), domain) for margin in Margin):
        return ""
    return f"none of $p(r)$, $(-1)^n p(-r)$, $r^n \\pm c_0$ is negative at $r = {sp.latex(r)}$"


def _not_negative(value: Any, domain: Domain) -> bool:
    return exact.is_zero(value, domain) is True or exact.nonnegative(sp.factor(value), domain)


def _on_circle(node: SpectralRadius, r: Any, domain: Domain) -> str:
    if node.matrix.rows > 2:
        return ""
    values = {margin: margin.of(node, r) for margin in Margin}
    zero = next((margin for margin, value in values.items() if exact.is_zero(value, domain) is True), None)
    if zero is None or not all(_not_negative(value, domain) for value in values.values()):
        return ""
    return f"${zero.value} = 0$ at $r = {sp.latex(r)}$, and none of the other conditions is negative"


def _check_inside(node: SpectralRadius, r: Any, domain: Domain) -> None:
    """Hurwitz: |z| < r is Re s < 0 for z = r (1 + s)/(1 - s), and all leading minors of the matrix of coefficients are positive."""
    s = sp.Dummy("s")
    p, n = node.characteristic(), node.matrix.rows
    moved = sp.Poly(sp.expand(sum(c * r ** (n - k) * (1 + s) ** (n - k) * (1 - s) ** k for k, c in enumerate(p))), s)
    a = [moved.coeff_monomial(s ** (n - k)) for k in range(n + 1)]
    hurwitz = sp.Matrix(n, n, lambda i, j: a[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= n else 0)
    minors = [hurwitz[:k, :k].det(method="berkowitz") for k in range(1, n)]
    for condition in (*a, *minors):
        require(exact.positive(sp.factor(condition), domain), f"Hurwitz's condition {sp.factor(condition)} > 0 was not proved")


def _check_on_circle(node: SpectralRadius, r: Any, domain: Domain) -> None:
    """An eigenvalue r or -r with the other of modulus at most r, or two conjugate ones whose product is r^2."""
    n, product, trace = node.matrix.rows, node.matrix.det(), node.matrix.trace()
    require(n <= 2, "the test for equality is for matrices of at most two rows")

    real = any(exact.is_zero(margin.by_determinant(node, r), domain) is True for margin in (Margin.AT_PLUS, Margin.AT_MINUS))
    if real:
        within = n == 1 or (_not_negative(r**2 - product, domain) and _not_negative(r**2 + product, domain))
        require(within, f"the other eigenvalue was not proved to be of modulus at most {r}")
        return
    conjugate = n == 2 and exact.is_zero(product - r**2, domain) is True and _not_negative(4 * product - trace**2, domain)
    require(conjugate, f"no eigenvalue of modulus {r} was exhibited")


jury = Jury()
no_smaller_radius = NoSmallerRadius()
