"""Gaussian expectations of terms, reduced by exact equations until only values of the normal law are left.

Each `Equation` says E[term] = sum of coefficient * E[term'] (+ a closed number), the expectations under normal laws that
may differ. A change of measure absorbs the exponential; integration by parts lowers a power, and where the integrand jumps
leaves the density there and the law given that place; switches and waves alone have known means. Every kind has its own
check, which does not use the computation that it checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NEGATIVE, NONNEGATIVE, POSITIVE, signs
from lemmata.theory.gaussian_terms import Switch, Term, Wave
from lemmata.theory.normal_form import root, tidy

MOST_EQUATIONS = 400
"""An expectation that needs more equations than this is given up."""


class Kind(Enum):
    """What an equation rests on, in the words of a derivation."""

    MEASURE = "the exponential as a change of measure"
    PARTS = "integration by parts"
    SWITCHES = "orthant probabilities"
    WAVES = "the characteristic function"
    BOTH = "the characteristic function of a half-space"


@dataclass(frozen=True, slots=True)
class Law:
    """The normal law of (x_0, ...): means and covariances."""

    means: tuple[Any, ...]
    covariance: tuple[tuple[Any, ...], ...]

    def variance_of(self, slopes: tuple[Any, ...]) -> Any:
        """Var(slopes . x)."""
        return self.covariance_of(slopes, slopes)

    def covariance_of(self, first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
        """Cov(first . x, second . x)."""
        rows = enumerate(self.covariance)
        return tidy(sum((a * b * row[j] for (i, row), a in zip(rows, first, strict=True) for j, b in enumerate(second)), sp.S.Zero))

    def mean_of(self, slopes: tuple[Any, ...], offset: Any) -> Any:
        """E(slopes . x + offset)."""
        return tidy(sum((a * m for a, m in zip(slopes, self.means, strict=True)), offset))


@dataclass(frozen=True, slots=True)
class Part:
    """coefficient * E_law[term]."""

    coefficient: Any
    law: Law
    term: Term


@dataclass(frozen=True, slots=True)
class Equation:
    """E_law[term] = closed + sum of the parts."""

    kind: Kind
    law: Law
    term: Term
    closed: Any
    parts: tuple[Part, ...] = ()


def variables(count: int) -> tuple[Any, ...]:
    """The names x_0, x_1 under which terms are differentiated."""
    return tuple(_NAMES[:count])


_NAMES = sp.symbols("x_0 x_1", real=True, cls=sp.Dummy)


class Reduction:
    """The equations that reduce expectations, each made once; `value` assembles them."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.equations: dict[tuple[Law, Term], Equation] = {}
        self._values: dict[tuple[Law, Term], Any] = {}

    def value(self, law: Law, term: Term) -> Any:
        """E_law[term] in closed form; raises NotApplicable where some equation is missing."""
        key = (law, term)
        if key not in self._values:
            equation = self.equation(law, term)
            self._values[key] = equation.closed + sum(
                (part.coefficient * self.value(part.law, part.term) for part in equation.parts), sp.S.Zero
            )
        return self._values[key]

    def equation(self, law: Law, term: Term) -> Equation:
        """The equation that reduces E_law[term]."""
        key = (law, term)
        if key not in self.equations:
            if len(self.equations) >= MOST_EQUATIONS:
                raise NotApplicable(f"more than {MOST_EQUATIONS} equations would be needed")
            self.equations[key] = self._reduced(law, term)
        return self.equations[key]

    def _reduced(self, law: Law, term: Term) -> Equation:
        if term.exponent != 0:
            return change_of_measure(law, term, self.domain)
        if any(term.powers):
            return by_parts(law, term, self.domain)
        if term.switches and term.waves:
            return mean_of_switch_and_waves(law, term)
        return mean_of_waves(law, term) if term.waves else mean_of_switches(law, term)


# The exponential


