"""Runs of descent and flow seen from their start: at time 0, in displacements, and least squares in terms of outputs."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.gradients import gradient
from lemmata.theory.iterates import Along, BoundMatrix, BoundSymbol, FlowValue, Method, Reduction, Trajectory
from lemmata.theory.matrices.algebra import equal_matrices
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.local import LocalRule, Replacement
from lemmata.theory.rules.matrix_calculus import closed_form

TRANSLATED = (Method.GRADIENT, Method.HEAVY_BALL, Method.NESTEROV)
"""Iterations whose steps are the same seen from another origin: they begin without velocity and use gradients and differences alone."""


@final
class AtStart(LocalRule):
    """After no step, and at time 0, an expression along descent or flow is that expression at the start."""

    name = "at_start"
    kinds: ClassVar[tuple[type, ...]] = (Along,)
    needs = "descent after 0 steps or flow at time 0"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        if node.time != 0 or (isinstance(node, Trajectory) and node.reduction is not Reduction.AT):
            raise NotApplicable("it takes descent after 0 steps, or flow at time 0")
        return Replacement(node, node.at_start(), domain, "nothing has moved yet")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The variables are replaced again, one after the other."""
        node, value = replacement.before, replacement.before.expr
        if node.time != 0:
            raise NotDischarged("the time is not 0")
        for variable, start in zip(node.variables, node.starts, strict=True):
            value = value.xreplace({variable: start})
        if not (value == replacement.after or exact.equal(value, replacement.after, replacement.domain) is True):
            raise NotDischarged("the expression at the start is another")


@final
class ShiftedStart(LocalRule):
    """With w = w_0 + u, u starts at 0 and descends the loss L(w_0 + u); what does not depend on u leaves the node."""

    name = "shifted_start"
    kinds: ClassVar[tuple[type, ...]] = (Along,)
    needs = "descent or flow from a start that is not 0"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        _translatable(node)
        moves, zeros = [], []
        for variable, start in zip(node.variables, node.starts, strict=True):
            moves.append((variable, start))
            zeros.append(sp.ZeroMatrix(*variable.shape) if isinstance(variable, sp.MatrixSymbol) else sp.S.Zero)
        loss, expr = _displaced(node.loss, moves), _displaced(node.expr, moves)
        constant, varying = _apart(expr, set(node.variables))
        after = constant + _with(node, loss, tuple(zeros), varying)
        return Replacement(node, after, domain, "in displacements from the start, $w = w_0 + u$, gradients are the same")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The new loss and expression at u = w - w_0 are the old ones at w, and u starts at 0."""
        node, after, domain = replacement.before, replacement.after, replacement.domain
        _translatable(node)
        found = [part for part in sp.Add.make_args(after) if isinstance(part, type(node))]
        if len(found) != 1 or found[0].variables != node.variables or found[0].args[5:] != node.args[5:] or found[0].time != node.time:
            raise NotDischarged("it is not the same iteration in the same variables")
        moved, constant = found[0], after - found[0]
        if constant.free_symbols & set(node.variables) or any(not _vanishes(start) for start in moved.starts):
            raise NotDischarged("what left the node is no constant, or the displacement does not start at 0")
        back = {v: _difference(v, start) for v, start in zip(node.variables, node.starts, strict=True)}
        where = Domain((*domain.symbols, *(v for v in node.variables if isinstance(v, sp.Symbol))), domain.given)
        for new, old in ((moved.loss, node.loss), (moved.expr + constant, node.expr)):
            if exact.equal(new.xreplace(back), old, where) is not True:
                raise NotDischarged("seen from the start the loss or the expression is another")


@final
class LeastSquaresOutputs(LocalRule):
    r"""Descent on c tr((Phi W - Y)^T (Phi W - Y)), seen through Phi W.

    $$\Phi W_N = Y + (I - 2 c \alpha\, \Phi \Phi^T)^N (\Phi W_0 - Y)$$
    """

    name = "least_squares_outputs"
    kinds: ClassVar[tuple[type, ...]] = (Trajectory,)
    needs = "outputs Phi W along descent on c tr((Phi W - Y)^T (Phi W - Y))"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        features, labels, scale = _least_squares(node)
        closed = _outputs(node, features, labels, scale, node.time)
        after = _through(node.expr, sp.MatMul(features, node.variables[0]), closed)
        because = r"each step multiplies $\Phi W - Y$ by $I - 2 c \alpha\, \Phi \Phi^T$"
        return Replacement(node, after, domain, because)

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Induction: the outputs at N = 0, and that a step along the gradient multiplies their errors by that matrix, at every W."""
        node, domain = replacement.before, replacement.domain
        features, labels, scale = _least_squares(node)
        W = node.variables[0]
        slope = closed_form(gradient(node.loss, W), domain)
        shrinks = sp.Identity(features.shape[0]) - 2 * scale * node.step * features * features.T
        after_step = features * (W - node.step * slope) - labels
        if equal_matrices(after_step, shrinks * (features * W - labels), domain) is not True:
            raise NotDischarged("a step does not multiply the errors by that matrix")
        if equal_matrices(_outputs(node, features, labels, scale, sp.S.Zero), features * node.starts[0], domain) is not True:
            raise NotDischarged("the outputs do not start where they should")
        stated = _through(node.expr, sp.MatMul(features, W), _outputs(node, features, labels, scale, node.time))
        if exact.equal(stated, replacement.after, domain) is not True:
            raise NotDischarged("the expression in the outputs is another")


