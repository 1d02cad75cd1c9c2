"""The derivative of an activation as a distribution: a function, and a delta function for each jump."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.kernels.admissible import X
from lemmata.theory.pieces import breakpoints, pieces


def derivative(f: Any) -> Any:
    """f' in the symbol X: what f' is between the jumps, plus (f(a+) - f(a-)) delta(x - a) for each jump.

    SymPy's own derivative holds products such as sin(x) delta(x), which is 0, and knows no jumps of Piecewise.

    >>> derivative(sp.sin(X) * sp.Heaviside(X)), derivative(sp.sign(X - 1))
    (cos(x)*Heaviside(x), 2*DiracDelta(x - 1))
    """
    plain = sp.diff(f, X)
    if f.has(sp.DiracDelta) or not (plain.has(sp.DiracDelta) or f.has(sp.Piecewise)):
        return plain
    try:
        heights = jumps(f)
    except NotApplicable:
        return plain
    between = plain.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return between + sum((height * sp.DiracDelta(X - place) for place, height in heights.items() if height != 0), sp.S.Zero)


def jumps(f: Any) -> dict[Any, Any]:
    """Place -> f(a+) - f(a-) at each point where the branches of a piecewise smooth function meet, jump or not.

    Raises NotApplicable where the order of the points is not known, or one kinked function stands inside another.

    >>> jumps(sp.Abs(X) + sp.Heaviside(X - 1))
    {0: 0, 1: 1}
    """
    domain = Domain(tuple(f.free_symbols | {X}))
    if not breakpoints(f, X, domain):
        return {}
    branches = pieces(f, X, domain)
    return {
        left.high: sp.expand((right.branch - left.branch).xreplace({X: left.high}))
        for left, right in zip(branches, branches[1:], strict=False)
    }
