r"""Risks of the sequence model in balls: the first terms are added, the others integrated, with a proved remainder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, final

from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose_at_precision, precision
from lemmata.numerics.compile.errors import FAILURES, CannotEvaluate
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.stopped_risk import StoppedRisk
from lemmata.numerics.streams import Stream
from lemmata.theory.sequence_model import BestSequenceRisk, SequenceRisk

FIRST = 24
"""Terms that are added before the integral takes over."""

BITS = 160


@final
@dataclass(frozen=True)
class Risk(StoppedRisk):
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

    def centre(self) -> float:
        """log n^(1/(s + 1/beta)), where bias and variance are of one order."""
        return float(self.n.log().mid()) / (float(self.s.mid()) + 1 / float(self.beta.mid()))

    def at_zero(self) -> arb:
        """The sum of i^-q = zeta(q), which R tends to as t -> 0."""
        return (self.s * self.beta + 1).zeta().upper()


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