def _translatable(node: Any) -> None:
    if isinstance(node, Trajectory) and (node.reduction is not Reduction.AT or node.method not in TRANSLATED):
        raise NotApplicable("it takes an iterate of gradient descent, of the heavy ball or of Nesterov's method")
    if not isinstance(node, (Trajectory, FlowValue)) or quantities(node.loss) or quantities(node.expr):
        raise NotApplicable("it takes a loss and an expression without quantities in them")
    for variable in node.variables:
        if isinstance(variable, sp.Symbol) and variable.assumptions0 != BoundSymbol("u", real=True).assumptions0:
            raise NotApplicable(f"{variable} is not just real: a displacement of it would be another kind of number")
    if all(_vanishes(start) for start in node.starts):
        raise NotApplicable("it starts at 0 already")


def _vanishes(start: Any) -> bool:
    return bool(start == 0 or start.is_zero_matrix) if isinstance(start, sp.MatrixBase) else start == 0 or isinstance(start, sp.ZeroMatrix)


def _difference(variable: Any, start: Any) -> Any:
    return variable - start if not _vanishes(start) else variable


def _displaced(expr: Any, moves: list[tuple[Any, Any]]) -> Any:
    """An expression at w_0 + u, with u + w_0 multiplied out of the products that hold it, one factor at a time."""
    sums = {variable: variable + start for variable, start in moves if not _vanishes(start)}
    return _multiplied_out(sp.sympify(expr), sums)


def _multiplied_out(expr: Any, sums: dict[Any, Any]) -> Any:
    if expr in sums:
        return sums[expr]
    if not expr.args or not expr.has(*sums):
        return expr
    args = [_multiplied_out(arg, sums) if isinstance(arg, sp.Basic) and not isinstance(expr, sp.MatrixSymbol) else arg for arg in expr.args]
    if isinstance(expr, sp.Transpose) and isinstance(args[0], (sp.MatAdd, sp.MatMul)):
        return args[0].T
    if isinstance(expr, sp.MatAdd):
        return sp.MatAdd(*args).doit(deep=False)
    if isinstance(expr, (sp.Mul, sp.MatMul)):
        places = [place for place, arg in enumerate(args) if isinstance(arg, (sp.Add, sp.MatAdd)) and arg != expr.args[place]]
        if len(places) == 1 and not any(arg.has(*sums) for place, arg in enumerate(expr.args) if place != places[0]):
            before, inner, behind = args[: places[0]], args[places[0]], args[places[0] + 1 :]
            terms = [expr.func(*before, term, *behind) for term in inner.args]
            if isinstance(expr, sp.MatMul):
                return sp.MatAdd(*(term.doit(deep=False) for term in terms)).doit(deep=False)
            return sp.Add(*terms)
    return expr.func(*args)


