"""Each equation of a Gaussian reduction, discharged by another way than the one that made it.

The theorems are proved once, with symbols for every entry: densities are compared as functions, and what has a closed
form is differentiated in a covariance (Price's theorem) and compared at 0. An equation is then an instance, whose entries
are checked by multiplication.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import NEGATIVE, POSITIVE, signs
from lemmata.theory.gaussian_reduction import (
    Equation,
    Kind,
    Law,
    Part,
    combined,
    correlation,
    quadratic,
    require_finite,
    two_signs,
    variables,
)
from lemmata.theory.gaussian_terms import Switch, Term
from lemmata.theory.normal_form import root, tidy, vanishes_by_terms


def discharge(equation: Equation, domain: Domain) -> None:
    """Check one equation; raises NotDischarged with what is not proved."""
    match equation.kind:
        case Kind.MEASURE:
            _measure(equation, domain)
        case Kind.PARTS:
            _parts(equation, domain)
        case Kind.SWITCHES:
            _switches(equation, domain)
        case Kind.WAVES:
            _waves(equation, domain)
        case Kind.BOTH:
            _both(equation, domain)


def same(first: Any, second: Any, domain: Domain) -> bool:
    """Whether two closed expressions are proved equal, cheap ways first."""
    return bool(first == second or vanishes_by_terms(first - second) or is_zero(first - second, domain) is True)


def vanishes(*expressions: Any) -> bool:
    """Whether rational functions vanish identically."""
    return all(sp.cancel(sp.together(expr)) == 0 for expr in expressions)


def log_density(law: Law, names: tuple[Any, ...]) -> Any:
    """-(x - m)^T S^(-1) (x - m)/2, without the logarithm of its mass."""
    distance = sp.Matrix(names) - sp.Matrix(law.means)
    covariance = sp.Matrix(law.covariance)
    return -(distance.T * covariance.adjugate() * distance)[0] / (2 * covariance.det())


def _measure(equation: Equation, domain: Domain) -> None:
    """(I + S A) S' = S and (I + S A) m' = m + S b by multiplication; the constant at x = m'; singular S by continuity.

    For invertible S the first is S'^(-1) = S^(-1) + A and det S' det(I + S A) = det S, with it the second is S'^(-1) m' =
    S^(-1) m + b: the quadratic and linear terms of log N(x; m, S) - x^T A x/2 + b^T x are those of log N(x; m', S'). At x = m'
    the exponents differ by k = -m'^T A m'/2 + b^T m' - (m' - m)^T S^(-1) (m' - m)/2, where S^(-1) (m' - m) = b - A m'.
    """
    if len(equation.parts) != 1 or equation.closed != 0:
        raise NotDischarged("a change of measure leaves one expectation")
    (part,), names = equation.parts, variables(len(equation.law.means))
    a, b = quadratic(equation.term.exponent, names)
    rebuilt = (-sp.Matrix(names).T * a * sp.Matrix(names) / 2)[0] + b.dot(sp.Matrix(names))
    s, m = sp.Matrix(equation.law.covariance), sp.Matrix(equation.law.means)
    after_s, after_m = sp.Matrix(part.law.covariance), sp.Matrix(part.law.means)
    size = sp.eye(len(names)) + s * a
    if sp.expand(rebuilt - equation.term.exponent) != 0:
        raise NotDischarged("the exponent is not the quadratic that was completed")
    if not vanishes(*(size * after_s - s), *(size * after_m - m - s * b)):
        raise NotDischarged("the new law is not the tilted one")
    require_finite(equation.law, a, domain)
    k = (-after_m.T * a * after_m / 2 + b.T * after_m)[0] - ((after_m - m).T * (b - a * after_m))[0] / 2
    det = 1 + s[0, 0] * a[0, 0] if len(names) == 1 else 1 + (s * a).trace() + s.det() * a.det()
    rest = Term(equation.term.powers, sp.S.Zero, equation.term.switches, equation.term.waves)
    if part.term != rest or not same(part.coefficient, sp.exp(tidy(k)) / root(det), domain):
        raise NotDischarged("the factor of the change of measure is another")


def _parts(equation: Equation, domain: Domain) -> None:
    """m_i F + sum S_ij dF/dx_j, by SymPy's derivative of the whole integrand; its delta functions one by one."""
    law, names = equation.law, variables(len(equation.law.means))
    i = next(index for index, power in enumerate(equation.term.powers) if power)
    powers = tuple(power - (index == i) for index, power in enumerate(equation.term.powers))
    lowered = Term(powers, sp.S.Zero, equation.term.switches, equation.term.waves)
    integrand = lowered.expression(names)
    if sp.expand(names[i] * integrand - equation.term.expression(names)) != 0 or equation.closed != 0:
        raise NotDischarged("the lowered integrand is another")
    total = law.means[i] * integrand + sum((law.covariance[i][j] * sp.diff(integrand, x) for j, x in enumerate(names)), sp.S.Zero)
    smooth = sp.expand(total).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    kept = [part for part in equation.parts if len(part.law.means) == len(names)]
    if any(part.law != law for part in kept):
        raise NotDischarged("integration by parts does not change the law")
    found = sum((part.coefficient * part.term.expression(names) for part in kept), sp.S.Zero)
    if sp.expand(smooth - found) != 0 and is_zero(smooth - found, domain) is not True:
        raise NotDischarged("the derivative of the integrand is another")
    jumps = [part for part in equation.parts if part not in kept]
    expected = [(j, k, s) for j in range(len(names)) for k, s in enumerate(lowered.switches) if s.noise == 0 and s.slopes[j] != 0]
    for j, k, switch in expected:
        others = (*lowered.switches[:k], *lowered.switches[k + 1 :])
        jumps = _jump(law, Term(powers, sp.S.Zero, others, lowered.waves), switch, (i, j), jumps, domain)
    if jumps:
        raise NotDischarged("there are more jumps than the integrand has")


