r"""The sequence model of kernel gradient flow: its expected risk when stopped at a time, and at the best time.

$y_i = \theta_i + \varepsilon_i/\sqrt n$ with independent noise of variance 1, eigenvalues $\lambda_i = i^{-\beta}$, the filter
$1 - e^{-\lambda_i t}$ of the flow from 0, and a function at the border of smoothness s, $\theta_i^2 = \lambda_i^s/i$:

$$R(t) = \sum_{i \ge 1} i^{-(s \beta + 1)} e^{-2 t i^{-\beta}} + \frac1n \sum_{i \ge 1} (1 - e^{-t i^{-\beta}})^2$$
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import sympy as sp

from lemmata.theory.quantity import Quantity, quantities, random_symbols


class Risk(Quantity):
    """What all risks share: closed arguments under names, in the ranges that `check` asks for; they are measured, never evaluated."""

    is_positive = True
    names: ClassVar[tuple[str, ...]]
    symbol: ClassVar[str]
    model: ClassVar[str]

    def __new__(cls, *arguments: Any) -> Self:
        values = [sp.sympify(value, strict=True) for value in arguments]
        for name, value in zip(cls.names, values, strict=True):
            if quantities(value) or random_symbols(value):
                raise ValueError(f"{name} = {value} of {cls.model} has to be measured itself: give a closed value")
        cls.check(*values)
        return sp.Expr.__new__(cls, *values)

    @classmethod
    def check(cls, *values: Any) -> None:
        """Raises ValueError for an argument out of its range."""
        raise NotImplementedError

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured, never evaluated in passing."""
        return self

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.symbol}({', '.join(printer._print(value) for value in self.args)})"

    _sympyrepr = _sympystr


class _SequenceModel(Risk):
    """A risk of the sequence model: positive real arguments."""

    model = "a sequence model"

    @classmethod
    def check(cls, *values: Any) -> None:
        for name, value in zip(cls.names, values, strict=True):
            least = sp.Rational(1, 2) if name == "beta" else sp.S.Zero
            if (value - least).is_positive is False or value.is_real is False:
                raise ValueError(f"a sequence model has {name} > {least}, not {value}: {_WHY[name]}")


_WHY = {
    "t": "time runs on from 0",
    "n": "it is the number of samples",
    "s": "without smoothness the function has no finite norm",
    "beta": "with slower eigenvalues the variance is infinite",
}


class SequenceRisk(_SequenceModel):
    """R(t) at one time; build it with `sequence_risk`."""

    names = ("t", "n", "s", "beta")
    symbol = "sequence_risk"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        t, n, s, beta = (printer._print(value) for value in self.args)
        text = rf"R_{{n = {n}, s = {s}, \beta = {beta}}}\left({t}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class BestSequenceRisk(_SequenceModel):
    """inf R(t) over t > 0; build it with `best_sequence_risk`."""

    names = ("n", "s", "beta")
    symbol = "best_sequence_risk"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        n, s, beta = (printer._print(value) for value in self.args)
        text = rf"\inf_{{t > 0}} R_{{n = {n}, s = {s}, \beta = {beta}}}(t)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def sequence_risk(t: Any, n: Any, s: Any, beta: Any) -> SequenceRisk:
    r"""The expected squared error at time t, unevaluated.

    $$R(t) = \sum_{i \ge 1} i^{-(s \beta + 1)} e^{-2 t i^{-\beta}} + \frac1n \sum_{i \ge 1} (1 - e^{-t i^{-\beta}})^2$$

    For t, n, s > 0 and beta > 1/2, where both series converge; numbers or symbols. Raises ValueError for a number out of range.

    >>> sequence_risk(3, 100, 1, 2)
    sequence_risk(3, 100, 1, 2)
    >>> sequence_risk(3, 100, 1, sp.Rational(1, 2))
    Traceback (most recent call last):
    ValueError: a sequence model has beta > 1/2, not 1/2: with slower eigenvalues the variance is infinite
    """
    return SequenceRisk(t, n, s, beta)


def best_sequence_risk(n: Any, s: Any, beta: Any) -> BestSequenceRisk:
    r"""The expected squared error at the best time to stop, $\inf_{t > 0} R(t)$, unevaluated.

    Of the order of $n^{-s \beta/(s \beta + 1)}$. For n, s > 0 and beta > 1/2. Raises ValueError for a number out of range.

    >>> best_sequence_risk(10**6, 1, sp.Rational(4, 3))
    best_sequence_risk(1000000, 1, 4/3)
    >>> best_sequence_risk(10**6, -1, 2)
    Traceback (most recent call last):
    ValueError: a sequence model has s > 0, not -1: without smoothness the function has no finite norm
    """
    return BestSequenceRisk(n, s, beta)


def best_sequence_constant(s: Any, beta: Any) -> Any:
    r"""$\lim n^{s \beta/(s \beta + 1)} \inf_t R(t)$, from integrals in place of the sums: closed, for beta > 1/2, beta != 1.

    With $b = 1/\beta$ bias and variance tend to $A t^{-s}$ and $B t^b/n$, $A = 2^{-s} \Gamma(s) b$, $B = (2^b - 2)\, \Gamma(-b)\, b$;
    at the best time $t^{s + b} = n s A/(b B)$ their sum is $A t^{-s} (1 + s/b)$.

    >>> best_sequence_constant(1, 2).evalf(5)
    1.2207
    """
    s, b = sp.sympify(s), 1 / sp.sympify(beta)
    bias, variance = 2**-s * sp.gamma(s) * b, (2**b - 2) * sp.gamma(-b) * b
    return bias * (s * bias / (b * variance)) ** (-s / (s + b)) * (1 + s / b)