def quadratic(exponent: Any, names: tuple[Any, ...]) -> tuple[Any, Any]:
    """(A, b) with exponent = -x^T A x/2 + b^T x."""
    at_zero = dict.fromkeys(names, sp.S.Zero)
    hessian = -sp.hessian(exponent, names).applyfunc(sp.expand)
    return hessian, sp.Matrix([sp.diff(exponent, x).xreplace(at_zero) for x in names])


def change_of_measure(law: Law, term: Term, domain: Domain) -> Equation:
    """E[G(x) exp(-x^T A x/2 + b^T x)] = det(I + S A)^(-1/2) exp(k) E'[G(x)], the law E' with covariance (I + S A)^(-1) S.

    Its mean is m' = (I + S A)^(-1) (m + S b), and k = ((b - A m')^T m + b^T m')/2.
    """
    matrix, slope = quadratic(term.exponent, variables(len(law.means)))
    mean, covariance = sp.Matrix(law.means), sp.Matrix(law.covariance)
    size = sp.eye(len(law.means)) + covariance * matrix
    det = tidy(size.det(method="berkowitz"))
    require_finite(law, matrix, domain)
    inverse = size.adjugate() / det
    means = (inverse * (mean + covariance * slope)).applyfunc(tidy)
    constant = tidy(((slope - matrix * means).dot(mean) + slope.dot(means)) / 2)
    rows = (inverse * covariance).applyfunc(tidy)
    after = Law(tuple(means), tuple(tuple(rows[i, j] for j in range(rows.cols)) for i in range(rows.rows)))
    rest = Term(term.powers, sp.S.Zero, term.switches, term.waves)
    return Equation(Kind.MEASURE, law, term, sp.S.Zero, (Part(sp.exp(constant) / root(det), after, rest),))


def require_finite(law: Law, matrix: Any, domain: Domain) -> None:
    """det(I + t S A) > 0 for 0 <= t <= 1: no eigenvalue of I + S^(1/2) A S^(1/2) has passed through 0."""
    product = sp.Matrix(law.covariance) * matrix
    trace = tidy(product.trace())
    det = tidy(product.det(method="berkowitz")) if product.rows > 1 else sp.S.Zero
    if signs(1 + trace, domain) <= POSITIVE and det == 0:
        return
    if signs(trace, domain) <= NONNEGATIVE and signs(det, domain) <= NONNEGATIVE:
        return
    raise NotApplicable("the exponential is not proved to have a finite expectation: it may grow as fast as the normal density falls")


# Powers


def by_parts(law: Law, term: Term, domain: Domain) -> Equation:
    """E[x_i F] = m_i E[F] + sum over j of Cov(x_i, x_j) E[dF/dx_j], jumps of F as densities."""
    i = next(index for index, power in enumerate(term.powers) if power)
    lowered = Term(_shifted(term.powers, i, -1), sp.S.Zero, term.switches, term.waves)
    parts = [Part(law.means[i], law, lowered)] if law.means[i] != 0 else []
    for j, row in enumerate(law.covariance[i]):
        if row != 0:
            parts += [Part(row * part.coefficient, part.law, part.term) for part in derivative(law, lowered, j, domain)]
    return Equation(Kind.PARTS, law, term, sp.S.Zero, tuple(part for part in parts if part.coefficient != 0))


