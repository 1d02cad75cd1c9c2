"""Positive homogeneity: max(0, a x) = a max(0, x), |a x| = a |x|, and steps do not see a positive factor."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import POSITIVE, signs
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class Scaling(LocalRule):
    """A factor that is proved positive leaves Max, Min and Abs, and disappears in Heaviside and sign."""

    name = "scaling"
    kinds: ClassVar[tuple[type, ...]] = (sp.Max, sp.Min, sp.Abs, sp.Heaviside, sp.sign)
    needs = "piecewise linear function with a positive factor inside"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        factor, rest = _common_factor(node, domain)
        if factor == 1:
            raise NotApplicable("no factor inside is proved positive")
        inner = node.func(*(arg if arg == 0 else rest for arg in _switch_arguments(node)))
        after = inner if isinstance(node, sp.Heaviside | sp.sign) else factor * inner
        return Replacement(node, after, domain, f"${sp.latex(factor)} > 0$ and positive homogeneity")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """On each of the cases argument > 0, = 0, < 0 both sides are the same polynomial in a positive number y."""
        node, after = replacement.before, replacement.after
        y = sp.Dummy("y", positive=True)
        arguments = _switch_arguments(node)
        inner = next((atom for atom in after.atoms(node.func)), None)
        if inner is None:
            raise NotDischarged("the function disappeared")
        ours = [arg for arg in arguments if arg != 0]
        theirs = [arg for arg in _switch_arguments(inner) if arg != 0]
        if len(ours) != 1 or len(theirs) != 1:
            raise NotDischarged("more than one argument is not zero")
        factor = _quotient(ours[0], theirs[0])
        names = {leaf: sp.Dummy(real=True) for leaf in random_symbols(ours[0])}
        if is_zero((ours[0] - factor * theirs[0]).xreplace(names), replacement.domain) is not True:
            raise NotDischarged("the argument is not the factor times the new one")
        if random_symbols(factor) or signs(factor, replacement.domain) != POSITIVE:
            raise NotDischarged("the factor is not proved positive")
        for sign in (1, 0, -1):
            value = node.func(*(sp.S.Zero if arg == 0 else sign * y for arg in arguments))
            resolved = _resolve(inner.func, sign, y / factor)
            outside = after.xreplace({inner: resolved})
            if is_zero(outside - value, replacement.domain) is not True:
                raise NotDischarged("the sides differ where the argument has sign " + str(sign))


def _quotient(argument: Any, inner: Any) -> Any:
    """argument/inner, both written over the first random variable: the ratio of their coefficients there."""
    leaf = random_symbols(argument)[0]
    name = sp.Dummy("z", real=True)
    return sp.powsimp(sp.diff(argument.xreplace({leaf: name}), name) / sp.diff(inner.xreplace({leaf: name}), name))


def _switch_arguments(node: Any) -> tuple[Any, ...]:
    """The arguments whose signs matter: Heaviside's second one is its value at 0."""
    return node.args[:1] if isinstance(node, sp.Heaviside) else node.args


def _common_factor(node: Any, domain: Domain) -> tuple[Any, Any]:
    """(the positive factor of the one argument that is not 0, what is left of the argument)."""
    arguments = [arg for arg in _switch_arguments(node) if arg != 0]
    if len(arguments) != 1 or not random_symbols(arguments[0]):
        return sp.Integer(1), node
    factor, rest = sp.Integer(1), sp.Integer(1)
    argument = arguments[0] if isinstance(arguments[0], sp.Mul) else sp.factor_terms(arguments[0])
    for part in sp.Mul.make_args(argument):
        if not random_symbols(part) and signs(part, domain) == POSITIVE:
            factor *= part
        else:
            rest *= part
    return factor, rest


def _resolve(kind: type, sign: int, size: Any) -> Any:
    """What the function of sign * size is, for size > 0: its definition, case by case."""
    if kind is sp.Heaviside:
        return sp.Rational(sign + 1, 2)
    if kind is sp.sign:
        return sp.Integer(sign)
    if kind is sp.Abs:
        return size if sign else sp.S.Zero
    if kind is sp.Max:
        return size if sign > 0 else sp.S.Zero
    return -size if sign < 0 else sp.S.Zero


scaling = Scaling()
