r"""Limits of geometric sequences: what decays like the n-th power of a number within the unit circle tends to 0."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class GeometricLimit(LocalRule):
    r"""$\lim_{n \to \infty} (A + B r^n) = A$ for $-1 < r < 1$, with A, B and r free of n.

    >>> from lemmata.theory.derivation import Derivation
    >>> r, n = sp.Symbol("r", positive=True), sp.Symbol("n", integer=True, nonnegative=True)
    >>> inside = Domain((r,), (sp.Lt(r, 1),))
    >>> Derivation(sp.Limit((1 - r ** (n + 1)) / (1 - r), n, sp.oo), inside).by(geometric_limit).end
    -1/(r - 1)
    """

    name = "geometric_limit"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of a geometric sequence"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        f, n, end, _ = node.args
        if end is not sp.oo or not n.is_integer or quantities(f):
            raise NotApplicable("it takes the limit of a closed sequence for n to infinity, n an integer")
        body = sp.expand(sp.expand_power_exp(sp.expand(f)))
        powers = {power for power in body.atoms(sp.Pow) if power.exp.has(n)}
        if len(powers) != 1 or (power := powers.pop()).exp != n or power.base.has(n):
            raise NotApplicable("the sequence is not A + B r^n")
        rest = body.xreplace({power: sp.S.Zero})
        if rest.has(n) or sp.expand((body - rest) / power).has(n):
            raise NotApplicable(f"{power} is not all that depends on {n}")
        r = power.base
        if not (exact.positive(1 - r, domain) and exact.positive(1 + r, domain)):
            raise NotApplicable(f"-1 < {r} < 1 was not proved")
        return Replacement(node, sp.factor(rest), domain, rf"${sp.latex(r)}^n \to 0$, since $|{sp.latex(r)}| < 1$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The distance from the limit is multiplied at each step by one and the same number, which lies within (-1, 1)."""
        f, n, _, _ = replacement.before.args
        domain = replacement.domain
        distance = f - replacement.after
        bases = {power.base for power in f.atoms(sp.Pow) if power.exp.has(n)}
        for r in bases:
            following = distance.xreplace({n: n + 1}) - r * distance
            if r.has(n) or exact.is_zero(sp.expand(sp.expand_power_exp(sp.together(following))), domain) is not True:
                continue
            if exact.positive(1 - r, domain) and exact.positive(1 + r, domain):
                return
        raise NotDischarged("the distance from the limit is not multiplied by one number within (-1, 1) at each step")


geometric_limit = GeometricLimit()
