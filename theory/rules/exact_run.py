"""Descent run step by step in exact arithmetic, for a number of steps and a loss made of smooth pieces.

At each iterate the pieces of the loss (arguments of Max, Min and Abs, branches of Piecewise) are chosen by proved signs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import signs
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.trajectory import Method, Reduction, Trajectory

LONGEST = 64
"""Runs of more steps are left to the instruments."""

LARGEST = 4000
"""Operations and bits of numbers beyond which an iterate is too long to be worth its exactness."""

JUMPS = (sp.floor, sp.ceiling, sp.frac, sp.Mod)

PIECES = (sp.Max, sp.Min, sp.Abs, sp.Heaviside, sp.sign, sp.Piecewise)


@final
class ExactRun(Rule):
    """The value at an iterate, or the least or the sum over iterates, of a run of gradient descent with a given number of steps."""

    name = "exact_run"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = runs_of(expr)
        values = {node: reduced(node, list(iterates(node, domain)), domain) for node in nodes}
        return Rewrite(expr.xreplace(values), "iterate by iterate in exact arithmetic, the signs at all kinks proved")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Each iterate again, by differentiating the piece that is active there; where pieces meet, all of them must agree."""
        values = {}
        for node in runs_of(before):
            found = list(iterates(node, domain))
            for here, there in itertools.pairwise(found):
                for variable in node.variables:
                    moved = sp.expand((here[variable] - there[variable]) / node.step)
                    for slope in slopes(node.loss, variable, here, domain):
                        require(exact.is_zero(sp.expand(slope) - moved, domain), f"a step in {variable} is not along the gradient")
            require(
                all(exact.is_zero(found[0][v] - start, domain) for v, start in zip(node.variables, node.starts, strict=True)),
                "it starts elsewhere",
            )
            values[node] = reduced(node, found, domain)
        require(exact.equal(rewrite.after, before.xreplace(values), domain), "the value along the run is another")


def runs_of(expr: Any) -> list[Trajectory]:
    """The runs in an expression, each of plain gradient descent over scalars for a given number of steps; or NotApplicable."""
    nodes = sorted(expr.atoms(Trajectory), key=str)
    if not nodes:
        raise NotApplicable("it takes an expression along gradient descent")
    for node in nodes:
        if node.method is not Method.GRADIENT or not all(isinstance(variable, sp.Symbol) for variable in node.variables):
            raise NotApplicable("it runs gradient descent without momentum, in scalar variables")
        if not (node.time.is_Integer and node.time <= LONGEST):
            raise NotApplicable(f"the number of steps is to be given and at most {LONGEST}, not {node.time}")
        if node.loss.has(*JUMPS):
            raise NotApplicable(f"the loss {node.loss} jumps")
    return nodes


def iterates(node: Trajectory, domain: Domain) -> Iterator[dict[Any, Any]]:
    """The iterates that a run looks at, each a value for every variable."""
    gradient = {variable: sp.diff(node.loss, variable) for variable in node.variables}
    here = dict(zip(node.variables, node.starts, strict=True))
    yield here
    for _ in range(int(node.time) - (node.reduction is not Reduction.AT)):
        slope = {variable: settled(value.xreplace(here), domain) for variable, value in gradient.items()}
        here = {variable: sp.expand(here[variable] - node.step * slope[variable]) for variable in node.variables}
        if any(too_long(value) for value in here.values()):
            raise NotApplicable("the iterates are too long: their digits grow with every step")
        yield here


def too_long(value: Any) -> bool:
    """Whether an expression has too many operations or digits.

    >>> too_long(sp.Integer(2) ** 5000), too_long(sp.sqrt(2) + 1)
    (True, False)
    """
    bits = (max(number.p.bit_length(), number.q.bit_length()) for number in value.atoms(sp.Rational))
    return max(bits, default=0) > LARGEST or sp.count_ops(value) > LARGEST


def reduced(node: Trajectory, found: list[dict[Any, Any]], domain: Domain) -> Any:
    """The expression at the last iterate, or its least value or its sum over all of them."""
    values = [sp.expand(settled(node.expr.xreplace(here), domain)) for here in (found[-1:] if node.reduction is Reduction.AT else found)]
    if node.reduction is Reduction.TOTAL:
        return sp.expand(sp.Add(*values))
    return sp.Min(*dict.fromkeys(values)) if node.reduction is Reduction.LEAST else values[0]


