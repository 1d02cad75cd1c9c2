"""The automatic rules: a short fixed list, tried in order until no quantity is left or nothing applies.

Every step goes through the same checks as a written derivation; what cannot be derived this way is None, and the
claim rests on its measurements.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged, Rule, has_undefined
from lemmata.theory.domain import Domain
from lemmata.theory.quantity import quantities

LONGEST = 40
"""Steps after which a chain is given up."""

LARGEST = 600
"""Expressions with more operations than this are not continued."""

PRICE_AT_MOST = 3
"""Each use of Price's theorem removes one derivative; piecewise polynomials of degree n need at most n + 1."""


@cache
def automatic_rules() -> tuple[Rule, ...]:
    """The rules in the order in which they are tried, cheap and simplifying ones first; entry points come last."""
    from importlib.metadata import entry_points

    from lemmata.theory.rules.calculus import close_sum, differentiate, take_limit
    from lemmata.theory.rules.covariance_algebra import covariance_algebra
    from lemmata.theory.rules.density import density
    from lemmata.theory.rules.descent_quadratic import linear_recurrence
    from lemmata.theory.rules.descent_steps import few_steps
    from lemmata.theory.rules.determinant import determinant
    from lemmata.theory.rules.gaussian_parts import gaussian_parts
    from lemmata.theory.rules.half_lines import half_lines
    from lemmata.theory.rules.inclusion_exclusion import inclusion_exclusion
    from lemmata.theory.rules.independence import independence
    from lemmata.theory.rules.integrate import integrate
    from lemmata.theory.rules.laws import density_integral, finite_law, indicator
    from lemmata.theory.rules.linear_flow import linear_flow
    from lemmata.theory.rules.linearity import linearity, second_moments
    from lemmata.theory.rules.matrix_calculus import matrix_calculus
    from lemmata.theory.rules.price import price
    from lemmata.theory.rules.recurrence import affine_recurrence, power_law
    from lemmata.theory.rules.scaling import scaling
    from lemmata.theory.rules.stein import heat
    from lemmata.theory.rules.symmetry import symmetry

    ours: tuple[Rule, ...] = (
        second_moments, indicator, scaling, gaussian_parts, linearity, independence, symmetry, half_lines, density, determinant, finite_law,
        inclusion_exclusion, covariance_algebra, matrix_calculus, differentiate, close_sum, affine_recurrence, linear_recurrence, few_steps,
        linear_flow, integrate, take_limit, power_law, price, density_integral, heat,
    )  # fmt: skip
    return ours + tuple(entry.load() for entry in entry_points(group="lemmata.rules"))


def derive(lhs: Any, rhs: Any, domain: Domain) -> Derivation | None:
    """A derivation from `lhs` to an expression without quantities, ending in `rhs` where the two are proved equal.

    None when the rules get stuck. A side without quantities gives the empty derivation; a side may be a matrix. Never raises.

    >>> from sympy import Max, Symbol, sqrt
    >>> from sympy.stats import Expectation, Normal
    >>> q, s = Symbol("q", positive=True), Normal("s", 0, 1)
    >>> derivation = derive(Expectation(Max(0, sqrt(q) * s) ** 2), q / 2, Domain((q,)))
    >>> derivation.end, [step.rule for step in derivation.steps]
    (q/2, ['scaling', 'linearity', 'half_lines'])
    """
    if not isinstance(lhs, sp.Expr):
        return Derivation(lhs, domain) if isinstance(lhs, sp.Basic) and not quantities(lhs) else None
    chain, prices = Derivation(lhs, domain), 0
    while quantities(chain.end):
        following = _step(chain, prices)
        if following is None or len(following.steps) > LONGEST:
            return None
        prices += following.steps[-1].rule == "price"
        chain = following
    if has_undefined(chain.end):
        return None
    return _towards(chain, rhs)


def _step(chain: Derivation, prices: int) -> Derivation | None:
    if isinstance(chain.end, sp.Basic) and _operations(chain.end) > LARGEST:
        return None
    for rule in automatic_rules():
        if rule.name == "price" and prices >= PRICE_AT_MOST:
            continue
        try:
            return chain.by(rule)
        except (NotApplicable, NotDischarged):
            continue
        except (ArithmeticError, AttributeError, IndexError, KeyError, NotImplementedError, RecursionError, TypeError, ValueError):
            continue  # SymPy raises these on what it cannot do: the rule did not apply
    return None


def _operations(expr: Any) -> int:
    """The size of an expression; SymPy's own count does not take matrices."""
    if expr.has(sp.MatrixExpr):
        return sum(1 for node in sp.preorder_traversal(expr) if node.args)
    return int(sp.count_ops(expr))


def _towards(chain: Derivation, rhs: Any) -> Derivation:
    """One more step to the stated form, where it is another one and the exact zero test reaches it."""
    from lemmata.theory.rules.rearrange import rearrange

    if not chain.steps or not isinstance(rhs, sp.Expr) or rhs == chain.end or quantities(rhs):
        return chain
    try:
        return chain.by(rearrange, rhs)
    except (NotApplicable, NotDischarged, ArithmeticError, NotImplementedError, RecursionError, TypeError, ValueError):
        return chain
