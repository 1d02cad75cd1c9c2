"""Price's theorem: the derivative of E F(u, v) with respect to the covariance is E of the mixed derivative.

For jointly normal (u, v) with fixed means and variances q1, q2 and correlation t,
    d/dt E F(u, v) = sqrt(q1 q2) E[d^2 F/du dv],
so E F at correlation rho is its value at an anchor plus an integral. At the anchors t = -1, 0, 1 the expectation is
one-dimensional or a product.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.continuity import regular_between_switches
from lemmata.theory.exact.signs import POSITIVE, signs
from lemmata.theory.forms import TwoForms, one_form, standard_leaves, tidy, two_forms
from lemmata.theory.pieces import SWITCHES, pieces
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.linearity import same_function, without_expectations
from lemmata.theory.rules.local import LocalRule, Replacement, fresh, inside

ANCHORS = (-1, 0, 1)


@final
class Price(LocalRule):
    """E F(u, v) = E F at the anchor + Integral(sqrt(q1 q2) E[F_uv] dt, t from the anchor to the correlation).

    `price` takes the correlation 0 as its anchor, `(price, -1)` and `(price, 1)` the ends.
    """

    name = "price"
    source = "Price (1958), A useful theorem for nonlinear devices having Gaussian inputs"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation over two jointly normal variables"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        anchor = _anchor(args)
        if len(node.args) > 1:
            raise NotApplicable("conditional expectations are not rewritten")
        forms = pair_of(node.args[0])
        if forms.function.has(sp.DiracDelta):
            raise NotApplicable("the integrand has a delta function: integrate it first")
        if not _differentiable(forms):
            raise NotApplicable("the integrand is not made of powers, exponentials, erf and kinked functions")
        if not all(regular_between_switches(forms.function, symbol, domain) for symbol in (forms.x, forms.y)):
            raise NotApplicable("the integrand is not proved continuous between its kinks")
        mixed = sp.diff(single_steps(forms.function), forms.x, forms.y)
        if mixed == 0:
            raise NotApplicable("the mixed derivative is zero: use linearity")
        rho = correlation(forms, domain)
        t = fresh("t", node, sp.Tuple(*domain.symbols))
        scale = _geometric_mean(*forms.variances)
        after = _at_anchor(forms, anchor, node) + sp.Integral(scale * _expectation(mixed, forms, t, node), (t, sp.Integer(anchor), rho))
        because = f"Price's theorem in the correlation, anchored at ${anchor}$"
        return Replacement(
            node, after, domain, because, ("Price's theorem: the integrand and its derivatives grow slower than a Gaussian",)
        )

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The law of the pair is compared covariance by covariance; the mixed derivative branch by branch and jump by jump."""
        forms, domain = pair_of(replacement.before.args[0]), replacement.domain
        if is_zero(forms.covariance - forms.variances[0], domain) is True:
            _check_diagonal(forms, replacement.before, domain)
        integrals = [term for term in sp.Add.make_args(replacement.after) if isinstance(term, sp.Integral)]
        if len(integrals) != 1 or len(integrals[0].limits) != 1:
            raise NotDischarged("there is not exactly one integral")
        t, low, rho = integrals[0].limits[0]
        anchor = _anchor(args)
        q1, q2 = forms.variances
        if low != anchor or is_zero(rho**2 * q1 * q2 - forms.covariance**2, domain) is not True:
            raise NotDischarged("the ends are not the anchor and the correlation")
        if signs(rho, domain) != signs(forms.covariance, domain) and is_zero(rho - correlation(forms, domain), domain) is not True:
            raise NotDischarged("the sign of the correlation is not proved")
        _check_law(forms, t, replacement.before, inside(domain, t, sp.Integer(-1), sp.Integer(1)))
        expected = _geometric_mean(q1, q2) * _expectation(mixed_by_branches(forms, domain), forms, t, replacement.before)
        within = inside(domain, t, sp.Integer(-1), sp.Integer(1))
        same_function(without_expectations(integrals[0].function), without_expectations(expected), within)
        if replacement.after - integrals[0] != _at_anchor(forms, anchor, replacement.before):
            raise NotDischarged("the value at the anchor is not the expectation there")


