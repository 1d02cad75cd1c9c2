r"""The cost of a program as a polynomial in its sizes: read off its graphs at the corners of a small box.

A program of nested loops whose bounds are its parameters, each loop over another one, takes a number of operations that is affine in
each parameter; such a function of L parameters is known from its values at $\{1, 2\}^L$.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact import nonnegative
from lemmata.theory.programs import Cost, Graph, Sweep
from lemmata.theory.rules.cheap_gradient import adjoint_cost

FARTHEST = 4
"""The polynomial is compared with graphs of all sizes up to this."""

MOST_SIZES = 3
"""Parameters of a program, at most."""

cached_cost = lru_cache(maxsize=512)(adjoint_cost)


@final
class CostInSizes(Rule):
    """Costs of evaluations and gradients in closed form, where the program is given with one symbol a parameter.

    That the cost is affine in each of them is taken for granted, and tried at sizes that the polynomial was not made from.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.sample_programs import multilayer
    >>> a, b = sp.symbols("a b", integer=True, positive=True)
    >>> Derivation(multilayer(a, b).forward, Domain((a, b))).by(cost_in_sizes).end
    2*a*b + 2*b - 1
    """

    name = "cost_in_sizes"
    source = "Griewank & Walther (2008), section 3.4"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = _nodes(expr, domain)
        labels = ", ".join(dict.fromkeys(node.label for node in nodes))
        assumed = (f"the operations of {labels} are affine in each parameter: compared at all sizes up to {FARTHEST}",)
        because = "a polynomial that is affine in each size, from the graphs of sizes 1 and 2"
        return Rewrite(expr.xreplace({node: _polynomial(node) for node in nodes}), because, assumes=assumed)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """At all sizes up to 4 the polynomial is what the graph there says."""
        values = {}
        for node in _nodes(before, domain):
            polynomial = values[node] = _polynomial(node)
            for sizes in itertools.product(range(1, FARTHEST + 1), repeat=len(node.parameters)):
                counted = operations(*node.program().graph(*sizes), node.sweep)
                if polynomial.subs(dict(zip(node.parameters, sizes, strict=True)), simultaneous=True) != counted:
                    raise NotDischarged(f"{node.label} takes {counted} operations at {sizes}, and the polynomial says otherwise")
        if sp.expand(rewrite.after - before.xreplace(values)) != 0:
            raise NotDischarged("something else was replaced")


def operations(graph: Graph, output: int, sweep: Sweep) -> int:
    """The operations of an evaluation, or of that and a reverse sweep, from the graph alone: nothing is computed.

    >>> from lemmata.theory.sample_programs import continued_fraction
    >>> operations(*continued_fraction.graph(7), Sweep.GRADIENT)
    34
    """
    count = sum(operation is not None for operation, _ in graph.steps)
    if sweep is Sweep.FORWARD:
        return count
    depends = [False] * len(graph.steps)
    for place in graph.variables:
        depends[place] = True
    for place, (_, inputs) in enumerate(graph.steps):
        depends[place] = depends[place] or any(depends[i] for i in inputs)
    reached = {output} if depends[output] else set()
    for place in range(output, -1, -1):
        operation, inputs = graph.steps[place]
        if operation is None or place not in reached:
            continue
        wanted = tuple(depends[i] for i in inputs)
        count += cached_cost(operation, wanted)
        for i, part in zip(inputs, operation.adjoint.parts, strict=False):
            if depends[i]:
                count += i in reached or part.sign < 0
                reached.add(i)
    return count


def _nodes(expr: Any, domain: Domain) -> list[Cost]:
    nodes = [node for node in expr.atoms(Cost) if node.sweep in (Sweep.FORWARD, Sweep.GRADIENT)]
    for node in nodes:
        sizes = node.parameters
        if len(sizes) > MOST_SIZES or len(set(sizes)) != len(sizes) or not all(size.is_Symbol and size.is_integer for size in sizes):
            raise NotApplicable(f"the parameters of {node.label} are up to {MOST_SIZES} different symbols for integers")
        if not all(nonnegative(size - 1, domain) for size in sizes):
            raise NotApplicable(f"that the parameters of {node.label} are at least 1 was not proved")
    if not nodes:
        raise NotApplicable("it takes costs of evaluations and gradients, f(n).forward or f(n).gradient")
    return nodes


def _polynomial(node: Cost) -> Any:
    """Lagrange's interpolation at the corners of {1, 2}^L."""
    total = sp.S.Zero
    for corner in itertools.product((1, 2), repeat=len(node.parameters)):
        weight = sp.Mul(*(2 - size if end == 1 else size - 1 for size, end in zip(node.parameters, corner, strict=True)))
        total += operations(*node.program().graph(*corner), node.sweep) * weight
    return sp.expand(total)


cost_in_sizes = CostInSizes()
