"""The erf kernel: Williams's closed form, and the misprint that is right for another activation."""

from typing import Any

from sympy import Eq, Ge, Le, Symbol, asin, erf, pi, sqrt, symbols
from sympy.stats import Expectation

from lemmata.theory.activations import erf_
from lemmata.theory.gaussian import gaussian_pair, standard_normal
from lemmata.theory.rules.determinant import determinant
from lemmata.theory.rules.integrate import integrate
from lemmata.theory.rules.linearity import linearity
from lemmata.theory.rules.price import price
from lemmata.theory.rules.rearrange import rearrange
from lemmata.theory.rules.symmetry import symmetry
from lemmata.theory.signal_propagation import chi_1
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

KERNEL = Source("williams-1997", "section 3.1, the sigmoidal transfer function")
PRINTED = Source("daniely-frostig-singer-2016", "a summary of it, code listing, the branch for erf")

q, q1, q2, sigma_w = symbols("q q_1 q_2 sigma_w", positive=True)
c = Symbol("c", real=True)
unit = [Ge(c, -1), Le(c, 1)]

u, v = gaussian_pair(q1, q2, c)
covariance = c * sqrt(q1 * q2)

right_form = 2 / pi * asin(2 * covariance / sqrt((1 + 2 * q1) * (1 + 2 * q2)))
printed_form = 2 / pi * asin(covariance / sqrt((1 + q1) * (1 + q2)))


def price_once(target: Any) -> Any:
    """The value at correlation 0 vanishes by symmetry; the slope is a Gaussian integral, integrated back to an arc sine."""
    return lambda lhs: lhs.by(price, 0).by(symmetry).by(linearity).by(determinant).by(integrate).by(rearrange, target)


erf_kernel = Claim(
    "erf-kernel",
    Eq(Expectation(erf_(u) * erf_(v)), right_form),
    given=unit,
    source=KERNEL,
    about="E[erf(u) erf(v)] for any variances and any correlation (row D.14).",
    derivation=price_once(right_form),
)

erf_kernel_printed = Claim(
    "erf-kernel-printed",
    Eq(Expectation(erf_(u) * erf_(v)), printed_form),
    given=unit,
    source=PRINTED,
    about="The printed closed form lacks the factors 2 of Williams: at unit variances and c = 1/2 it gives 0.1609 for 0.2163 (row D.14).",
    expect="refuted",
)

erf_kernel_rescaled = Claim(
    "erf-kernel-rescaled",
    Eq(Expectation(erf_(u / sqrt(2)) * erf_(v / sqrt(2))), printed_form),
    given=unit,
    source=KERNEL,
    about="The printed form is exact for sigma(z) = erf(z/sqrt(2)) = 2 Phi(z) - 1 (row D.14).",
    derivation=price_once(printed_form),
)

erf_length = Claim(
    "erf-length",
    Eq(Expectation(erf(sqrt(q) * standard_normal()) ** 2), 2 / pi * asin(2 * q / (1 + 2 * q))),
    source=KERNEL,
    about="The diagonal of the erf kernel: the length map of an erf network (row D.14).",
)

erf_chi = Claim(
    "erf-chi-1",
    Eq(chi_1(erf_, q, sigma_w), 4 * sigma_w**2 / (pi * sqrt(1 + 4 * q))),
    source=Source("schoenholz-2017", "section 3, the definition of chi_1"),
    about="chi_1 of an erf network at length q (row Y.72).",
)
