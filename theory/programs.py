r"""Programs: functions written with elementary operations, recorded as graphs, and what they and their derivatives cost.

A program is a Python function of a `Graph`, which hands out variables and data, and of integer parameters; what it returns is the
output. The same function gives the graph, the cost of one evaluation, and that of a reverse sweep or of difference quotients:

    multilayer(10, 50, 50).forward              operations of one evaluation
    multilayer(10, 50, 50).gradient             of one evaluation and one reverse sweep: the output and all partial derivatives
    multilayer(10, 50, 50).forward_differences  of all partial derivatives by (f(w + h e_i) - f(w))/h
    multilayer(10, 50, 50).central_differences  by (f(w + h e_i) - f(w - h e_i))/(2 h)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import update_wrapper
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.elementary import Operation
from lemmata.theory.printing.notation import function_name
from lemmata.theory.quantity import Quantity, quantities, random_symbols
from lemmata.theory.stable_names import short_name, stable_name

_REGISTRY: dict[str, Program] = {}


class Sweep(Enum):
    """What is computed, and its operations counted."""

    FORWARD = "forward"
    GRADIENT = "gradient"
    FORWARD_DIFFERENCES = "forward_differences"
    CENTRAL_DIFFERENCES = "central_differences"


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar of a program: arithmetic on it is recorded in its graph."""

    graph: Graph
    place: int

    def _with(self, operation: Operation, other: Any, swapped: bool = False) -> Node:
        pair = (self, self.graph.constant(other))
        return self.graph.record(operation, *(reversed(pair) if swapped else pair))

    def __add__(self, other: Any) -> Node:
        return self._with(Operation.ADD, other)

    def __radd__(self, other: Any) -> Node:
        return self._with(Operation.ADD, other, True)

    def __sub__(self, other: Any) -> Node:
        return self._with(Operation.SUBTRACT, other)

    def __rsub__(self, other: Any) -> Node:
        return self._with(Operation.SUBTRACT, other, True)

    def __mul__(self, other: Any) -> Node:
        return self._with(Operation.MULTIPLY, other)

    def __rmul__(self, other: Any) -> Node:
        return self._with(Operation.MULTIPLY, other, True)

    def __truediv__(self, other: Any) -> Node:
        return self._with(Operation.DIVIDE, other)

    def __rtruediv__(self, other: Any) -> Node:
        return self._with(Operation.DIVIDE, other, True)

    def __neg__(self) -> Node:
        return self.graph.record(Operation.NEGATE, self)

    def apply(self, name: str) -> Node:
        """A function of the table of elementary operations, by its name; raises ValueError for another."""
        return self.graph.record(Operation(name), self)


@dataclass(slots=True, eq=False)
class Graph:
    """What a program did: `steps[k]` is (operation, places of its inputs), or (None, ()) for a variable, datum or constant."""

    allowed: frozenset[Operation]
    steps: list[tuple[Operation | None, tuple[int, ...]]] = field(default_factory=list)
    variables: list[int] = field(default_factory=list)
    constants: dict[int, float] = field(default_factory=dict)

    def variable(self) -> Node:
        """An input by which the output is differentiated."""
        self.variables.append(len(self.steps))
        return self._leaf()

    def datum(self) -> Node:
        """An input by which it is not."""
        return self._leaf()

    def constant(self, value: Any) -> Node:
        """A number as a node; nodes are handed through. Raises TypeError for what is neither."""
        if isinstance(value, Node):
            if value.graph is not self:
                raise TypeError("a program combines scalars of two graphs: take all inputs from the graph that is handed in")
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"a program computes with its scalars and with numbers, not with {value!r}")
        self.constants[len(self.steps)] = float(value)
        return self._leaf()

    def record(self, operation: Operation, *inputs: Node) -> Node:
        """The result of an operation; raises ValueError for one that the program did not declare."""
        if operation not in self.allowed:
            names = ", ".join(sorted(item.value for item in self.allowed))
            raise ValueError(f"the program declares that it uses {names}, and it uses {operation.value}")
        self.steps.append((operation, tuple(node.place for node in inputs)))
        return Node(self, len(self.steps) - 1)

    def _leaf(self) -> Node:
        self.steps.append((None, ()))
        return Node(self, len(self.steps) - 1)


