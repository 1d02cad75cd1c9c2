"""The same programme as PEPit poses it: its function classes, its points, its solver; an independent number."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from lemmata.numerics.descent.methods import UPDATES
from lemmata.numerics.performance.case import Case
from lemmata.theory.function_classes import Smooth, SmoothConvex, SmoothStronglyConvex
from lemmata.theory.iterates import Reduction
from lemmata.theory.worst_cases import Measure, Start


class NotPosed(Exception):
    """PEPit has no such class, or its solver found no value."""


@dataclass(frozen=True)
class Posed:
    """PEPit's two values of a normalised worst case: of the function it found, and of the bound."""

    primal: float
    dual: float


def posed(case: Case) -> Posed:
    """The normalised worst case by PEPit with cvxpy and Clarabel; raises NotPosed."""
    import PEPit
    from PEPit.functions import SmoothConvexFunction, SmoothFunction, SmoothStronglyConvexFunction

    setting, problem = case.floating(), PEPit.PEP()
    match case.node.among:
        case Smooth():
            function = problem.declare_function(SmoothFunction, L=1.0)
        case SmoothConvex():
            function = problem.declare_function(SmoothConvexFunction, L=1.0)
        case SmoothStronglyConvex():
            function = problem.declare_function(SmoothStronglyConvexFunction, mu=setting.lower, L=1.0)
        case _:
            raise NotPosed(f"PEPit is asked for no class {case.node.among.name}")
    start = problem.set_initial_point()
    if case.anchored:
        minimiser = function.stationary_point()
        lowest = function(minimiser)
    else:
        minimiser, lowest = start, PEPit.Expression()
    path, looked = _path(case, function, start, setting)
    for point in looked:
        problem.add_constraint(function(point) - function.gradient(point) ** 2 / 2 >= lowest)
    if case.node.start is Start.EXCESS:
        problem.set_initial_condition(function(start) - lowest <= 1)
    else:
        problem.set_initial_condition((start - minimiser) ** 2 <= 1)
    measures = [_measured(case.node.measure, function, point, minimiser, lowest) for point in path]
    for metric in measures if case.node.reduction is Reduction.LEAST else [sum(measures[1:], measures[0])]:
        problem.set_performance_metric(metric)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the solver warns of is in its status, which is read below
        dual = problem.solve(wrapper="cvxpy", solver="CLARABEL", verbose=0)
    status = problem.wrapper.prob.status
    if dual is None or status != "optimal":
        raise NotPosed(f"PEPit's solver ends with the status {status}")
    return Posed(float(problem.objective.eval()), float(dual))


def _path(case: Case, function: Any, start: Any, setting: Any) -> tuple[list[Any], list[Any]]:
    """The iterates that are measured, and every point at which the function is looked at."""
    looked = [start]

    def gradient(at: list[Any]) -> list[Any]:
        looked.append(at[0])
        return [function.gradient(at[0])]

    w, v = [start], [0 * start]
    path = [start]
    for _ in range(case.n if case.node.reduction is Reduction.AT else case.n - 1):
        w, v = UPDATES[case.node.method](w, v, gradient, setting.step, setting.momentum)
        path.append(w[0])
    measured = path[-1:] if case.node.reduction is Reduction.AT else path
    if case.node.measure is not Measure.DISTANCE:
        looked += measured
    return measured, looked


def _measured(measure: Measure, function: Any, point: Any, minimiser: Any, lowest: Any) -> Any:
    match measure:
        case Measure.GRADIENT:
            return function.gradient(point) ** 2
        case Measure.EXCESS:
            return function(point) - lowest
        case Measure.DISTANCE:
            return (point - minimiser) ** 2
