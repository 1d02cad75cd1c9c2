"""Signal propagation in wide random networks: the maps of lengths, covariances and correlations, as quantities.

Conventions, stated once: a layer is z' = W sigma(z) + b with independent weights N(0, sigma_w^2/fan_in) and biases
N(0, sigma_b^2). sigma_w and sigma_b are standard deviations; q is the variance of a preactivation z, c the correlation of
the preactivations of two inputs. At infinite width z is Gaussian, and each map below is an expectation over a Gaussian
vector; nothing here is evaluated.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.admitted import real
from lemmata.theory.gaussian import curvature, gaussian_pair, slope, standard_normal


def length_map(activation: Any, q: Any, sigma_w: Any, sigma_b: Any) -> Any:
    """q' = sigma_w^2 E sigma(sqrt(q) s)^2 + sigma_b^2, the variance one layer on (Poole et al. 2016, section 2.1).

    >>> from lemmata.theory.activations import relu
    >>> q, w, b = sp.symbols("q sigma_w sigma_b", positive=True)
    >>> length_map(relu, q, w, b)
    sigma_b**2 + sigma_w**2*Expectation(Max(0, sqrt(q)*s)**2)
    """
    if not callable(activation):
        raise ValueError(f"an activation is a function of one expression, such as relu, not {activation!r}")
    length = real("the length of a layer", q)
    if length.is_negative:
        raise ValueError(f"the length of a layer is a variance, at least 0, not {q}")
    return sigma_w**2 * Expectation(activation(sp.sqrt(length) * standard_normal()) ** 2) + sigma_b**2


def covariance_map(activation: Any, q1: Any, q2: Any, c: Any, sigma_w: Any, sigma_b: Any) -> Any:
    """Cov(z'_1, z'_2) = sigma_w^2 E[sigma(u) sigma(v)] + sigma_b^2 for two inputs (Poole et al. 2016, section 2.2)."""
    u, v = gaussian_pair(q1, q2, c)
    return sigma_w**2 * Expectation(activation(u) * activation(v)) + sigma_b**2


def correlation_map(activation: Any, q: Any, c: Any, sigma_w: Any, sigma_b: Any) -> Any:
    """c' = Cov(z'_1, z'_2)/q where both lengths sit at the fixed point q of the length map."""
    return covariance_map(activation, q, q, c, sigma_w, sigma_b) / q


def chi_1(activation: Any, q: Any, sigma_w: Any) -> Any:
    """chi_1 = sigma_w^2 E sigma'(sqrt(q) s)^2, the slope of the correlation map at c = 1 (Schoenholz et al. 2017, section 3).

    >>> from lemmata.theory.activations import relu
    >>> q, w = sp.symbols("q sigma_w", positive=True)
    >>> chi_1(relu, q, w)
    sigma_w**2*Expectation(Heaviside(sqrt(q)*s)**2)
    """
    return sigma_w**2 * Expectation(slope(activation, sp.sqrt(q) * standard_normal()) ** 2)


def correlation_slope(activation: Any, q: Any, c: Any, sigma_w: Any) -> Any:
    """dc'/dc = sigma_w^2 E[sigma'(u) sigma'(v)] at lengths q and correlation c, by Price's theorem."""
    u, v = gaussian_pair(q, q, c)
    return sigma_w**2 * Expectation(slope(activation, u) * slope(activation, v))


def length_slope(activation: Any, q: Any, sigma_w: Any) -> Any:
    """dq'/dq = sigma_w^2 E[sigma'^2 + sigma sigma''](sqrt(q) s), by Stein's lemma."""
    z = sp.sqrt(q) * standard_normal()
    return sigma_w**2 * Expectation(slope(activation, z) ** 2 + activation(z) * curvature(activation, z))