def derivative(law: Law, term: Term, j: int, domain: Domain) -> Iterator[Part]:
    """E[dF/dx_j], factor by factor."""
    names = variables(len(law.means))
    if term.powers[j]:
        yield Part(sp.Integer(term.powers[j]), law, Term(_shifted(term.powers, j, -1), sp.S.Zero, term.switches, term.waves))
    for k, wave in enumerate(term.waves):  # cos' = -sin = cos(. + pi/2)
        turned = Wave(wave.slopes, wave.offset + sp.pi / 2)
        yield Part(wave.slopes[j], law, Term(term.powers, sp.S.Zero, term.switches, (*term.waves[:k], turned, *term.waves[k + 1 :])))
    for k, switch in enumerate(term.switches):
        if switch.slopes[j] == 0:
            continue
        others = (*term.switches[:k], *term.switches[k + 1 :])
        if switch.noise != 0:  # erf' = 2 exp(-y^2)/sqrt(pi)
            exponent = sp.expand(-(switch.argument(names) ** 2))
            constant = exponent.xreplace(dict.fromkeys(names, sp.S.Zero))
            rest = Term(term.powers, exponent - constant, others, term.waves)
            yield Part(2 * switch.slopes[j] * sp.exp(constant) / sp.sqrt(sp.pi), law, rest)
        else:
            part = at_jump(law, Term(term.powers, sp.S.Zero, others, term.waves), switch, j, domain)
            yield Part(2 * part.coefficient, part.law, part.term)


def at_jump(law: Law, term: Term, switch: Switch, j: int, domain: Domain) -> Part:
    """E[a delta(a x_j + b) G] = sign(a) p_j(point) E[G | x_j = point], point = -b/a."""
    if any(slope != 0 for index, slope in enumerate(switch.slopes) if index != j):
        raise NotApplicable("a step of a combination of both variables")
    if any(other.noise == 0 and other.slopes[j] != 0 for other in term.switches):
        raise NotApplicable("two steps in one variable: write their product as one")
    sign = signs(switch.slopes[j], domain)
    if sign not in (POSITIVE, NEGATIVE):
        raise NotApplicable(f"the sign of {switch.slopes[j]} is not known")
    point = tidy(-switch.offset / switch.slopes[j])
    mean, variance = law.means[j], law.covariance[j][j]
    density = sp.exp(tidy(-((point - mean) ** 2) / (2 * variance))) / (sp.sqrt(2 * sp.pi) * root(variance))
    coefficient = density * point ** term.powers[j] * (1 if sign == POSITIVE else -1)
    switches = tuple(Switch(_without(s.slopes, j), s.offset + s.slopes[j] * point, s.noise) for s in term.switches)
    waves = tuple(Wave(_without(w.slopes, j), w.offset + w.slopes[j] * point) for w in term.waves)
    return Part(coefficient, conditional(law, j, point), Term(_without(term.powers, j), sp.S.Zero, switches, waves))


def conditional(law: Law, j: int, point: Any) -> Law:
    """The law of the other variables given x_j = point: means m + C_j (point - m_j)/C_jj, covariances C - C_j C_j^T/C_jj."""
    column = _without(tuple(row[j] for row in law.covariance), j)
    variance, distance = law.covariance[j][j], point - law.means[j]
    means = tuple(tidy(m + a * distance / variance) for m, a in zip(_without(law.means, j), column, strict=True))
    rows = zip([_without(row, j) for row in _without(law.covariance, j)], column, strict=True)
    return Law(means, tuple(tuple(tidy(e - a * b / variance) for e, b in zip(row, column, strict=True)) for row, a in rows))


# What is left


def mean_of_switches(law: Law, term: Term) -> Equation:
    """1, erf, arc sine, or one integral: the mean of a product of at most three signs."""
    forms = [(law.mean_of(s.slopes, s.offset), tidy(law.variance_of(s.slopes) + s.noise)) for s in term.switches]
    if not forms:
        return Equation(Kind.SWITCHES, law, term, sp.S.One)
    if any(variance == 0 for _, variance in forms):
        raise NotApplicable("a step of a constant")
    heights = [mean / root(variance) for mean, variance in forms]
    if len(forms) == 1:
        return Equation(Kind.SWITCHES, law, term, sp.erf(heights[0] / sp.sqrt(2)))
    if len(forms) == 2:
        first, second = term.switches
        common = law.covariance_of(first.slopes, second.slopes)
        rho = correlation(common, forms[0][1] * forms[1][1])
        return Equation(Kind.SWITCHES, law, term, two_signs(heights[0], heights[1], rho))
    if len(forms) == 3 and all(mean == 0 for mean, _ in forms):
        return Equation(Kind.SWITCHES, law, term, sp.S.Zero)
    raise NotApplicable("more than two steps or error functions in one product")