class Program:
    """What `@program` makes of a function: call it with integers or symbols, then take `.forward`, `.gradient`, ..."""

    def __init__(self, function: Callable[..., Any], uses: frozenset[Operation]) -> None:
        self.function, self.uses = function, uses
        self.key = stable_name(function, _REGISTRY)
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self.signature = inspect.Signature(parameters)
        update_wrapper(self, function)
        _REGISTRY[self.key] = self

    def __call__(self, *parameters: Any) -> Priced:
        try:
            bound = self.signature.bind(*parameters)
        except TypeError as error:
            raise TypeError(f"program {self.function.__name__}: {error}") from None
        return Priced(self, tuple(sp.sympify(value) for value in bound.args))

    def graph(self, *parameters: int) -> tuple[Graph, int]:
        """The graph at these parameters and the place of its output; raises TypeError where the output is no scalar of it."""
        graph = Graph(self.uses)
        output = self.function(graph, *parameters)
        if not isinstance(output, Node) or output.graph is not graph:
            raise TypeError(f"the program {self.function.__name__} returned {output!r}: it returns one scalar computed from its graph")
        return graph, output.place


def program(function: Callable[..., Any] | None = None, /, *, uses: Iterable[str] | None = None) -> Any:
    """Make a program of a function `f(graph, *parameters)`; `uses` names the operations it is confined to.

    An operation outside `uses` is an error when the program runs, so that what is proved of the declared ones holds of it.
    Raises ValueError for a name that is no elementary operation.

    >>> @program
    ... def norm(graph, n):
    ...     squares = [x * x for x in (graph.variable() for _ in range(n))]
    ...     total = squares[0]
    ...     for square in squares[1:]:
    ...         total = total + square
    ...     return total
    >>> norm(3).gradient
    cost(norm(3), gradient)
    >>> len(norm.graph(3)[0].steps)
    8
    """
    if function is not None and not callable(function):
        raise ValueError(f"a program is a function `f(graph, *parameters)`, not {function!r}: write @program above its def")
    allowed = frozenset(Operation) if uses is None else frozenset(Operation(name) for name in uses)
    return Program(function, allowed) if function is not None else lambda found: Program(found, allowed)


@dataclass(frozen=True, slots=True)
class Priced:
    """A program at its parameters; its properties are quantities."""

    program: Program
    parameters: tuple[Any, ...]

    @property
    def forward(self) -> Cost:
        """The operations of one evaluation."""
        return Cost(self.program.key, *self.parameters, Sweep.FORWARD)

    @property
    def gradient(self) -> Cost:
        """The operations of one evaluation and one reverse sweep."""
        return Cost(self.program.key, *self.parameters, Sweep.GRADIENT)

    @property
    def forward_differences(self) -> Cost:
        """The operations of all quotients (f(w + h e_i) - f(w))/h."""
        return Cost(self.program.key, *self.parameters, Sweep.FORWARD_DIFFERENCES)

    @property
    def central_differences(self) -> Cost:
        """The operations of all quotients (f(w + h e_i) - f(w - h e_i))/(2 h)."""
        return Cost(self.program.key, *self.parameters, Sweep.CENTRAL_DIFFERENCES)


class Cost(Quantity):
    """The number of elementary operations of a program's evaluation or derivative; see `Sweep`."""

    is_integer = True
    is_nonnegative = True

    def __new__(cls, key: Any, *parts: Any) -> Self:
        *parameters, sweep = parts
        sweep = sweep if isinstance(sweep, Str) else Str(Sweep(sweep).value)
        for value in parameters:
            if quantities(value) or random_symbols(value):
                raise TypeError(f"a program was given the parameter {value}: its parameters are integers or symbols for them")
        return sp.Expr.__new__(cls, key if isinstance(key, Str) else Str(key), *map(sp.sympify, parameters), sweep)

    @property
    def key(self) -> str:
        """The stable name of the program."""
        return str(self.args[0].name)

    @property
    def parameters(self) -> tuple[Any, ...]:
        """What the program is called with."""
        return tuple(self.args[1:-1])

    @property
    def sweep(self) -> Sweep:
        """What is computed."""
        return Sweep(self.args[-1].name)

    def program(self) -> Program:
        """The program; raises LookupError when its file has not been imported here."""
        if self.key not in _REGISTRY:
            raise LookupError(f"the program {self.label} is not known here: import the file that defines it")
        return _REGISTRY[self.key]

    @property
    def label(self) -> str:
        """The function's own name, for people."""
        return short_name(self.key)

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured or rewritten by a rule, never evaluated in passing."""
        return self

    def _sympystr(self, printer: Any) -> str:
        return f"cost({self.label}({', '.join(map(printer._print, self.parameters))}), {self.sweep.value})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inside = ", ".join(map(printer._print, self.parameters))
        text = rf"\operatorname{{cost}}_{{\text{{{self.sweep.value.replace('_', ' ')}}}}}\left({function_name(self.label)}({inside})\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"
