r"""Kernel gradient flow on S^d in the sequence model: the expected risk at the best time, with the tangent kernel's own spectrum.

$\lambda_k$ and $\mu_k$ are the eigenvalues at degree k of the ReLU's tangent kernel and of its random features (one hidden layer, no bias;
`lemmata.verify.register.sphere_spectra` proves them), $N_k$ the number of harmonics. The function to be learnt is the tangent kernel at a
pole, with the energy $N_k \lambda_k^2$ at degree k, less a random start of variance v, with the energy $v N_k \mu_k$; noise has variance q:

$$R(t) = \sum_k N_k (\lambda_k^2 + v \mu_k) e^{-2 \lambda_k t} + \frac{q}{n} \sum_k N_k (1 - e^{-\lambda_k t})^2$$

v = 1 is a network's random start, v = 0 a mirrored one.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.sequence_model import Risk


class BestSphereRisk(Risk):
    """inf R(t) over t > 0; build it with `best_sphere_risk`."""

    names = ("n", "d", "start", "noise")
    symbol = "best_sphere_risk"
    model = "a risk on a sphere"

    @classmethod
    def check(cls, *values: Any) -> None:
        n, d, start, noise = values
        if d.is_integer is False or (d - 2).is_negative:
            raise ValueError(f"the spheres are S^d with an integer d >= 2, not {d}: on the circle `sequence_risk` has beta = 2")
        if n.is_positive is False or start.is_negative or noise.is_positive is False:
            raise ValueError(f"a risk on a sphere has n > 0, start >= 0 and noise > 0, not {n}, {start} and {noise}")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        n, d, start, noise = (printer._print(value) for value in self.args)
        text = rf"\inf_{{t > 0}} R_{{S^{{{d}}},\, n = {n},\, v = {start},\, q = {noise}}}(t)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def best_sphere_risk(n: Any, d: Any, start: Any, noise: Any = sp.Rational(1, 4)) -> BestSphereRisk:
    r"""The expected squared error on S^d at the best time to stop, $\inf_{t > 0} R(t)$, unevaluated.

    Of the order of $n^{-3/(d + 3)}$ for a random start (start = 1) and of $n^{-(d + 2)/(2 d + 2)}$ for a mirrored one (start = 0), as n
    grows. For n > 0, integers d >= 2, start >= 0, noise > 0. Raises ValueError for a number out of range.

    >>> best_sphere_risk(128, 5, 1)
    best_sphere_risk(128, 5, 1, 1/4)
    >>> best_sphere_risk(128, 1, 1)
    Traceback (most recent call last):
    ValueError: the spheres are S^d with an integer d >= 2, not 1: on the circle `sequence_risk` has beta = 2
    """
    return BestSphereRisk(n, d, start, noise)
