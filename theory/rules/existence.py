"""Whether an expectation exists: how fast an integrand grows, by its shape, and how fast the tails of the laws fall."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import sympy as sp
from sympy.stats import crv_types
from sympy.stats.crv import SingleContinuousPSpace
from sympy.stats.drv_types import PoissonDistribution, SkellamDistribution
from sympy.stats.frv import SingleFinitePSpace

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, real, signs
from lemmata.theory.quantity import random_symbols

BOUNDED = (sp.sign, sp.Heaviside, sp.erf, sp.erfc, sp.tanh, sp.sin, sp.cos, sp.atan, sp.acos, sp.asin)
"""Functions that are bounded on the reals."""

LIGHT = (
    crv_types.NormalDistribution,
    crv_types.ExponentialDistribution,
    crv_types.GammaDistribution,
    crv_types.ChiSquaredDistribution,
    crv_types.LaplaceDistribution,
    crv_types.LogisticDistribution,
    crv_types.RayleighDistribution,
    crv_types.MaxwellDistribution,
    crv_types.GumbelDistribution,
    PoissonDistribution,
    SkellamDistribution,
)
"""Laws all of whose moments are finite."""


class Growth(IntEnum):
    """How fast an integrand may grow in its random variables, from slow to fast."""

    BOUNDED = 0
    LINEAR = 1
    POLYNOMIAL = 2
    EXPONENTIAL = 3
    UNKNOWN = 4


def growth(integrand: Any, domain: Domain) -> Growth:
    """The growth of an integrand, read off its shape.

    >>> from sympy.stats import Normal
    >>> s, u = Normal("s", 0, 1), Normal("u", 0, 1)
    >>> [growth(f, Domain()).name for f in (sp.tanh(s), sp.Max(0, s + u), s * u**3, sp.exp(s) * u, sp.exp(s**2), 1 / s)]
    ['BOUNDED', 'LINEAR', 'POLYNOMIAL', 'EXPONENTIAL', 'UNKNOWN', 'UNKNOWN']
    """
    if not random_symbols(integrand):
        return Growth.BOUNDED
    if integrand in random_symbols(integrand):
        return Growth.LINEAR
    if isinstance(integrand, sp.Add | sp.Max | sp.Min | sp.Abs):
        return max(growth(arg, domain) for arg in integrand.args)
    if isinstance(integrand, sp.Mul):
        return _product([growth(arg, domain) for arg in integrand.args])
    if isinstance(integrand, BOUNDED):
        return Growth.BOUNDED if all(growth(arg, domain) is not Growth.UNKNOWN for arg in integrand.args) else Growth.UNKNOWN
    if isinstance(integrand, sp.exp | sp.sinh | sp.cosh):
        return _exponential(integrand, domain)
    if isinstance(integrand, sp.Pow):
        return _power(integrand, domain)
    if isinstance(integrand, sp.log):
        return _logarithm(integrand.args[0], domain)
    if isinstance(integrand, sp.asinh):
        return Growth.LINEAR if growth(integrand.args[0], domain) <= Growth.EXPONENTIAL else Growth.UNKNOWN
    if isinstance(integrand, sp.Piecewise):
        return max(growth(branch, domain) for branch, _ in integrand.args)
    return Growth.UNKNOWN


def _product(factors: list[Growth]) -> Growth:
    fastest = max(factors)
    if fastest is Growth.LINEAR and factors.count(Growth.LINEAR) > 1:
        return Growth.POLYNOMIAL
    return fastest


def _exponential(integrand: Any, domain: Domain) -> Growth:
    argument = integrand.args[0]
    inner = growth(argument, domain)
    if inner <= Growth.LINEAR:
        return Growth.BOUNDED if inner is Growth.BOUNDED else Growth.EXPONENTIAL
    return Growth.BOUNDED if isinstance(integrand, sp.exp) and _never_negative(-argument, domain) else Growth.UNKNOWN


def _logarithm(argument: Any, domain: Domain) -> Growth:
    """|log A| <= C (1 + |x|) where A lies between a positive constant and exp(a (1 + |x|))."""
    slow = growth(argument, domain) <= Growth.EXPONENTIAL
    return Growth.LINEAR if slow and _away_from_zero(argument, domain) else Growth.UNKNOWN


def _away_from_zero(expr: Any, domain: Domain) -> bool:
    """Whether an expression is at least a positive constant: 1 + x^2 is, x is not."""
    apart = sp.Add(*(term for term in sp.Add.make_args(expr) if not random_symbols(term)))
    return signs(apart, domain) == POSITIVE and _never_negative(expr - apart, domain)


def _power(integrand: Any, domain: Domain) -> Growth:
    base, exponent = integrand.args
    if not exponent.is_Rational:
        return Growth.UNKNOWN
    if exponent < 0:  # 1/(1 + x^2) is bounded, 1/x is not
        return Growth.BOUNDED if _away_from_zero(base, domain) and growth(base, domain) is not Growth.UNKNOWN else Growth.UNKNOWN
    inner = growth(base, domain)
    return Growth.POLYNOMIAL if inner is Growth.LINEAR and exponent > 1 else inner


def _never_negative(expr: Any, domain: Domain) -> bool:
    names = {leaf: sp.Dummy(str(leaf), real=True) for leaf in random_symbols(expr)}
    plain = expr.xreplace(names)
    return real(plain, domain) and signs(plain, domain) <= NONNEGATIVE


def integrable(integrand: Any, domain: Domain) -> bool:
    """Whether E |integrand| < oo is proved; raises NotApplicable where heavy tails meet an integrand that is not bounded.

    Proved for bounded integrands, for powers of variables that have all moments, and for exponentials of normal ones.
    """
    speed = growth(integrand, domain)
    leaves = random_symbols(integrand)
    heavy = [leaf for leaf in leaves if not (_compact(leaf) or _law(leaf, LIGHT))]
    others = {leaf: sp.Dummy(str(leaf), real=True) for leaf in leaves if leaf not in heavy}
    if heavy and growth(integrand.xreplace(others), domain) is not Growth.BOUNDED:
        if all(isinstance(getattr(leaf, "pspace", None), SingleContinuousPSpace) for leaf in heavy):
            raise NotApplicable(f"whether the expectation exists is not known: {heavy[0]} may lack moments")
        return False
    if speed is Growth.EXPONENTIAL:
        return all(_compact(leaf) or _law(leaf, (crv_types.NormalDistribution,)) for leaf in leaves)
    return speed is not Growth.UNKNOWN


def _law(leaf: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(getattr(getattr(leaf, "pspace", None), "distribution", None), kinds)


def _compact(leaf: Any) -> bool:
    """Whether a variable is bounded: finitely many values, or a density on a bounded interval."""
    return isinstance(getattr(leaf, "pspace", None), SingleFinitePSpace) or _law(
        leaf, (crv_types.UniformDistribution, crv_types.BetaDistribution, crv_types.ArcsinDistribution, crv_types.TriangularDistribution)
    )
