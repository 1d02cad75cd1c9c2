r"""Coefficients of the ReLU and of its random-feature kernel on spheres, for every dimension and every even degree.

$C_k$ is Gegenbauer's polynomial of order $a = (d - 1)/2$: up to the factor $C_k(1)$ the zonal harmonic of degree k on $S^d$.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.rules.local import LocalRule, Replacement

FUNK_HECKE = "Funk and Hecke: on harmonics of one degree E_w f(w.x) f(w.y), w uniform, has the square of the eigenvalue of f(w.x)"


def zonal(node: Any) -> tuple[Any, Any, Any, Any, Any]:
    """(rest, k, a, phi, limits) of an integral of rest(phi) C_k(cos phi) sin(phi)^(2 a); raises NotApplicable for other integrals."""
    if len(node.limits) != 1 or len(node.limits[0]) != 3:
        raise NotApplicable("one integral over an angle between two ends is needed")
    phi, low, high = node.limits[0]
    found = [factor for factor in sp.Mul.make_args(node.function) if isinstance(factor, sp.gegenbauer)]
    if len(found) != 1 or found[0].args[2] != sp.cos(phi):
        raise NotApplicable("the integrand has to hold gegenbauer(k, a, cos(phi)) once")
    k, a, _ = found[0].args
    if phi in k.free_symbols | a.free_symbols:
        raise NotApplicable(f"the degree and the order of the polynomial hold the angle {phi}")
    rest = sp.powsimp(node.function / (found[0] * sp.sin(phi) ** sp.expand(2 * a)))
    return rest, k, a, phi, (low, high)


def even_degree(k: Any, a: Any, domain: Domain) -> Any:
    """j where k = 2 j with an integer j >= 1 and a > 0, all proved; raises NotApplicable else."""
    j = sp.expand(k / 2)
    if j.is_integer is not True or not exact.positive(j, domain) or not exact.positive(a, domain):
        raise NotApplicable(f"the degree {k} has to be proved even and at least 2, and the order {a} positive")
    return j


def at_zero(j: Any, a: Any) -> Any:
    """C_2j(0)."""
    return (-1) ** j * sp.gamma(a + j) / (sp.gamma(a) * sp.gamma(j + 1))


@final
class ReluHarmonics(LocalRule):
    r"""The ReLU's coefficient, $\int_0^{\pi/2} \cos\varphi\, C_k \sin^{2a}\varphi\, d\varphi = -C_k(0)/((k - 1)(k + 2a + 1))$.

    For even $k \ge 2$ and $a > 0$, with $C_k$ at $\cos\varphi$.

    With $t = \cos\varphi$ and $W = (1 - t^2)^{a + 1/2}$ the function $(W C_k - t W C_k')/((k - 1)(k + 2a + 1))$ has the derivative
    $t\, C_k (1 - t^2)^{a - 1/2}$, by Gegenbauer's equation $(1 - t^2) C_k'' = (2a + 1) t C_k' - k (k + 2a) C_k$; it is 0 at t = 1.
    Source: DLMF (18.8.1) for the equation, (18.9.1) for the recurrence that gives $C_k(0)$.

    >>> from lemmata.theory.derivation import Derivation
    >>> j, phi, a = sp.Symbol("j", integer=True, positive=True), sp.Symbol("phi", real=True), sp.Symbol("a", positive=True)
    >>> node = sp.Integral(sp.cos(phi) * sp.gegenbauer(2 * j, a, sp.cos(phi)) * sp.sin(phi) ** (2 * a), (phi, 0, sp.pi / 2))
    >>> Derivation(node, Domain((j, a))).by(relu_harmonics).end.subs({j: 1, a: 1})
    1/5
    """

    name = "relu_harmonics"
    source = "DLMF (18.8.1), (18.9.1)"
    kinds: ClassVar[tuple[type, ...]] = (sp.Integral,)
    needs = "coefficient of the ReLU on a sphere"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        rest, k, a, phi, ends = zonal(node)
        if ends != (0, sp.pi / 2) or rest != sp.cos(phi):
            raise NotApplicable("it takes the integral of cos(phi) C_k(cos phi) sin(phi)^(2 a) over [0, pi/2]")
        value = -at_zero(even_degree(k, a, domain), a) / ((k - 1) * (k + 2 * a + 1))
        return Replacement(
            node, value, domain, "by parts, with Gegenbauer's differential equation", ("Gegenbauer's equation, DLMF (18.8.1)",)
        )

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The antiderivative is differentiated, the value at 0 put into the recurrence, and the ends into the antiderivative."""
        rest, k, a, phi, ends = zonal(replacement.before)
        j = even_degree(k, a, replacement.domain)
        t, value, first = sp.symbols("t C C'", real=True)
        second = ((2 * a + 1) * t * first - k * (k + 2 * a) * value) / (1 - t**2)
        # W = (1 - t^2) w and W' = -(2 a + 1) t w, both over w = (1 - t^2)^(a - 1/2)
        inner, outer = 1 - t**2, -(2 * a + 1) * t
        motion = outer * value + inner * first - (inner * first + t * (outer * first + inner * second))
        if sp.expand(sp.cancel(motion - t * value * (k - 1) * (k + 2 * a + 1))) != 0:
            raise NotDischarged("the antiderivative has another derivative")
        i, any_order = sp.Dummy("i", integer=True, positive=True), sp.Dummy("a", positive=True)
        ratio = sp.gammasimp(sp.powsimp(at_zero(i - 1, any_order) / at_zero(i, any_order)))
        if sp.cancel(2 * i + (2 * i + 2 * any_order - 2) * ratio) != 0 or at_zero(sp.S.Zero, any_order) != 1:
            raise NotDischarged("the value at 0 does not satisfy the recurrence")
        at_start = -at_zero(j, a)  # W = 0 at t = 1, and at t = 0 it is W C = C(0)
        if rest != sp.cos(phi) or ends != (0, sp.pi / 2) or replacement.after != at_start / ((k - 1) * (k + 2 * a + 1)):
            raise NotDischarged("the ends give another value")


@final
class FunkHecke(LocalRule):
    r"""The random-feature kernel's coefficient by the ReLU's: $\kappa_1(x \cdot y) = 2 (d + 1)\, \mathbb{E}_w (w \cdot x)_+ (w \cdot y)_+$.

    $$\int_0^\pi \kappa_1 C_k \sin^{2a} = \frac{4 (a + 1)\, \Gamma(a + 1)}{\sqrt\pi\, \Gamma(a + 1/2)\, C_k(1)}
    \Bigl( \int_0^{\pi/2} \cos\varphi\, C_k \sin^{2a} \Bigr)^2$$

    with $d = 2a + 1$ and w uniform on $S^d$: normal weights have the mean squared length d + 1, and $\kappa_1/2$ is their mean (Cho and
    Saul). Source: Bach (2017), Breaking the curse of dimensionality with convex neural networks, appendix D.2.
    """

    name = "funk_hecke"
    source = "Bach (2017), appendix D.2"
    kinds: ClassVar[tuple[type, ...]] = (sp.Integral,)
    needs = "coefficient of the random-feature kernel on a sphere"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        rest, k, a, phi, ends = zonal(node)
        if ends != (0, sp.pi) or not is_arc_cosine(rest, phi):
            raise NotApplicable("it takes the integral of kappa_1 C_k(cos phi) sin(phi)^(2 a) over [0, pi]")
        even_degree(k, a, domain)
        return Replacement(node, squared(k, a, phi), domain, "the theorem of Funk and Hecke, twice", (FUNK_HECKE,))

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The kernel is kappa_1 and the square is put together again; at a = 1, k = 2 both sides are integrated exactly."""
        rest, k, a, phi, _ = zonal(replacement.before)
        if not is_arc_cosine(rest, phi) or replacement.after != squared(k, a, phi):
            raise NotDischarged("another kernel or another square")
        # a = 1, k = 2: C_2 = 4 cos^2 - 1; by parts the integral of (pi - phi) G' over [0, pi] is that of G, as G(0) = 0
        u = sp.Dummy("u", nonnegative=True)
        inner = sp.integrate((4 * (1 - u**2) - 1) * u**2, u)  # G as a function of u = sin(phi)
        left = (sine_powers((4 * (1 - u**2) - 1) * u**3, u) + sine_powers(inner, u)) / sp.pi
        if sp.simplify(left - factor(sp.Integer(2), sp.Integer(1)) * inner.subs(u, 1) ** 2) != 0:
            raise NotDischarged("the factor is another one at a = 1, k = 2")


def is_arc_cosine(rest: Any, phi: Any) -> bool:
    """Whether this is kappa_1 = (sin phi + (pi - phi) cos phi)/pi."""
    return bool(sp.expand(sp.pi * rest - sp.sin(phi) - (sp.pi - phi) * sp.cos(phi)) == 0)


def sine_powers(polynomial: Any, u: Any) -> Any:
    """The integral over [0, pi] of a polynomial in u = sin(phi), by Wallis's formula."""
    terms = sp.Poly(sp.expand(polynomial), u).terms()
    return sum(c * sp.sqrt(sp.pi) * sp.gamma(sp.Rational(n + 1, 2)) / sp.gamma(sp.Rational(n, 2) + 1) for (n,), c in terms)


def at_one(j: Any, a: Any) -> Any:
    """C_2j(1) = binomial(2 j + 2 a - 1, 2 j), by the duplication formula of the Gamma function.

    >>> at_one(sp.Integer(3), sp.Integer(2)), sp.binomial(9, 6)
    (84, 84)
    """
    half = sp.Rational(1, 2)
    below = sp.gamma(j + half) * sp.gamma(j + 1) * sp.gamma(a) * sp.gamma(a + half)
    return sp.sqrt(sp.pi) * sp.gamma(j + a) * sp.gamma(sp.expand(j + a + half)) / below


def factor(k: Any, a: Any) -> Any:
    """2 (d + 1) w_d/C_k(1), w_d = Gamma(a + 1)/(sqrt(pi) Gamma(a + 1/2))."""
    half = sp.Rational(1, 2)
    return 4 * (a + 1) * sp.gamma(sp.expand(a + 1)) / (sp.sqrt(sp.pi) * sp.gamma(sp.expand(a + half)) * at_one(sp.expand(k / 2), a))


def squared(k: Any, a: Any, phi: Any) -> Any:
    """The factor times the square of the ReLU's coefficient."""
    integrand = sp.cos(phi) * sp.gegenbauer(k, a, sp.cos(phi)) * sp.sin(phi) ** sp.expand(2 * a)
    return factor(k, a) * sp.Integral(integrand, (phi, 0, sp.pi / 2)) ** 2


relu_harmonics = ReluHarmonics()
funk_hecke = FunkHecke()