def _apart(expr: Any, variables: set[Any]) -> tuple[Any, Any]:
    """What does not depend on the variables, and the rest: traces of sums are taken apart, as far as they are linear."""
    constant: list[Any] = []
    varying: list[Any] = []
    for term in sp.Add.make_args(expr):
        factor, inner = term.as_coeff_mul()[0], sp.Mul(*term.as_coeff_mul()[1])
        pieces = [factor * sp.Trace(part) for part in inner.arg.args] if _is_sum(inner) else [term]
        for piece in pieces:
            (varying if piece.free_symbols & variables else constant).append(piece)
    return sp.Add(*constant), sp.Add(*varying)


def _is_sum(expr: Any) -> bool:
    return isinstance(expr, sp.Trace) and isinstance(expr.arg, sp.MatAdd)


def _with(node: Any, loss: Any, starts: tuple[Any, ...], expr: Any) -> Any:
    if expr == 0:
        return sp.S.Zero
    if isinstance(node, FlowValue):
        return FlowValue(loss, node.variables, starts, node.time, expr)
    return Trajectory(loss, node.variables, starts, node.time, expr, node.step, node.momentum, node.method, node.reduction)


def _least_squares(node: Trajectory) -> tuple[Any, Any, Any]:
    """(Phi, Y, c) with the loss c tr((Phi W - Y)^T (Phi W - Y)), Phi and Y without W."""
    variables = node.variables
    if node.method is not Method.GRADIENT or node.reduction is not Reduction.AT or len(variables) != 1:
        raise NotApplicable("it takes an iterate of gradient descent in one variable")
    if not isinstance(variables[0], BoundMatrix) or quantities(node.loss):
        raise NotApplicable("its variable is a matrix")
    scale, rest = node.loss.as_independent(variables[0], as_Add=False)
    factors: tuple[Any, ...] = rest.arg.args if isinstance(rest, sp.Trace) and isinstance(rest.arg, sp.MatMul) else ()
    if len(factors) != 2 or factors[0] != factors[1].T or not isinstance(factors[1], sp.MatAdd):
        raise NotApplicable("the loss is not c tr((Phi W - Y)^T (Phi W - Y))")
    with_w = [term for term in factors[1].args if term.has(variables[0])]
    if len(with_w) != 1 or not isinstance(with_w[0], sp.MatMul) or with_w[0].args[-1] != variables[0]:
        raise NotApplicable("the outputs are not Phi W")
    features = sp.MatMul(*with_w[0].args[:-1]).doit(deep=False)
    if features.has(variables[0]):
        raise NotApplicable("the features depend on the variable")
    return features, -(factors[1] - with_w[0]), scale


def _outputs(node: Trajectory, features: Any, labels: Any, scale: Any, steps: Any) -> Any:
    shrinks = sp.Identity(features.shape[0]) - 2 * scale * node.step * features * features.T
    return labels + sp.MatPow(shrinks, steps).doit(deep=False) * (features * node.starts[0] - labels)


def _through(expr: Any, outputs: Any, value: Any) -> Any:
    """An expression tr(H Phi W) with the value of the outputs put in."""
    outputs = outputs.doit(deep=False)
    width = len(outputs.args)
    if not (isinstance(expr, sp.Trace) and isinstance(expr.arg, sp.MatMul) and expr.arg.args[-width:] == outputs.args):
        raise NotApplicable("what is looked at is not tr(H Phi W)")
    front = sp.MatMul(*expr.arg.args[:-width]).doit(deep=False)
    if front.has(outputs.args[-1]):
        raise NotApplicable("the outputs enter twice")
    return sp.Trace(front * value)


at_start = AtStart()
shifted_start = ShiftedStart()
least_squares_outputs = LeastSquaresOutputs()