def _jump(law: Law, rest: Term, switch: Switch, at: tuple[int, int], jumps: list[Part], domain: Domain) -> list[Part]:
    """Cov(x_i, x_j) E[2 a delta(a x_j + b) G]: the joint density at the point is the marginal one times the conditional one."""
    (i, j), names = at, variables(len(law.means))
    slope, mean, variance = switch.slopes[j], law.means[j], law.covariance[j][j]
    sign = signs(slope, domain)
    point = sp.cancel(-switch.offset / slope)
    value = point ** rest.powers[j]
    if law.covariance[i][j] == 0 or value == 0:
        return jumps
    if sign not in (POSITIVE, NEGATIVE) or not jumps or any(a != 0 for index, a in enumerate(switch.slopes) if index != j):
        raise NotDischarged("a jump of the integrand was not integrated")
    part, remaining = jumps[0], jumps[1:]
    density = sp.exp(tidy(-((point - mean) ** 2) / (2 * variance))) / (sp.sqrt(2 * sp.pi) * root(variance))
    wanted = law.covariance[i][j] * 2 * (1 if sign == POSITIVE else -1) * density * value
    others = tuple(x for index, x in enumerate(names) if index != j)
    given = part.term.expression(variables(len(others))).xreplace(dict(zip(variables(len(others)), others, strict=True)))
    integrand = rest.expression(names).xreplace({names[j]: point})
    if not same(part.coefficient, wanted, domain) or sp.expand(integrand - value * given) != 0:
        raise NotDischarged("the density at a jump is another")
    if others:
        marginal = -((point - mean) ** 2) / (2 * variance)
        joint = log_density(law, names).xreplace({names[j]: point})
        conditional = log_density(part.law, variables(1)).xreplace({variables(1)[0]: others[0]})
        if not vanishes(joint - marginal - conditional, sp.Matrix(law.covariance).det() - variance * part.law.covariance[0][0]):
            raise NotDischarged("the law given the place of the jump is another")
    return remaining


@cache
def _sign_theorems() -> bool:
    """d/dh E sign(X + h) = 2 p(h), and d/drho E[sign(X + h) sign(Y + k)] = 4 p(h, k; rho) (Price); at 0 both are known."""
    h, k = sp.symbols("h k", real=True)
    rho = sp.Symbol("rho", real=True)
    one = sp.erf(h / sp.sqrt(2))
    facts = [sp.diff(one, h) - 2 * sp.exp(-(h**2) / 2) / sp.sqrt(2 * sp.pi), one.subs(h, 0)]
    centred = two_signs(sp.S.Zero, sp.S.Zero, rho)
    facts += [sp.diff(centred, rho) - 4 / (2 * sp.pi * sp.sqrt(1 - rho**2)), centred.subs(rho, 0)]
    pair = two_signs(h, k, rho)
    (integral,) = pair.atoms(sp.Integral)
    theta, low, high = integral.limits[0]
    facts += [pair.xreplace({integral: sp.S.Zero}) - one * one.subs(h, k), low, high - sp.asin(rho)]
    factor = sp.diff(pair.xreplace({integral: sp.Symbol("I")}), sp.Symbol("I"))
    exponent = integral.function.args[0].xreplace({sp.sin(theta): rho})
    facts += [factor - 2 / sp.pi, sp.cancel(exponent + (h**2 - 2 * rho * h * k + k**2) / (2 * (1 - rho**2)))]
    return all(sp.simplify(fact) == 0 for fact in facts)


def _forms(law: Law, switches: tuple[Switch, ...]) -> list[tuple[Any, Any]]:
    """(mean, variance) of each switch's argument, noise included."""
    s, m = sp.Matrix(law.covariance), sp.Matrix(law.means)
    rows = [sp.Matrix([switch.slopes]) for switch in switches]
    return [
        (((row * m)[0] if m else sp.S.Zero) + switch.offset, ((row * s * row.T)[0] if s else sp.S.Zero) + switch.noise)
        for row, switch in zip(rows, switches, strict=True)
    ]


