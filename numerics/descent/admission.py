"""Which trajectories are not run, and why: asked once, by every instrument that runs them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lemmata.numerics.budget import BUDGETS, Budget
from lemmata.numerics.measurement import Refusal


def declined(quantity: Any, at: Mapping[Any, Any], budget: Budget) -> Refusal | None:
    """Why a trajectory is not run at a point, if it is not: its number of steps or its step size is none.

    >>> import sympy as sp
    >>> from lemmata.theory.trajectory import descent
    >>> w, alpha = sp.symbols("w alpha", real=True)
    >>> declined(descent(w**2, {w: 1}, alpha)[5, w], {alpha: sp.Integer(-1)}, Budget()).reason
    'the step of descent is -1 there, and it must be above 0: add Gt(alpha, 0) to `given`'
    """
    point = dict(at)
    n, step = quantity.time.xreplace(point), quantity.step.xreplace(point)
    if not n.is_Integer:
        return Refusal(f"the number of steps {n} is no integer: give one")
    if n > budget.steps:
        return Refusal(f"{n} steps, and the budget {budget.name} allows {budget.steps}: take a larger budget")
    if step.is_positive is False:
        return Refusal(f"the step of descent is {step} there, and it must be above 0: add Gt({quantity.step}, 0) to `given`")
    return None


def not_finite(value: float) -> str:
    """What is said of a start at which the loss has no finite value."""
    return f"the loss is {'not a number' if math.isnan(value) else f'{value:g}'} at the start: descent starts where it is finite"


def second_look(budget: Budget) -> int:
    """The digits of a budget that asks for more of them than its name does, which is how a second look is asked for; else 0.

    >>> from dataclasses import replace
    >>> from lemmata.numerics.budget import BudgetName
    >>> second_look(Budget()), second_look(replace(Budget(), digits=30)), second_look(BUDGETS[BudgetName.THOROUGH])
    (0, 30, 0)
    """
    usual = {name.value: one.digits for name, one in BUDGETS.items()}.get(budget.name, Budget().digits)
    return budget.digits if budget.digits > usual else 0
