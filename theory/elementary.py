r"""The elementary operations of a program and their adjoints: what one step of the reverse sweep does, on any kind of scalar.

An operation $z = \varphi(x_1, x_2)$ takes at most two inputs. When the sweep comes to it, the derivative $\bar z$ of the output by z
is known, and $\bar x_i \leftarrow \bar x_i + \bar z\, \partial \varphi/\partial x_i$ is done for each input. The table below says by which
arithmetic; that it is the derivative is for a rule to prove, and what it costs for a meter to count.

Source: Griewank & Walther (2008), section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol


class Scalar(Protocol):
    """A number, a symbol, a meter: arithmetic, and `apply` for a function of the table by its name."""

    def __add__(self, other: Any) -> Any: ...
    def __sub__(self, other: Any) -> Any: ...
    def __mul__(self, other: Any) -> Any: ...
    def __truediv__(self, other: Any) -> Any: ...
    def __neg__(self) -> Any: ...
    def apply(self, name: str) -> Any:
        """The value of a function of one argument."""
        ...


class Operation(Enum):
    """The closed set of elementary operations; each counts as one."""

    ADD = "add"
    SUBTRACT = "subtract"
    MULTIPLY = "multiply"
    DIVIDE = "divide"
    NEGATE = "negate"
    EXP = "exp"
    LOG = "log"
    SQRT = "sqrt"
    SIN = "sin"
    COS = "cos"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    RELU = "relu"
    STEP = "step"
    """Whether the argument is positive; its derivative is 0."""

    @property
    def inputs(self) -> int:
        """The number of inputs, one or two.

        >>> Operation.ADD.inputs, Operation.EXP.inputs
        (2, 1)
        """
        return 2 if self in (Operation.ADD, Operation.SUBTRACT, Operation.MULTIPLY, Operation.DIVIDE) else 1

    def compute(self, *x: Any) -> Any:
        """The operation itself, in the arithmetic of its arguments.

        >>> Operation.DIVIDE.compute(3.0, 4.0)
        0.75
        """
        match self:
            case Operation.ADD:
                return x[0] + x[1]
            case Operation.SUBTRACT:
                return x[0] - x[1]
            case Operation.MULTIPLY:
                return x[0] * x[1]
            case Operation.DIVIDE:
                return x[0] / x[1]
            case Operation.NEGATE:
                return -x[0]
            case _:
                return x[0].apply(self.value)

    @property
    def adjoint(self) -> Adjoint:
        """What the reverse sweep does at this operation."""
        return ADJOINTS[self]


@dataclass(frozen=True, slots=True)
class Part:
    """The contribution to one input: a sign, and a function of what is shared, the result and the inputs.

    Contributions with the sign -1 are subtracted, so that nothing is negated on the way.
    """

    sign: int
    product: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Adjoint:
    """`shared(bar, z, *x)` is computed once, then each input that depends on a variable gets its part."""

    parts: tuple[Part, ...]
    shared: Callable[..., Any] = lambda bar, z, *x: bar

    def contributions(self, bar: Any, z: Any, x: tuple[Any, ...], wanted: tuple[bool, ...]) -> list[tuple[int, int, Any]]:
        """(input, sign, amount) for each input that is wanted."""
        if not any(wanted):
            return []
        shared = self.shared(bar, z, *x)
        return [(i, part.sign, part.product(shared, z, *x)) for i, part in enumerate(self.parts) if wanted[i]]


def _itself(t: Any, z: Any, *x: Any) -> Any:
    return t


def _alone(product: Callable[..., Any], sign: int = 1) -> Adjoint:
    return Adjoint((Part(sign, product),))


ADJOINTS: dict[Operation, Adjoint] = {
    Operation.ADD: Adjoint((Part(1, _itself), Part(1, _itself))),
    Operation.SUBTRACT: Adjoint((Part(1, _itself), Part(-1, _itself))),
    Operation.MULTIPLY: Adjoint((Part(1, lambda t, z, x, y: t * y), Part(1, lambda t, z, x, y: t * x))),
    Operation.DIVIDE: Adjoint((Part(1, _itself), Part(-1, lambda t, z, x, y: t * z)), lambda bar, z, x, y: bar / y),
    Operation.NEGATE: _alone(_itself, -1),
    Operation.EXP: _alone(lambda t, z, x: t * z),
    Operation.LOG: _alone(lambda t, z, x: t / x),
    Operation.SQRT: _alone(lambda t, z, x: t / (z + z)),
    Operation.SIN: _alone(lambda t, z, x: t * x.apply("cos")),
    Operation.COS: _alone(lambda t, z, x: t * x.apply("sin"), -1),
    Operation.TANH: _alone(lambda t, z, x: t * (1 - z * z)),
    Operation.SIGMOID: _alone(lambda t, z, x: t * (z * (1 - z))),
    Operation.RELU: _alone(lambda t, z, x: t * x.apply("step")),
    Operation.STEP: Adjoint(()),
}