def _switches(equation: Equation, domain: Domain) -> None:
    """The means and variances of the arguments anew; odd products of centred signs vanish, being odd."""
    switches = equation.term.switches
    forms = _forms(equation.law, switches)
    if any(equation.term.powers) or equation.term.exponent != 0 or equation.term.waves or equation.parts or not _sign_theorems():
        raise NotDischarged("more than switches is left")
    if not switches:
        wanted = sp.S.One
    elif len(switches) == 1:
        ((mean, variance),) = forms
        wanted = sp.erf(tidy(mean) / root(variance) / sp.sqrt(2))
    elif len(switches) == 2:
        s = sp.Matrix(equation.law.covariance)
        common = (sp.Matrix([switches[0].slopes]) * s * sp.Matrix(switches[1].slopes))[0] if s else sp.S.Zero
        first, second = (tidy(mean) / root(variance) for mean, variance in forms)
        wanted = two_signs(first, second, correlation(tidy(common), forms[0][1] * forms[1][1]))
    elif len(switches) % 2 and vanishes(*(mean for mean, _ in forms)):
        wanted = sp.S.Zero
    else:
        raise NotDischarged("the mean of that many switches is not known")
    if not same(equation.closed, wanted, domain):
        raise NotDischarged("the mean of the switches is another")


def _as_product(equation: Equation) -> None:
    """The product of the cosines is the mean of those it was combined into, through complex exponentials."""
    if any(equation.term.powers) or equation.term.exponent != 0 or equation.parts:
        raise NotDischarged("more than waves and switches is left")
    names = variables(len(equation.law.means))
    product = sp.Mul(*(wave.expression(names) for wave in equation.term.waves))
    sums = combined(equation.term.waves)
    mean = sum((wave.expression(names) for wave in sums), sp.S.Zero) / len(sums)
    if sp.expand((product - mean).rewrite(sp.exp)) != 0:
        raise NotDischarged("the product of cosines is not the mean of the combined ones")


def _characteristic(law: Law, slopes: tuple[Any, ...]) -> tuple[Any, Any]:
    """(E L, Var L) of L = slopes . x."""
    row, s, m = sp.Matrix([slopes]), sp.Matrix(law.covariance), sp.Matrix(law.means)
    return ((row * m)[0], (row * s * row.T)[0]) if slopes else (sp.S.Zero, sp.S.Zero)


def _waves(equation: Equation, domain: Domain) -> None:
    """exp(-v/2) cos(m + p) solves the heat equation d/dv = (d/dm)^2/2 and is cos(m + p) at v = 0."""
    _as_product(equation)
    m, v = sp.symbols("m v", real=True)
    value = sp.exp(-v / 2) * sp.cos(m)
    if sp.expand(sp.diff(value, v) - sp.diff(value, m, 2) / 2) != 0 or value.subs(v, 0) != sp.cos(m):
        raise NotDischarged("the characteristic function is another")
    sums, total = combined(equation.term.waves), sp.S.Zero
    for wave in sums:
        mean, variance = _characteristic(equation.law, wave.slopes)
        total += value.xreplace({m: tidy(mean) + wave.offset, v: tidy(variance)}) / len(sums)
    if equation.term.switches or not same(equation.closed, total, domain):
        raise NotDischarged("the mean of the waves is another")


def _both(equation: Equation, domain: Domain) -> None:
    """Price's theorem in r = Cov(Z, L): d/dr E[sign(Z) sin L] = 2 E[delta(Z) cos L], the density times cos under L | Z = 0."""
    _as_product(equation)
    r, t, v = sp.Symbol("r", real=True), sp.Symbol("t", positive=True), sp.Symbol("v", positive=True)
    value = sp.exp(-t / 2) * sp.erfi(r / sp.sqrt(v) / sp.sqrt(2))
    slope = 2 / sp.sqrt(2 * sp.pi * v) * sp.exp(-(t - r**2 / v) / 2)
    if sp.simplify(sp.diff(value, r) / slope) != 1 or value.subs(r, 0) != 0:
        raise NotDischarged("the characteristic function of a half-space is another")
    if len(equation.term.switches) != 1:
        raise NotDischarged("there is not exactly one switch")
    ((mean, variance),) = _forms(equation.law, equation.term.switches)
    (switch,), sums, total = equation.term.switches, combined(equation.term.waves), sp.S.Zero
    for wave in sums:
        centre, spread = _characteristic(equation.law, wave.slopes)
        common = (sp.Matrix([switch.slopes]) * sp.Matrix(equation.law.covariance) * sp.Matrix(wave.slopes))[0] if wave.slopes else sp.S.Zero
        one = value.xreplace({t: tidy(spread), r: tidy(common), v: tidy(variance)})
        total -= sp.sin(tidy(centre) + wave.offset) * one / len(sums)
    if not vanishes(mean) or not same(equation.closed, total, domain):
        raise NotDischarged("the mean of a step times waves is another")
