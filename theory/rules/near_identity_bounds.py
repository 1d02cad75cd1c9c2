"""Factorisations near the identity: what none can beat, shown by three vectors; one that is built; determinants of the factors."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import real
from lemmata.theory.near_identity import NearIdentityRadius
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class NearIdentityFloor(Rule):
    r"""rho_K(A) >= Max((|A x|/|x|)^(1/K) - 1, 1 - (|A y|/|y|)^(1/K), sin(angle(z, A z)/K)) for K >= 2.

    `(near_identity_floor, x, y, z, angle)`. Let A = (1 + V_1) ... (1 + V_K) and v = max |V_k|. |A x| <= (1 + v)^K |x|. For v < 1
    |A y| >= (1 - v)^K |y|, and for v >= 1 the second number is below v. A vector and its image under 1 + V span an angle of at most
    arcsin v for v < 1, and angles add up to at least that between z and A z, which is at most pi: arcsin v >= angle/K, where
    angle/K <= pi/2; for v >= 1 the third number is at most v.
    """

    name = "near_identity_floor"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        factor, node = _multiple(expr, domain)
        if len(args) != 4:
            raise NotApplicable("it takes three vectors and an angle")
        longest, shortest, _, angle = args
        up, down = (_stretch(node.matrix, vector, domain) for vector in (longest, shortest))
        bound = sp.Max(up ** (1 / node.factors) - 1, 1 - down ** (1 / node.factors), sp.sin(angle / node.factors), evaluate=False)
        return Rewrite(factor * bound, "three vectors: one is stretched, one is shrunk, one is turned", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Real vectors; K >= 2; the squared lengths by another product, x^T A^T A x; the cosine of the angle, which is in [0, pi]."""
        longest, shortest, turned, angle = args
        if not all(real(sp.sympify(entry), domain) for vector in args[:3] for entry in vector):
            raise NotDischarged("a vector is not proved real")
        if not all(exact.positive(_squared_away(sum(sp.sympify(entry) ** 2 for entry in vector)), domain) for vector in args[:3]):
            raise NotDischarged("a vector may be 0")
        factor, node = _multiple(before, domain)
        if not exact.nonnegative(node.factors - 2, domain):
            raise NotDischarged("that there are at least two factors is not proved")
        gram = node.matrix.T * node.matrix
        found = []
        for vector in (longest, shortest):
            value = _stretch(node.matrix, vector, domain)
            x = sp.Matrix(vector)
            gap = (x.T * gram * x)[0] - value**2 * (x.T * x)[0]
            if exact.is_zero(_squared_away(gap), domain) is not True or not exact.positive(value, domain):
                raise NotDischarged("the stretch of a vector is not the one that is said")
            found.append(value)
        z = sp.Matrix(turned)
        image = node.matrix * z
        along, size, length = (z.T * image)[0], (z.T * z)[0], _stretch(node.matrix, turned, domain)
        if exact.is_zero(_squared_away((image.T * image)[0] - length**2 * size), domain) is not True:
            raise NotDischarged("the image of the turned vector has another length")
        if exact.is_zero(_squared_away(along - sp.cos(angle) * size * length), domain) is not True:
            raise NotDischarged("the vector is turned by another angle")
        if not (exact.nonnegative(angle, domain) and exact.nonnegative(sp.pi - angle, domain)):
            raise NotDischarged("the angle is not proved to be in [0, pi]")
        share = 1 / node.factors
        bound = sp.Max(found[0] ** share - 1, 1 - found[1] ** share, sp.sin(angle * share), evaluate=False)
        if rewrite.link is not Link.AT_LEAST or exact.is_zero(factor * bound - rewrite.after, domain) is not True:
            raise NotDischarged("the bound is another")


