r"""Risks of the sequence model in balls: the first terms are added, the others integrated, with a proved remainder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, ClassVar

from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose_at_precision, precision
from lemmata.numerics.compile.errors import FAILURES, CannotEvaluate
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.sequence_model import BestSequenceRisk, SequenceRisk

FIRST = 24
"""Terms that are added before the integral takes over."""

BITS = 160

NARROW = 11
"""The infimum is enclosed to a relative width of 2^-NARROW."""

CELLS = 2000
"""Intervals of time at most; what is not decided then leaves a wider ball."""

AWAY = 64
"""Steps of log t towards 0 at most: no bias there is above R where R falls to its infimum as t -> 0."""


@dataclass(frozen=True, slots=True)
class Risk:
    r"""Bias and variance of $\lambda_i = i^{-\beta}$, $\theta_i^2 = i^{-q}$, $q = s \beta + 1$, as balls for every t > 0.

    The terms from M on are summed by Euler and Maclaurin, $\sum_{i \ge M} f(i) = \int_M^\infty f + f(M)/2 - f'(M)/12 + r$ with
    $|r| \le \int_M^\infty |f''|/12$ (DLMF 2.10.1, $|B_2(x)| \le 1/6$ on [0, 1]). With $u = 2 t x^{-\beta}$ for the bias:
    $f'' = (f/x^2) (g^2 - g - \beta^2 u)$, $g = \beta u - q$, at most $(f/x^2) (q^2 + q + (2 q \beta + \beta + \beta^2) u + \beta^2 u^2)$.
    With $u = t x^{-\beta}$, $h = u (e^{-u} - e^{-2u}) \le u^2 e^{-u}$ for the variance: $f'' = (2 \beta/x^2) (h + \beta u h')$ and
    $|u h'| \le h + u^2 e^{-u}$, so $|f''| \le (2 \beta/x^2) (1 + 2 \beta) u^2 e^{-u}$. All integrals are incomplete Gamma functions.
    """

    n: arb
    s: arb
    beta: arb

    def bias(self, t: arb) -> arb:
        """The sum of i^-q exp(-2 t i^-beta): it falls with t."""
        s, beta, b = self.s, self.beta, 1 / self.beta
        q, last = s * beta + 1, arb(FIRST)
        total = sum((arb(i) ** -q * (-2 * t * arb(i) ** -beta).exp() for i in range(1, FIRST)), arb(0))
        u = 2 * t * last**-beta
        at_last = last**-q * (-u).exp()
        integral = b * (2 * t) ** -s * u.gamma_lower(s)
        a = (q + 1) * b
        moments = [u.gamma_lower(a + j) for j in range(3)]
        rest = (q**2 + q) * moments[0] + (2 * q * beta + beta + beta**2) * moments[1] + beta**2 * moments[2]
        rest = rest * b * (2 * t) ** -a / 12
        return total + integral + at_last / 2 - at_last * (beta * u - q) / last / 12 + arb(0, rest.upper())

    def variance(self, t: arb) -> arb:
        """The sum of (1 - exp(-t i^-beta))^2, over n: it grows with t."""
        beta, b, last = self.beta, 1 / self.beta, arb(FIRST)
        total = sum(((-(-t * arb(i) ** -beta).expm1()) ** 2 for i in range(1, FIRST)), arb(0))
        u = t * last**-beta
        beyond = u**-b / b - 2 * u.gamma_upper(-b) + 2**b * (2 * u).gamma_upper(-b)
        integral = b * t**b * ((arb(2) ** b - 2) * (-b).gamma() - beyond)
        slope = -2 * beta * u * ((-u).exp() - (-2 * u).exp()) / last
        rest = (1 + 2 * beta) * t**-b * u.gamma_lower(b + 2) / 6
        return (total + integral + (-(-u).expm1()) ** 2 / 2 - slope / 12 + arb(0, rest.upper())) / self.n

    def at(self, t: arb) -> arb:
        """R(t)."""
        return self.bias(t) + self.variance(t)

    def best(self) -> arb:
        """inf R over t > 0: R(t) at a good time from above; from below, bias at the end and variance at the start of each interval.

        Before the first interval R is at least the bias at its start, after the last at least the variance at its end. For small n
        the infimum may be that of t -> 0, where R tends to the sum of i^-q = zeta(q).
        """
        s, b = float(self.s.mid()), 1 / float(self.beta.mid())
        centre = float(self.n.log().mid()) / (s + b)
        good = self._descend(centre)
        above = self.at(good.exp()).upper().min((self.s * self.beta + 1).zeta().upper())
        left, right = good - 1, good + 1
        for _ in range(AWAY):
            if self.bias(left.exp()) > above:
                break
            left = left - 1
        while not self.variance(right.exp()) > above:
            right = right + 1
        before = self.bias(left.exp()).lower()
        return above.union(self._below(float(left.mid()), float(right.mid()), above).min(before).min(above))

    def _descend(self, centre: float) -> arb:
        """log t near which R is smallest, by sections; nothing rests on it but how narrow the ball becomes."""
        low, high = centre - 6, centre + 6
        for _ in range(30):
            first, second = low + (high - low) * 0.382, low + (high - low) * 0.618
            if self.at(arb(first).exp()).mid() < self.at(arb(second).exp()).mid():
                high = second
            else:
                low = first
        return arb((low + high) / 2)

    def _below(self, left: float, right: float, above: arb) -> arb:
        """A lower bound of R between exp(left) and exp(right), at most `above`: the interval with the least bound is halved."""
        target = above * (1 - arb(2) ** -NARROW)
        ends = {x: (self.bias(arb(x).exp()), self.variance(arb(x).exp())) for x in (left, right)}

        def cell(x: float, y: float) -> tuple[float, float, float, arb]:
            bound = (ends[y][0] + ends[x][1]).lower()
            return float(bound.mid()), x, y, bound

        cells = [cell(left, right)]
        heapify(cells)
        for _ in range(CELLS):
            if cells[0][3] >= target:
                break
            _, x, y, _ = heappop(cells)
            middle = (x + y) / 2
            ends[middle] = (self.bias(arb(middle).exp()), self.variance(arb(middle).exp()))
            heappush(cells, cell(x, middle))
            heappush(cells, cell(middle, y))
        least = cells[0][3]
        for item in cells[1:]:
            least = least.min(item[3])
        return least.min(above).lower()


class SequenceRisks(Instrument):
    """R(t), or inf R over t > 0 to a relative width of 2^-11, in balls; beta > 1/2 other than 1."""

    name: ClassVar[str] = "sums by Euler and Maclaurin"
    cost: ClassVar[int] = 1
    kinds: ClassVar[tuple[type, ...]] = (SequenceRisk, BestSequenceRisk)

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it measures risks of the sequence model only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            values = [enclose_at_precision(argument, dict(at), BITS) for argument in quantity.args]
            with precision(BITS):
                n, s, beta = values[-3:]
                if not (all(value > 0 for value in values) and 2 * beta > 1):
                    return Refusal("a sequence model has t, n and s above 0 and beta above 1/2")
                if beta.contains(1):
                    return Refusal("at beta = 1 the variance holds a logarithm, which is not supported")
                risk = Risk(n, s, beta)
                value = risk.at(values[0]) if isinstance(quantity, SequenceRisk) else risk.best()
        except FAILURES as error:
            return Refusal(error.reason if isinstance(error, CannotEvaluate) else f"the risk cannot be evaluated: {error}")
        return Ball(value, "Euler and Maclaurin") if value.is_finite() else Refusal("the precision does not suffice here")


INSTRUMENT = SequenceRisks()
