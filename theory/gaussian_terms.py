"""Products under a Gaussian expectation: powers, an exponential of a quadratic, switches and waves of affine functions.

A term stands for coefficient * prod x_i^n_i * exp(Q(x)) * prod switch * prod wave. A switch is E sign(a.x + b + z) over an
independent normal z whose variance is its noise: sign and Heaviside have none, and erf(y) = E sign(y + z) with Var z = 1/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.pieces import KINKED, Piece, pieces

ERF_NOISE = sp.Rational(1, 2)
"""erf(y) = E sign(y + z) for z ~ N(0, 1/2), since P(z > -y) = (1 + erf(y))/2."""


@dataclass(frozen=True, slots=True)
class Switch:
    """E sign(slopes . x + offset + z), z ~ N(0, noise) independent of x; it jumps where the noise is 0."""

    slopes: tuple[Any, ...]
    offset: Any
    noise: Any

    def argument(self, variables: tuple[Any, ...]) -> Any:
        """slopes . x + offset."""
        return sum((a * x for a, x in zip(self.slopes, variables, strict=True)), self.offset)

    def expression(self, variables: tuple[Any, ...]) -> Any:
        """The switch as a SymPy function of the variables."""
        return sp.sign(self.argument(variables)) if self.noise == 0 else sp.erf(self.argument(variables))


@dataclass(frozen=True, slots=True)
class Wave:
    """cos(slopes . x + offset)."""

    slopes: tuple[Any, ...]
    offset: Any

    def expression(self, variables: tuple[Any, ...]) -> Any:
        """The wave as a SymPy function of the variables."""
        return sp.cos(sum((a * x for a, x in zip(self.slopes, variables, strict=True)), self.offset))


@dataclass(frozen=True, slots=True)
class Term:
    """prod x_i^powers[i] * exp(exponent) * prod switches * prod waves, over the variables x_0, x_1."""

    powers: tuple[int, ...]
    exponent: Any = sp.S.Zero
    switches: tuple[Switch, ...] = ()
    waves: tuple[Wave, ...] = ()

    def expression(self, variables: tuple[Any, ...]) -> Any:
        """The term as a SymPy expression."""
        powers = [x**n for x, n in zip(variables, self.powers, strict=True)]
        switches = [switch.expression(variables) for switch in self.switches]
        waves = [wave.expression(variables) for wave in self.waves]
        return sp.Mul(*powers, sp.exp(self.exponent), *switches, *waves)


def terms_of(f: Any, variables: tuple[Any, ...], domain: Domain) -> list[tuple[Any, Term]]:
    """`f` as a sum of (coefficient, term); raises NotApplicable naming the factor that is none of these.

    >>> x = sp.Dummy("x", real=True)
    >>> [(a, term.powers, len(term.switches)) for a, term in terms_of(x * sp.Max(0, x), (x,), Domain())]
    [(1/2, (2,), 0), (1/2, (2,), 1)]
    """
    found: list[tuple[Any, Term]] = []
    for product in _products(f, variables, domain):
        found.extend(_classified(product, variables))
    return found


def affine_in(argument: Any, variables: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any]:
    """(slopes, offset) of an affine function; raises NotApplicable for any other."""
    slopes = tuple(sp.expand(sp.diff(argument, x)) for x in variables)
    if any(slope.has(*variables) for slope in slopes):
        raise NotApplicable(f"{argument} is not affine")
    return slopes, argument.xreplace(dict.fromkeys(variables, sp.S.Zero))


def _products(f: Any, variables: tuple[Any, ...], domain: Domain) -> list[Any]:
    """The terms of `f` expanded, its kinked factors written as polynomials times steps."""
    f = sp.expand(f.rewrite([sp.sinh, sp.cosh], sp.exp)) if f.has(sp.sinh, sp.cosh) else sp.expand(f)
    found: list[Any] = []
    for term in sp.Add.make_args(f):
        parts: dict[Any, Any] = dict.fromkeys(variables, sp.S.One)
        rest = sp.S.One
        for factor in sp.Mul.make_args(term):
            inside = [x for x in variables if factor.has(x)]
            if len(inside) == 1:
                parts[inside[0]] *= factor
            else:
                rest *= factor
        stepped = sp.Mul(rest, *(in_steps(part, x, domain) for x, part in parts.items()))
        found.extend(sp.Add.make_args(sp.expand(stepped)))
    return found


def in_steps(f: Any, x: Any, domain: Domain) -> Any:
    """A kinked function of one variable as p_0 + sum (p_i - p_{i-1}) H(x - a_i); others as they are.

    >>> x = sp.Symbol("x", real=True)
    >>> in_steps(sp.Abs(x), x, Domain((x,)))
    2*x*Heaviside(x) - x
    """
    if not _needs_steps(f, x):
        return f
    branches = pieces(f, x, domain)
    total = branches[0].branch
    for left, right in zip(branches, branches[1:], strict=False):
        total += sp.expand(right.branch - left.branch) * sp.Heaviside(x - right.low)
    return total


def step_branches(f: Any, x: Any, domain: Domain) -> list[Piece]:
    """The branches of a kinked function that `in_steps` rewrites; none where it leaves the function alone."""
    return pieces(f, x, domain) if _needs_steps(f, x) else []


def _needs_steps(f: Any, x: Any) -> bool:
    """Whether f has kinked functions beyond one Heaviside(x - a) to the first power."""
    nodes = [node for node in f.atoms(*KINKED) if node.has(x)]
    if not nodes:
        return False
    if len(nodes) == 1 and isinstance(nodes[0], sp.Heaviside) and sp.expand(sp.diff(nodes[0].args[0], x)) == 1:
        return nodes[0] not in sp.Mul.make_args(f)
    return True


def _classified(product: Any, variables: tuple[Any, ...]) -> list[tuple[Any, Term]]:
    coefficient, exponent = sp.S.One, sp.S.Zero
    powers = [0] * len(variables)
    halves: list[Switch] = []
    switches: list[Switch] = []
    waves: list[Wave] = []
    for factor in sp.Mul.make_args(product):
        if not factor.has(*variables):
            coefficient *= factor
            continue
        base, degree = factor.as_base_exp()
        if base is sp.E:
            exponent += degree
            continue
        if not (degree.is_Integer and degree > 0):
            raise NotApplicable(f"{factor} is neither a power, an exponential, erf, sine, cosine nor piecewise polynomial")
        if base in variables:
            powers[variables.index(base)] += int(degree)
        elif isinstance(base, sp.Heaviside):
            halves.append(Switch(*affine_in(base.args[0], variables), sp.S.Zero))
        elif isinstance(base, sp.sign):
            if degree % 2:
                switches.append(Switch(*affine_in(base.args[0], variables), sp.S.Zero))
        elif isinstance(base, sp.erf):
            switches += [Switch(*affine_in(base.args[0], variables), ERF_NOISE)] * int(degree)
        elif isinstance(base, sp.sin | sp.cos):
            slopes, offset = affine_in(base.args[0], variables)
            waves += [Wave(slopes, offset - sp.pi / 2 if isinstance(base, sp.sin) else offset)] * int(degree)
        else:
            raise NotApplicable(f"{base} is neither a power, an exponential, erf, sine, cosine nor piecewise polynomial")
    exponent = sp.expand(exponent)
    if not exponent.is_polynomial(*variables) or sp.Poly(exponent, *variables).total_degree() > 2:
        raise NotApplicable(f"exp({exponent}) is not the exponential of a quadratic")
    constant = exponent.xreplace(dict.fromkeys(variables, sp.S.Zero))
    coefficient *= sp.exp(constant)
    expanded = [(coefficient, tuple(switches))]
    for half in halves:  # Heaviside = (1 + sign)/2
        expanded = [(a / 2, chosen + more) for a, chosen in expanded for more in ((), (half,))]
    return [(a, Term(tuple(powers), exponent - constant, chosen, tuple(waves))) for a, chosen in expanded]
