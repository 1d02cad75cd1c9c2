"""Programs whose derivatives are counted: layered networks, random straight-line programs, and the extreme ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from lemmata.theory.elementary import Operation
from lemmata.theory.programs import Graph, Node, program

POSITIVE = ("add", "multiply", "exp", "log", "sqrt", "sin", "tanh", "sigmoid", "relu")
"""Operations whose adjoint subtracts nothing."""


def _sum(terms: list[Node]) -> Node:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


@program(uses=("add", "multiply", "tanh"))
def multilayer(graph: Graph, *widths: int) -> Node:
    """A network d_0 - d_1 - ... - d_L - 1 without biases: tanh on hidden layers, a linear output, differentiated by its weights.

    >>> multilayer(3, 2).forward
    cost(multilayer(3, 2), forward)
    """
    return _layered(graph, widths, "tanh")


@program(uses=("add", "multiply", "relu"))
def rectified(graph: Graph, *widths: int) -> Node:
    """The same with relu.

    >>> rectified(3, 2).forward
    cost(rectified(3, 2), forward)
    """
    return _layered(graph, widths, "relu")


def _layered(graph: Graph, widths: tuple[int, ...], activation: str) -> Node:
    layer = [graph.datum() for _ in range(widths[0])]
    for width in widths[1:]:
        layer = [_sum([graph.variable() * x for x in layer]).apply(activation) for _ in range(width)]
    return _sum([graph.variable() * x for x in layer])


def _digits(*address: int) -> Iterator[int]:
    """Numbers below 2^32 that an address determines: a hash in counter mode."""
    count = 0
    while True:
        block = hashlib.sha256(repr((*address, count)).encode()).digest()
        yield from (int.from_bytes(block[i : i + 4], "big") for i in range(0, 32, 4))
        count += 1


def _straight_line(graph: Graph, inputs: int, operations: int, index: int, names: tuple[str, ...]) -> Node:
    """Operation after operation, each with the last result and, where it takes two inputs, any scalar so far, in either order."""
    digits = _digits(inputs, operations, index)
    scalars = [graph.variable() for _ in range(inputs)]
    for _ in range(operations):
        chosen = Operation(names[next(digits) % len(names)])
        taken = [scalars[-1], scalars[next(digits) % len(scalars)]][: chosen.inputs]
        scalars.append(graph.record(chosen, *(reversed(taken) if next(digits) % 2 else taken)))
    return scalars[-1]


@program
def straight_line(graph: Graph, inputs: int, operations: int, index: int) -> Node:
    """The program of a given number in a fixed random sequence, with all elementary operations that have a slope.

    >>> straight_line(2, 5, 0).gradient
    cost(straight_line(2, 5, 0), gradient)
    """
    return _straight_line(graph, inputs, operations, index, tuple(item.value for item in Operation if item is not Operation.STEP))


@program(uses=POSITIVE)
def additive_line(graph: Graph, inputs: int, operations: int, index: int) -> Node:
    """The same with operations whose adjoint subtracts nothing.

    >>> additive_line(2, 5, 0).gradient
    cost(additive_line(2, 5, 0), gradient)
    """
    return _straight_line(graph, inputs, operations, index, POSITIVE)


@program(uses=("divide",))
def continued_fraction(graph: Graph, n: int) -> Node:
    """z <- x/z, n times from z = x: the reverse sweep does all that it can have to do at every operation but one.

    >>> continued_fraction(3).gradient
    cost(continued_fraction(3), gradient)
    """
    x = z = graph.variable()
    for _ in range(n):
        z = x / z
    return z


@program(uses=("multiply",))
def repeated_squaring(graph: Graph, n: int) -> Node:
    """z <- z z, n times: two products and one sum at every operation.

    >>> repeated_squaring(3).gradient
    cost(repeated_squaring(3), gradient)
    """
    z = graph.variable()
    for _ in range(n):
        z = z * z
    return z
