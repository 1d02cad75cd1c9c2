r"""Risks of kernel gradient flow on spheres in balls: degrees up to a last one are added, the others bounded by the kernels' traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb
from typing import Any, ClassVar, final

from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose_at_precision, precision
from lemmata.numerics.compile.errors import FAILURES, CannotEvaluate
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.stopped_risk import StoppedRisk
from lemmata.numerics.streams import Stream
from lemmata.theory.sphere_risk import BestSphereRisk

LAST = 400
"""The last degree that is added, an even one."""

BITS = 128

LARGEST = 64
"""Dimension at most: beyond, degrees up to the last one are not enough."""


@dataclass(frozen=True, slots=True)
class Degree:
    """One degree: how many harmonics, and the eigenvalues of the tangent kernel and of the random features."""

    count: int
    tangent: arb
    features: arb


def degrees(d: int, last: int = LAST) -> list[Degree]:
    r"""Degree 1 and the even ones up to `last`, on S^d; the kernels vanish at all others.

    $\mu_k = 2 (d + 1) (w\, p_k/((k - 1)(k + d)))^2$ and $\lambda_k = \mu_k (k^2 + (d - 1) k + d + 2)/(d + 1)$ at even k, with
    $w = \Gamma((d + 1)/2)/(\sqrt\pi\, \Gamma(d/2))$ and $p_k = |P_k(0)|$, $p_{k + 2} = p_k (k + 1)/(k + d)$, $p_0 = 1$; at k = 1
    the odd parts $t/2$ of $\kappa_1$ and of $t \kappa_0$ give $\mu_1 = 1/(2 (d + 1))$ and $\lambda_1 = 1/(d + 1)$.
    """
    found = [Degree(d + 1, arb(1) / (d + 1), arb(1) / (2 * (d + 1)))]
    weight = (arb(d + 1) / 2).gamma() / (arb.pi().sqrt() * (arb(d) / 2).gamma())
    at_zero = arb(1)
    for k in range(0, last + 1, 2):
        square = (weight * at_zero / ((k - 1) * (k + d))) ** 2
        count = comb(k + d, d) - (comb(k + d - 2, d) if k >= 2 else 0)
        found.append(Degree(count, 2 * (k**2 + (d - 1) * k + d + 2) * square, 2 * (d + 1) * square))
        at_zero = at_zero * (k + 1) / (k + d)
    return found


@final
@dataclass(frozen=True)
class SphereRisk(StoppedRisk):
    r"""Bias and variance with degrees up to the last added.

    Beyond it the bias is at most $v (1 - \sum N_k \mu_k) + \lambda (2 - \sum N_k \lambda_k)$ and the variance at most
    $(q/n)\, t^2 \lambda (2 - \sum N_k \lambda_k)$, where sums run over the degrees that are added and $\lambda$ is the eigenvalue at
    the last of them: $\kappa_1(1) = 1$ and $\kappa_1(1) + \kappa_0(1) = 2$ are the traces, $\lambda_k$ falls with even $k \ge 2$, and
    $1 - e^{-x} \le x$.
    """

    n: arb
    start: arb
    noise: arb
    found: list[Degree]
    d: int

    def _beyond(self) -> arb:
        """At least the sum of N_k lambda_k^2 over the degrees that are not added."""
        return self.found[-1].tangent * (2 - sum((one.count * one.tangent for one in self.found), arb(0)))

    def _start_beyond(self) -> arb:
        return self.start * (1 - sum((one.count * one.features for one in self.found), arb(0)))

    def bias(self, t: arb) -> arb:
        """The sum of N_k (lambda_k^2 + v mu_k) exp(-2 lambda_k t): it falls with t."""
        total = arb(0)
        for one in self.found:
            total += one.count * (one.tangent**2 + self.start * one.features) * (-2 * t * one.tangent).exp()
        return total.union(total + self._start_beyond() + self._beyond())

    def variance(self, t: arb) -> arb:
        """The sum of N_k (1 - exp(-lambda_k t))^2, times q/n: it grows with t."""
        total = arb(0)
        for one in self.found:
            total += one.count * (1 - (-t * one.tangent).exp()) ** 2
        return total.union(total + t**2 * self._beyond()) * self.noise / self.n

    def centre(self) -> float:
        """Between the exponents of the best time of a random start, (d + 1)/(d + 3), and of a mirrored one, 1/2."""
        return float(self.n.log().mid()) * (0.5 + (self.d + 1) / (self.d + 3)) / 2

    def at_zero(self) -> arb:
        """The whole energy of the function to be learnt."""
        return self.bias(arb(0)).upper()


class SphereRisks(Instrument):
    """inf R over t > 0 to a relative width of 2^-11, in balls."""

    name: ClassVar[str] = "sums over degrees"
    cost: ClassVar[int] = 1
    kinds: ClassVar[tuple[type, ...]] = (BestSphereRisk,)

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it measures risks on spheres only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        d = quantity.args[1].xreplace(dict(at))
        if not (d.is_Integer and 2 <= d <= LARGEST):
            return Refusal(f"a risk on a sphere S^d has an integer d from 2 to {LARGEST}, not {d}")
        try:
            n, start, noise = (enclose_at_precision(quantity.args[place], dict(at), BITS) for place in (0, 2, 3))
            if not (n > 0 and start >= 0 and noise > 0):
                return Refusal("a risk on a sphere has n and noise above 0, and a start of at least 0")
            with precision(BITS):
                value = SphereRisk(n, start, noise, degrees(int(d)), int(d)).best()
        except FAILURES as error:
            return Refusal(error.reason if isinstance(error, CannotEvaluate) else f"the risk cannot be evaluated: {error}")
        return Ball(value, "sums over degrees") if value.is_finite() else Refusal("the precision does not suffice here")


INSTRUMENT = SphereRisks()