def settled(expr: Any, domain: Domain) -> Any:
    """A value with every piece chosen, innermost first; raises NotApplicable where a sign is not proved.

    >>> a = sp.Symbol("a", positive=True)
    >>> settled(sp.Max(0, -a) + sp.Piecewise((a**2, a > 0), (0, True)), Domain((a,)))
    a**2
    """
    while nodes := innermost(expr):
        expr = expr.xreplace({node: active(node, {}, domain)[0] for node in nodes})
    return expr


def slopes(loss: Any, variable: Any, here: dict[Any, Any], domain: Domain) -> Iterator[Any]:
    """The derivatives at a point of the pieces of a loss that are active there: where two meet in a node, of either."""
    nodes = innermost(loss)
    if not nodes:
        yield sp.diff(loss, variable).xreplace(here)
        return
    options = {node: active(node, here, domain) for node in nodes}
    first = {node: pieces[0] for node, pieces in options.items()}
    yield from slopes(loss.xreplace(first), variable, here, domain)
    for node, pieces in options.items():
        for other in pieces[1:]:
            yield from slopes(loss.xreplace(first | {node: other}), variable, here, domain)


def innermost(expr: Any) -> list[Any]:
    """The nodes made of pieces that hold no other such node."""
    return sorted((node for node in expr.atoms(*PIECES) if not any(arg.has(*PIECES) for arg in node.args)), key=str)


def active(node: Any, here: dict[Any, Any], domain: Domain) -> list[Any]:
    """The pieces of a node that are active at a point, several where they meet."""
    if isinstance(node, (sp.Heaviside, sp.sign)):
        sign = sign_of(node.args[0].xreplace(here), domain)
        return [node.func(side) for side in ((sign,) if sign else (sign, sp.S.One, sp.S.NegativeOne))]
    if isinstance(node, sp.Piecewise):
        return _branches(node, here, domain)
    options = (node.args[0], -node.args[0]) if isinstance(node, sp.Abs) else node.args
    turn = -1 if isinstance(node, sp.Min) else 1
    values = [turn * option.xreplace(here) for option in options]
    return [option for option, a in zip(options, values, strict=True) if all(a is b or sign_of(a - b, domain) >= 0 for b in values)]


def _branches(node: Any, here: dict[Any, Any], domain: Domain) -> list[Any]:
    """The branch that SymPy takes, and those that touch the point: the last, unconditional one wherever some condition is on its edge."""
    taken: list[Any] = []
    others: list[Any] = []
    edge = False
    for piece, condition in node.args:
        holds = [_holds(part.xreplace(here), domain) for part in sp.And.make_args(condition)]
        edge = edge or any(on_edge for _, _, on_edge in holds)
        if not taken and all(inside for inside, _, _ in holds):
            taken.append(piece)
        elif edge if condition == sp.true else all(closed for _, closed, _ in holds):
            others.append(piece)
    if not taken:
        raise NotApplicable("no branch of a Piecewise holds at an iterate")
    return taken + others


def _holds(condition: Any, domain: Domain) -> tuple[bool, bool, bool]:
    """Whether a condition holds, whether it does with its boundary included, and whether the point is on the boundary."""
    if condition in (sp.true, sp.false):
        return bool(condition), bool(condition), False
    if not isinstance(condition, (sp.StrictLessThan, sp.LessThan, sp.StrictGreaterThan, sp.GreaterThan)):
        raise NotApplicable(f"the condition {condition} of a branch is no inequality")
    sign = sign_of(condition.gts - condition.lts, domain)
    strict = isinstance(condition, (sp.StrictLessThan, sp.StrictGreaterThan))
    return bool(sign > 0 or (sign == 0 and not strict)), bool(sign >= 0), bool(sign == 0)


def sign_of(expr: Any, domain: Domain) -> Any:
    """The sign, proved, as an integer; raises NotApplicable where it is not."""
    expr = sp.expand(expr)
    found = signs(expr, domain)
    if len(found) > 1:
        found &= signs(sp.factor(expr), domain)
    if len(found) != 1:
        raise NotApplicable(f"the sign of {expr} was not proved")
    return sp.Integer(next(iter(found)))


exact_run = ExactRun()
