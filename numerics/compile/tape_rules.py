"""How each class of SymPy scalars is recorded on a tape: arithmetic, functions, conditions, piecewise functions."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import ITE, And, BooleanFalse, BooleanTrue, Not, Or

from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.tape import Recorder, rule

LONGEST_POWER = 64
TERMS = 4096

COMPARISONS: dict[Any, str] = {sp.Gt: "gt", sp.Ge: "ge", sp.Lt: "lt", sp.Le: "le", sp.Eq: "eq", sp.Ne: "ne"}

FUNCTIONS: tuple[Any, ...] = (
    *(sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh, sp.atanh),
    *(sp.erf, sp.erfc, sp.erfi, sp.erfinv, sp.gamma, sp.loggamma, sp.digamma, sp.sinc, sp.Abs, sp.sign, sp.floor, sp.ceiling),
)
"""Functions of one number that a backend has in its table under the name of the class."""

RECIPROCALS: dict[Any, Any] = {sp.sec: sp.cos, sp.csc: sp.sin, sp.cot: sp.tan, sp.sech: sp.cosh, sp.csch: sp.sinh, sp.coth: sp.tanh}
SEVERAL: tuple[Any, ...] = (
    sp.atan2,
    sp.polygamma,
    sp.besselj,
    sp.bessely,
    sp.besseli,
    sp.besselk,
    sp.zeta,
    sp.beta,
    sp.uppergamma,
    sp.lowergamma,
)
"""Functions of several numbers, where a backend has them."""

HARMLESS = (sp.Add, sp.Mul, sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside, sp.tanh, sp.sin, sp.cos, sp.atan, sp.erf, sp.asinh)
"""Finite with finite derivatives everywhere: a branch made of these needs no guard."""


def logistic_argument(node: Any) -> Any:
    """u when the node is 1 + exp(u), else None."""
    if isinstance(node, sp.Add) and len(node.args) == 2 and node.args[0] is sp.S.One and isinstance(node.args[1], sp.exp):
        return node.args[1].args[0]
    return None


@rule(sp.Add)
def _add(tape: Recorder, node: Any) -> int:
    """Terms with a minus sign are subtracted."""
    plus: list[int] = []
    minus: list[int] = []
    for arg in node.args:
        if arg in tape.inputs or not arg.could_extract_minus_sign() or isinstance(arg, sp.Add):
            plus.append(tape.scalar(arg))
        else:
            minus.append(tape.scalar(-arg))
    return tape.emit("add", (*plus, *minus), len(plus))


@rule(sp.Mul)
def _mul(tape: Recorder, node: Any) -> int:
    """One quotient of two products, its closed factors folded into one number.

    exp(u) / (1 + exp(u))^k is written with the logistic function, which cannot overflow.
    """
    above: list[int] = []
    below: list[int] = []
    rest = list(node.args)
    for arg in list(rest):
        u = logistic_argument(arg.base) if isinstance(arg, sp.Pow) and arg.exp.is_Integer and arg.exp.is_negative else None
        if u is not None and sp.exp(u) in rest and arg not in tape.inputs:
            rest.remove(arg)
            rest.remove(sp.exp(u))
            above.append(tape.emit("logistic", (tape.scalar(u),)))
            if arg.exp != -1:
                above.append(tape.emit("integer_power", (tape.emit("logistic", (tape.scalar(-u),)),), -int(arg.exp) - 1))
    closed = [arg for arg in rest if not tape.depends(arg)]
    if len(closed) > 1:
        rest = [sp.Mul(*closed), *(arg for arg in rest if arg not in closed)]
    for arg in rest:
        inverted = isinstance(arg, sp.Pow) and arg not in tape.inputs and arg.exp.is_Rational and arg.exp.is_negative
        if inverted and logistic_argument(arg.base) is None:
            below.append(tape.scalar(1 / arg))
        else:
            above.append(tape.scalar(arg))
    return tape.emit("quotient", (*above, *below), len(above))


@rule(sp.Pow)
def _pow(tape: Recorder, node: Any) -> int:
    base, exponent = node.args
    if exponent.is_Rational and exponent.is_negative:
        u = logistic_argument(base)
        if u is not None and exponent.is_Integer:
            return tape.emit("integer_power", (tape.emit("logistic", (tape.scalar(-u),)),), -int(exponent))
        return tape.emit("quotient", (tape.constant(1.0), tape.scalar(base**-exponent)), 1)
    if exponent.is_Integer and exponent <= LONGEST_POWER:
        return tape.emit("integer_power", (tape.scalar(base),), int(exponent))
    if exponent.is_Rational and exponent.q == 2 and exponent.p <= LONGEST_POWER:
        root = tape.emit("function", (tape.scalar(base),), "sqrt")
        return root if exponent.p == 1 else tape.emit("integer_power", (root,), int(exponent.p))
    return tape.emit("power", (tape.scalar(base), tape.scalar(exponent)))


@rule(*FUNCTIONS)
def _function(tape: Recorder, node: Any) -> int:
    return tape.emit("function", (tape.scalar(node.args[0]),), type(node).__name__)


@rule(sp.log)
def _log(tape: Recorder, node: Any) -> int:
    """log(1 + exp(u)) is the softplus function, which does not overflow."""
    u = logistic_argument(node.args[0])
    if u is not None:
        return tape.emit("softplus", (tape.scalar(u),))
    return tape.emit("function", (tape.scalar(node.args[0]),), "log")


@rule(*RECIPROCALS)
def _reciprocal(tape: Recorder, node: Any) -> int:
    return tape.emit("quotient", (tape.constant(1.0), tape.scalar(RECIPROCALS[node.func](*node.args))), 1)


@rule(*SEVERAL)
def _several(tape: Recorder, node: Any) -> int:
    return tape.emit("function", tuple(tape.scalar(arg) for arg in node.args), type(node).__name__)


@rule(sp.factorial)
def _factorial(tape: Recorder, node: Any) -> int:
    return tape.scalar(sp.gamma(node.args[0] + 1, evaluate=False))


@rule(sp.re, sp.conjugate)
def _real(tape: Recorder, node: Any) -> int:
    return tape.scalar(node.args[0])


@rule(sp.Max, sp.Min)
def _extreme(tape: Recorder, node: Any) -> int:
    slots = [tape.scalar(arg) for arg in node.args]
    found = slots[0]
    for slot in slots[1:]:
        found = tape.emit("maximum" if isinstance(node, sp.Max) else "minimum", (found, slot))
    return found


@rule(sp.Heaviside)
def _heaviside(tape: Recorder, node: Any) -> int:
    return tape.emit("heaviside", (tape.scalar(node.args[0]), tape.scalar(node.args[1])))


@rule(Relational)
def _relation(tape: Recorder, node: Any) -> int:
    return tape.emit("compare", (tape.scalar(node.lhs), tape.scalar(node.rhs)), COMPARISONS[type(node)], "truth")


@rule(BooleanTrue, BooleanFalse)
def _truth_value(tape: Recorder, node: Any) -> int:
    return tape.emit("truth", (), bool(node), "truth")


@rule(And, Or, Not)
def _connective(tape: Recorder, node: Any) -> int:
    return tape.emit("connective", tuple(tape.truth(arg) for arg in node.args), type(node).__name__, "truth")


@rule(ITE)
def _if_then_else(tape: Recorder, node: Any) -> int:
    test, first, second = node.args
    return tape.slot(Or(And(test, first), And(Not(test), second)))


@rule(sp.Contains)
def _contains(tape: Recorder, node: Any) -> int:
    if not hasattr(node.args[1], "as_relational"):
        raise CannotEvaluate(f"membership in {shorten(node.args[1])} cannot be decided numerically")
    return tape.slot(node.args[1].as_relational(node.args[0]))


def _needs_guard(tape: Recorder, node: Any) -> bool:
    """Whether a branch may be infinite or undefined where it is not taken, so that its gradient there is nan."""
    if not tape.depends(node) or node in tape.inputs:
        return False
    inner = any(_needs_guard(tape, arg) for arg in node.args)
    if isinstance(node, sp.Pow):
        return inner or not (node.exp.is_Integer and node.exp.is_positive)
    return inner or not isinstance(node, HARMLESS)


@rule(sp.Piecewise)
def _piecewise(tape: Recorder, node: Any) -> int:
    """From the last branch to the first; a branch that may be undefined elsewhere is played on inputs of its own region only."""
    pairs = [(pair.expr, tape.truth(pair.cond), pair.cond == sp.true) for pair in node.args]
    found = tape.constant(float("nan"))
    for index in reversed(range(len(pairs))):
        expr, holds, always = pairs[index]
        earlier = tuple(slot for _, slot, _ in pairs[:index])
        if always and not earlier:
            found = tape.scalar(expr)
        elif _needs_guard(tape, expr):
            branch, reads = tape.sub_tape(expr)
            found = tape.emit("guarded", (found, holds, *earlier, *reads), (branch, len(earlier)))
        elif always:
            found = tape.scalar(expr)
        else:
            found = tape.emit("select", (holds, tape.scalar(expr), found))
    return found


@rule(sp.Sum, sp.Product)
def _finite(tape: Recorder, node: Any) -> int:
    """A sum or product between integers is written out."""
    terms = [node.function]
    for index, *ends in node.limits:
        if len(ends) != 2 or not all(end.is_Integer for end in ends):
            raise CannotEvaluate(f"a sum whose ends are not integers: {shorten(node)}")
        places = [sp.Integer(i) for i in range(int(ends[0]), int(ends[1]) + 1)]
        if len(terms) * len(places) > TERMS:
            raise CannotEvaluate(f"a sum of more than {TERMS} terms: {shorten(node)}")
        terms = [term.xreplace({index: place}) for term in terms for place in places]
    slots = tuple(tape.scalar(term) for term in terms)
    empty = 1.0 if isinstance(node, sp.Product) else 0.0
    if not slots:
        return tape.constant(empty)
    return tape.emit("quotient" if isinstance(node, sp.Product) else "add", slots, len(slots))
