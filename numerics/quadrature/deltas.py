r"""Delta functions of affine functions of normal variables: E[g delta(h)] is a density times a conditional mean.

For h = a.x + o with |a| = r, the variable n = a.x/r is standard normal and independent of its complement t, so

$$\mathbb{E}\,[g(x)\,\delta(a \cdot x + o)] = \frac{\varphi(o/r)}{r}\;\mathbb{E}\,[g(x) \mid n = -o/r].$$
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.pieces import linear

JUMPING = (sp.Heaviside, sp.sign, sp.Piecewise)


def without_delta(term: Any, used: list[Any]) -> tuple[Any, Any]:
    """(weight, rest) with E[term] = weight E[rest], the rest having one delta function and one normal variable less.

    Raises Unsupported for a delta function that is squared, differentiated, of no affine function, or met by a jump.

    >>> x, y = sp.symbols("x y", real=True)
    >>> without_delta(sp.DiracDelta(x - y) * x * y, [x, y])
    (1/(2*sqrt(pi)), x**2/2)
    """
    factors = list(sp.Mul.make_args(term))
    delta = next((factor for factor in factors if isinstance(factor, sp.DiracDelta)), None)
    if delta is None or len(delta.args) > 1:
        raise Unsupported("a power, a derivative or a function of a delta function has no mean")
    factors.remove(delta)
    rest = sp.Mul(*factors)
    found = linear(delta.args[0], used)
    if found is None or len(used) > 2:
        raise Unsupported(f"{delta} is not a delta function of a line")
    slopes, offset = found
    square = sp.expand(sum(slope**2 for slope in slopes))
    if square.is_zero:
        raise Unsupported(f"{delta} is infinite or zero everywhere")
    if len(used) == 1:
        place = {used[0]: -offset / slopes[0]}
    else:
        (x, y), (a, b), r = used, slopes, sp.sqrt(square)
        place = {x: -offset * a / square - b / r * x, y: -offset * b / square + a / r * x}
    _require_no_jump(rest, place)
    weight = sp.exp(-(offset**2) / (2 * square)) / sp.sqrt(2 * sp.pi * square)
    return weight, rest.xreplace(place)


def _require_no_jump(rest: Any, place: dict[Any, Any]) -> None:
    """No step may switch, and no other delta function sit, on the very line of this one: the product would have no meaning."""
    for node in rest.atoms(*JUMPING, sp.DiracDelta):
        conditions = [node.args[0]]
        if isinstance(node, sp.Piecewise):
            conditions = [part.lhs - part.rhs for _, condition in node.args for part in condition.atoms(sp.core.relational.Relational)]
        for condition in conditions:
            if sp.expand(condition.xreplace(place)).is_zero:
                raise Unsupported("a delta function meets a jump or another delta function on its line")