@final
class NearIdentityBuilt(Rule):
    r"""rho_K(A) <= Max(|e^(b_1/i) - 1|, |e^(b_2/i) - 1|, 2 sin(phi/(2j))) for A = diag(e^b_1, e^b_2) R(phi) and K = i + j.

    `(near_identity_built, (b_1, b_2), i, phi, j)`, or a multiple of it: i factors diag(e^(b_1/i), e^(b_2/i)), none where both are 0,
    and j rotations by phi/j, whose powers are B and O; R(t) - 1 stretches every vector by 2 sin(t/2).
    """

    name = "near_identity_built"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        factor, _ = _multiple(expr, domain)
        return Rewrite(factor * _built(args, domain), "roots of the stretch and of the rotation", Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The number of factors, and their product; lengths of columns of R(t) - 1; the angle of each rotation in [0, pi]."""
        factor, node = _multiple(before, domain)
        exponents, (i, angle, j) = [sp.sympify(b) for b in args[0]], (sp.sympify(part) for part in args[1:])
        turned = j != 0 and all(part.is_integer and exact.nonnegative(part - 1, domain) for part in (j, *([i] if i != 0 else [])))
        if not turned or exact.is_zero(sp.expand(node.factors - i - j), domain) is not True or (i == 0 and any(exponents)):
            raise NotDischarged("the numbers of factors are not those of the radius")
        if not (exact.nonnegative(angle, domain) and exact.nonnegative(sp.pi - angle, domain)):
            raise NotDischarged("the angle is not proved to be in [0, pi]")
        product = sp.diag(*(sp.exp(b) for b in exponents)) * _rotation(angle)
        if node.matrix.shape != (2, 2) or not all(exact.is_zero(entry, domain) is True for entry in sp.Matrix(node.matrix) - product):
            raise NotDischarged("the product of the factors is another matrix")
        _chord()
        if rewrite.link is not Link.AT_MOST or rewrite.after != factor * _built(args, domain):
            raise NotDischarged("the bound is another")


@final
class NearIdentityStretch(LocalRule):
    r"""rho_K(diag(a_1, a_2, ...)) = max |a_i^(1/K) - 1| for a_i > 0: K equal roots are that near, and no factors nearer.

    With v = max |V_k|, (1 - v)^K <= a_i <= (1 + v)^K for v < 1 by what a product does to the i-th vector of the basis; for v >= 1 the
    upper one still holds, and 1 - a_i^(1/K) < 1 <= v.
    """

    name = "near_identity_stretch"
    kinds: ClassVar[tuple[type, ...]] = (NearIdentityRadius,)
    needs = "radius of a positive diagonal matrix"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        parts = [_side_of_one(node.matrix[k, k], node.factors, domain) for k in range(node.matrix.rows)]
        return Replacement(node, sp.Max(*parts, evaluate=False), domain, "the K-th root of a stretch")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The matrix is diagonal with entries proved positive, K is a positive integer, and each number is |a^(1/K) - 1|."""
        node, domain = replacement.before, replacement.domain
        matrix, size = node.matrix, range(node.matrix.rows)
        if any(matrix[k, l] != 0 for k in size for l in size if k != l) or not all(exact.positive(matrix[k, k], domain) for k in size):
            raise NotDischarged("the matrix is not diagonal with positive entries")
        if not (node.factors.is_integer and exact.positive(node.factors, domain)):
            raise NotDischarged("the number of factors is not proved to be a positive integer")
        parts = [_side_of_one(matrix[k, k], node.factors, domain) for k in size]
        if replacement.after != sp.Max(*parts, evaluate=False):
            raise NotDischarged("the distances are others")


@final
class DeterminantNearIdentity(LocalRule):
    """det((1 + V_1) ... (1 + V_K)) > 0 where 1 - V_k^T V_k is positive definite by hypothesis, that is |V_k| < 1, in any dimension.

    For s in [0, 1] and x != 0, |(1 + s V) x| >= |x| - s |V x| > 0: det(1 + s V) is continuous in s, has no zero, and is 1 at s = 0.
    Determinants of products are products of determinants.
    """

    name = "determinant_near_identity"
    kinds: ClassVar[tuple[type, ...]] = (sp.Determinant,)
    needs = "determinant of factors near the identity"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Any:
        from dataclasses import replace

        if not isinstance(expr, sp.Determinant):
            raise NotApplicable("it takes a determinant")
        return replace(super().apply(expr, *args, domain=domain), link=Link.ABOVE)

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        return Replacement(node, sp.S.Zero, domain, r"$\det(1 + s V)$ has no zero for $0 \le s \le 1$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        super().check(before, rewrite, *args, domain=domain)
        if rewrite.link is not Link.ABOVE or rewrite.after != 0:
            raise NotDischarged("a determinant that has no zero is above 0, and that is all")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Each factor is 1 + V with a square V whose contraction is among the hypotheses."""
        matrix, domain = replacement.before.arg, replacement.domain
        for factor in matrix.args if isinstance(matrix, sp.MatMul) else (matrix,):
            shift = _shift(factor)
            one = sp.Identity(shift.shape[0])
            if not any(
                isinstance(given, sp.AppliedPredicate) and given.function == sp.Q.positive_definite and given.arg == one - shift.T * shift
                for given in domain.given
            ):
                raise NotDischarged(f"that |{shift}| < 1 is no hypothesis: say that 1 - V^T V is positive definite")


def _multiple(expr: Any, domain: Domain) -> tuple[Any, Any]:
    """(c, radius) of c times the radius of a factorisation, c >= 0."""
    nodes = expr.atoms(NearIdentityRadius)
    if len(nodes) != 1:
        raise NotApplicable("it takes a multiple of the radius of one factorisation")
    (node,) = nodes
    factor = sp.Mul(*(part for part in sp.Mul.make_args(expr) if part != node))
    if factor * node != expr or not exact.nonnegative(factor, domain):
        raise NotApplicable("the factor before the radius is not proved nonnegative")
    return factor, node


def _built(args: Any, domain: Domain) -> Any:
    """The largest distance from the identity of i stretches and j rotations; no stretch for i = 0."""
    stretches, i, angle, j = args
    distances = [_distance(sp.sympify(b) / i, domain) for b in stretches] if i != 0 else []
    return sp.Max(*distances, 2 * sp.sin(sp.sympify(angle) / (2 * j)), evaluate=False)


def _chord() -> None:
    """|R(t) - 1| = 2 |sin(t/2)|: its columns are orthogonal and as long; raises NotDischarged."""
    half = sp.Dummy("t", real=True)
    column = (_rotation(2 * half) - sp.eye(2)).applyfunc(sp.expand_trig)
    gram = (column.T * column - 4 * sp.sin(half) ** 2 * sp.eye(2)).applyfunc(_squared_away)
    if not all(exact.is_zero(entry) is True for entry in gram):
        raise NotDischarged("a rotation is not that far from the identity")


def _side_of_one(entry: Any, factors: Any, domain: Domain) -> Any:
    """|a^(1/K) - 1| for an entry that is known to be on one side of 1."""
    if exact.nonnegative(entry - 1, domain):
        return entry ** (1 / factors) - 1
    if exact.nonnegative(1 - entry, domain):
        return 1 - entry ** (1 / factors)
    raise NotApplicable(f"whether {entry} is at least 1 is not known")


def _distance(exponent: Any, domain: Domain) -> Any:
    """|e^x - 1| for an x of known sign."""
    if exact.nonnegative(exponent, domain):
        return sp.exp(exponent) - 1
    if exact.nonnegative(-exponent, domain):
        return 1 - sp.exp(exponent)
    raise NotApplicable(f"the sign of {exponent} is not known")


def _rotation(angle: Any) -> Any:
    return sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])


def _shift(factor: Any) -> Any:
    """V of 1 + V."""
    terms = factor.args if isinstance(factor, sp.MatAdd) else (factor,)
    rest = [term for term in terms if not isinstance(term, sp.Identity)]
    if len(rest) != len(terms) - 1 or not rest or not all(getattr(term, "is_Matrix", False) for term in terms):
        raise NotDischarged(f"{factor} is not the identity plus a matrix")
    return sp.MatAdd(*rest).doit() if len(rest) > 1 else rest[0]


def _stretch(matrix: Any, vector: Any, domain: Domain) -> Any:
    """|A x|/|x|, simplified."""
    x = sp.Matrix(vector)
    if x.shape != (matrix.rows, 1):
        raise NotApplicable(f"a vector of {matrix.rows} entries is needed")
    image, size = matrix * x, _squared_away((x.T * x)[0])
    if size == 0:
        raise NotApplicable("a vector is 0")
    return sp.sqrt(sp.cancel(_squared_away((image.T * image)[0]) / size))


def _squared_away(expr: Any) -> Any:
    """Squares of sines written as 1 - cos^2."""
    sines = {node: node.args[0] for node in expr.atoms(sp.sin)}
    names = {sine: sp.Dummy("s", real=True) for sine in sines}
    found = sp.expand(expr.xreplace(names))
    for sine, name in names.items():
        found = sp.rem(found, name**2 + sp.cos(sines[sine]) ** 2 - 1, name) if found.has(name) else found
    return sp.expand(sp.expand(found).xreplace({name: sine for sine, name in names.items()}))


near_identity_floor = NearIdentityFloor()
near_identity_built = NearIdentityBuilt()
near_identity_stretch = NearIdentityStretch()
determinant_near_identity = DeterminantNearIdentity()