def correlation(common: Any, product: Any) -> Any:
    """common/sqrt(product), in the normal form of rational functions where the root is one."""
    rho = common / root(product)
    rational = all(node.exp.is_Integer or not isinstance(node.base, sp.Add) for node in rho.atoms(sp.Pow))
    return tidy(rho) if rational else rho


def two_signs(h: Any, k: Any, rho: Any) -> Any:
    """E[sign(X + h) sign(Y + k)] for standard normal X, Y with correlation rho, by Price's theorem in the angle asin(rho).

    >>> two_signs(0, 0, sp.Rational(1, 2))
    1/3
    """
    if h == 0 and k == 0:
        return 2 * sp.asin(rho) / sp.pi
    theta = sp.Symbol("theta", real=True)
    exponent = -(tidy((h - k) ** 2) / (1 - sp.sin(theta)) + tidy((h + k) ** 2) / (1 + sp.sin(theta))) / 4
    anchor = sp.erf(h / sp.sqrt(2)) * sp.erf(k / sp.sqrt(2))
    return anchor + 2 * sp.Integral(sp.exp(exponent), (theta, 0, sp.asin(rho))) / sp.pi


def combined(waves: tuple[Wave, ...]) -> list[Wave]:
    """A product of n cosines as the mean of 2^(n-1) cosines: cos a cos b = (cos(a + b) + cos(a - b))/2."""
    sums = list(waves[:1])
    for wave in waves[1:]:
        sums = [
            Wave(tuple(a + sign * b for a, b in zip(one.slopes, wave.slopes, strict=True)), one.offset + sign * wave.offset)
            for one in sums
            for sign in (1, -1)
        ]
    return sums


def mean_of_waves(law: Law, term: Term) -> Equation:
    """E cos(L) = exp(-Var L/2) cos(E L)."""
    sums = combined(term.waves)
    total = sum((_damped(law, wave) * sp.cos(law.mean_of(wave.slopes, sp.S.Zero) + wave.offset) for wave in sums), sp.S.Zero)
    return Equation(Kind.WAVES, law, term, total / len(sums))


def mean_of_switch_and_waves(law: Law, term: Term) -> Equation:
    """E[sign(Z) cos(L + p)] = -sin(p + E L) exp(-Var L/2) erfi(Cov(Z, L)/sqrt(2 Var Z)) for a centred Z."""
    if len(term.switches) > 1:
        raise NotApplicable("a sine or cosine times two steps or error functions has no elementary mean")
    (switch,), sums = term.switches, combined(term.waves)
    variance = tidy(law.variance_of(switch.slopes) + switch.noise)
    if law.mean_of(switch.slopes, switch.offset) != 0 or variance == 0:
        raise NotApplicable("a sine or cosine times a step or error function that is not centred has no elementary mean")
    total = sp.S.Zero
    for wave in sums:
        phase = law.mean_of(wave.slopes, sp.S.Zero) + wave.offset
        height = law.covariance_of(switch.slopes, wave.slopes) / root(variance) / sp.sqrt(2)
        total -= sp.sin(phase) * _damped(law, wave) * sp.erfi(height)
    return Equation(Kind.BOTH, law, term, total / len(sums))


def _damped(law: Law, wave: Wave) -> Any:
    return sp.exp(-law.variance_of(wave.slopes) / 2)


def _shifted(powers: tuple[int, ...], i: int, by: int) -> tuple[int, ...]:
    return tuple(power + by if index == i else power for index, power in enumerate(powers))


def _without(items: tuple[Any, ...], j: int) -> tuple[Any, ...]:
    return (*items[:j], *items[j + 1 :])