def pair_of(integrand: Any) -> TwoForms:
    """The integrand as a function of two normal variables; f(u) g(u) counts as f(u) g(v) at correlation 1."""
    try:
        return two_forms(integrand)
    except NotApplicable:
        one = one_form(integrand)
    x, y = one.x, sp.Dummy("y", real=True)
    halves = [sp.Integer(1), sp.Integer(1)]
    for factor in sp.Mul.make_args(one.function):
        base, power = factor.as_base_exp()
        if power.is_Integer and power > 0 and power % 2 == 0:
            halves = [half * base ** (power // 2) for half in halves]
        else:
            halves[0 if not halves[0].has(x) else 1] *= factor
    if not all(half.has(x) for half in halves):
        raise NotApplicable("the integrand is not a product of two functions of a normal variable")
    function = halves[0] * halves[1].xreplace({x: y})
    return TwoForms(function, x, y, (one.mean, one.mean), (one.variance, one.variance), one.variance, random_symbols(integrand))


def _check_diagonal(forms: TwoForms, node: Any, domain: Domain) -> None:
    """u = v where the correlation is 1: the integrand must then be the function on the diagonal."""
    try:
        one = one_form(node.args[0])
    except NotApplicable:
        return
    if is_zero(one.function.xreplace({one.x: forms.x}) - forms.function.xreplace({forms.y: forms.x}), domain) is not True:
        raise NotDischarged("the two factors are not proved to multiply to the integrand")


def single_steps(f: Any) -> Any:
    """Powers of a step are the step itself, but for its value at 0, which has probability 0."""
    powers = {node: node.base for node in f.atoms(sp.Pow) if isinstance(node.base, sp.Heaviside) and node.exp.is_positive}
    return f.xreplace(powers)


def _differentiable(forms: TwoForms) -> bool:
    """Whether repeated differentiation gets somewhere: only then is the theorem worth applying."""
    known = (sp.exp, sp.erf, sp.erfc, *SWITCHES)
    functions = [node for node in forms.function.atoms(sp.Function) if node.has(forms.x, forms.y)]
    return all(isinstance(node, known) for node in functions)


def correlation(forms: TwoForms, domain: Domain) -> Any:
    """Cov(u, v)/sqrt(Var u Var v); raises NotApplicable where a variance is not proved positive."""
    q1, q2 = forms.variances
    for q in (q1, q2):
        if signs(q, domain) != POSITIVE:
            raise NotApplicable(f"the variance {q} is not proved positive")
    rho = sp.powsimp(sp.expand(forms.covariance / (sp.sqrt(q1) * sp.sqrt(q2))))
    return sp.factor_terms(rho) if rho.free_symbols else rho


def _anchor(args: tuple[Any, ...]) -> int:
    anchor = next((int(arg) for arg in args if not getattr(arg, "free_symbols", None)), 0)
    if anchor not in ANCHORS:
        raise NotApplicable(f"the anchor is a correlation at which the expectation is known: -1, 0 or 1, not {anchor}")
    return anchor


def _geometric_mean(q1: Any, q2: Any) -> Any:
    return q1 if q1 == q2 else sp.sqrt(q1) * sp.sqrt(q2)


def pair(forms: TwoForms, t: Any, node: Any) -> tuple[Any, Any]:
    """u = m1 + sqrt(q1) s1 and v = m2 + sqrt(q2) (t s1 + sqrt(1 - t^2) s2) with independent standard normal s1, s2."""
    s1, s2 = standard_leaves(forms.leaves, 2, node)
    (m1, m2), (q1, q2) = forms.means, forms.variances
    return m1 + sp.sqrt(q1) * s1, m2 + sp.sqrt(q2) * (t * s1 + sp.sqrt(1 - t**2) * s2)


def _expectation(function: Any, forms: TwoForms, t: Any, node: Any) -> Any:
    u, v = pair(forms, t, node)
    return Expectation(function.xreplace({forms.x: u, forms.y: v}))


def _at_anchor(forms: TwoForms, anchor: int, node: Any) -> Any:
    """The expectation at correlation -1, 0 or 1; at 0 it is a product when the integrand is one."""
    u, v = pair(forms, sp.Integer(anchor), node)
    if anchor == 0:
        constant, first, second = separated(forms)
        if second is not None:
            return constant * Expectation(first.xreplace({forms.x: u})) * Expectation(second.xreplace({forms.y: v}))
    return Expectation(forms.function.xreplace({forms.x: u, forms.y: v}))


def separated(forms: TwoForms) -> tuple[Any, Any, Any]:
    """F(x, y) = constant * f(x) * g(y), or (1, F, None) when it does not factor as written."""
    constant, first, second = sp.Integer(1), sp.Integer(1), sp.Integer(1)
    for factor in sp.Mul.make_args(forms.function):
        match factor.has(forms.x), factor.has(forms.y):
            case False, False:
                constant *= factor
            case True, False:
                first *= factor
            case False, True:
                second *= factor
            case _:
                return sp.Integer(1), forms.function, None
    return constant, first, second


def _check_law(forms: TwoForms, t: Any, node: Any, domain: Domain) -> None:
    """The pair of `pair` has the means, variances and correlation that it should have, read off its coefficients."""
    u, v = pair(forms, t, node)
    s1, s2 = standard_leaves(forms.leaves, 2, node)
    names = {s1: sp.Dummy(real=True), s2: sp.Dummy(real=True)}
    u, v = u.xreplace(names), v.xreplace(names)
    du, dv = ([sp.diff(w, name) for name in names.values()] for w in (u, v))
    q1, q2 = forms.variances
    facts = [
        (sum(a * a for a in du), q1),
        (sum(b * b for b in dv), q2),
        (sum(a * b for a, b in zip(du, dv, strict=True)), t * sp.sqrt(q1) * sp.sqrt(q2)),
    ]
    if any(is_zero(left - right, domain) is not True for left, right in facts):
        raise NotDischarged("the pair does not have the covariance it should have")


def mixed_by_branches(forms: TwoForms, domain: Domain) -> Any:
    """d^2 F/dx dy of a sum of products f(x) g(y): checked against branches and jumps before it is returned."""
    if not forms.function.has(*SWITCHES):
        return sp.diff(forms.function, forms.y, forms.x)
    constant, first, second = separated(forms)
    if second is None:
        raise NotDischarged("a kinked integrand that is not a product is not differentiated")
    return constant * _derivative(first, forms.x, domain) * _derivative(second, forms.y, domain)


def _derivative(f: Any, x: sp.Symbol, domain: Domain) -> Any:
    """The distributional derivative: SymPy's, once its branches and the masses of its deltas are those of f."""
    derivative = sp.diff(single_steps(f), x)
    smooth = sp.expand(derivative).replace(sp.DiracDelta, lambda *_: sp.Integer(0)) if derivative.has(sp.DiracDelta) else derivative
    ours, theirs = pieces(f, x, domain), pieces(smooth, x, domain)
    if [(p.low, p.high) for p in ours] != [(p.low, p.high) for p in theirs]:
        theirs = _refined(smooth, x, ours, domain)
    for branch, slope in zip(ours, theirs, strict=True):
        where = inside(domain, x, branch.low, branch.high)
        if is_zero(sp.diff(branch.branch, x) - slope.branch, where) is not True:
            raise NotDischarged(f"the derivative of {f} is not proved on a branch")
    for left, right in zip(ours, ours[1:], strict=False):
        jump = (right.branch - left.branch).subs(x, left.high)
        if is_zero(jump - _mass(derivative, x, left.high), domain) is not True:
            raise NotDischarged(f"the derivative of {f} misses a jump")
    return derivative


def _refined(smooth: Any, x: sp.Symbol, ours: list[Any], domain: Domain) -> list[Any]:
    from lemmata.theory.pieces import Piece, resolve_between

    return [Piece(p.low, p.high, resolve_between(smooth, x, p.low, p.high, domain)) for p in ours]


def _mass(derivative: Any, x: sp.Symbol, point: Any) -> Any:
    """The coefficient of the delta at a point: the sum of h(point)/|slope| over terms h(x) delta(slope (x - point))."""
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(derivative)):
        deltas = [factor for factor in sp.Mul.make_args(term) if isinstance(factor, sp.DiracDelta)]
        if len(deltas) > 1 or (deltas and len(deltas[0].args) > 1):
            raise NotDischarged("a product or derivative of delta functions")
        if deltas:
            argument = deltas[0].args[0]
            slope = sp.diff(argument, x)
            if sp.expand(argument.subs(x, point)) == 0:
                total += (term / deltas[0]).subs(x, point) / sp.Abs(slope)
    return tidy(total)


price = Price()
