r"""How fast the Hessian of two-layer ReLU students varies: a bound that holds for parallel neurons too.

Along a path of two vectors w, v without 0 let a, b be their unit vectors, theta their angle, s = sin(theta), n = b - (a.b) a and
n' = a - (a.b) b, of length s, and let tau = |dw|/|w| + |dv|/|v|, which |da| + |db| does not exceed. With the constants p, q, r, m of
`pair_kernel`

    d^2f/dw dv = (q + r theta) 1 + p s a b^T + m n n'^T/s        d^2f/dw^2 = |v|/|w| ( p s (1 - a a^T) + m n n^T/s )

and in the operator norm, where a and b are not parallel,

    |d theta| <= tau,  |d(s a b^T)| <= (|cos| + s) tau <= 2^(1/2) tau        (ds = cos(theta) d theta)
    |dn| <= tau,  |d(n n'^T/s)| <= 3 tau,  |d(n n^T/s)| <= 2/3^(1/2) tau
    |d(s (1 - a a^T))| <= 2^(1/2) tau,  |p s (1 - a a^T) + m n n^T/s| <= p + m

dn is db without its part along a, at most |db|, less (da.b) a + (a.b) da: these are orthogonal, of lengths at most s |da| and
|cos| |da|. The middle one is (dn n'^T + n dn'^T)/s - (ds/s) n n'^T/s. The one for h h^T/|h| is, for dh with parts x along h and y across,
the matrix (x, y; y, 0) at most, of norm (x + (x^2 + 4 y^2)^(1/2))/2 <= 2/3^(1/2) where x^2 + y^2 = 1. So

    |d(d^2f/dw dv)| <= X tau,                          X = |r| + 2^(1/2) p + 3 m
    |d(d^2f/dw^2)| <= D (|dw| |v|/|w|^2 + |dv|/|w|),   D = p + m + 2^(1/2) p + 2/3^(1/2) m

Both second derivatives are continuous at parallel and antiparallel vectors, where the terms with s are 0 and theta is 0 or pi; theta is
Lipschitz in the arc lengths everywhere. So the bounds hold across such vectors: split a segment at its first and last of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import flint
from flint import arb

from lemmata.numerics.landscape.pair_kernel import in_balls


def variation(norms: Sequence[arb], targets: Sequence[arb], radius: arb) -> arb:
    r"""L with |H(x) - H(y)| <= L |x - y| for the Hessian H of F/2, for all x, y within `radius` of a student of these row norms.

    The blocks of dH in a unit direction h are at most X (|h_i|/|w_i| + |h_j|/|w_j|) outside the diagonal, in which matrices
    g 1^T + 1 g^T have the norm 2 n^(1/2) |g| at most, and on it (one of them is the largest)

        |h_i| A_i + B_i sum_{j != i} |h_j| <= (A_i^2 + (n - 1) B_i^2)^(1/2),    B_i = D/|w_i|,
        A_i = D (sum_{j != i} |w_j| + sum_j |v_j|)/|w_i|^2.

    Raises ArithmeticError where a row may be 0 within the radius.

    >>> bool(variation([arb(1)] * 3, [arb(1)] * 3, arb(0)) < 9)
    True
    """
    p, _, r, m = in_balls(flint.ctx.prec)
    least, most = [norm - radius for norm in norms], [norm + radius for norm in norms]
    if not all(norm > 0 for norm in least):
        raise ArithmeticError("a neuron's weights may all be 0 within the radius, where the Hessian is not continuous")
    root, count = arb(2).sqrt(), len(norms)
    crossed = abs(r) + root * p + 3 * m
    bent = p + m + root * p + 2 / arb(3).sqrt() * m
    total, others = sum(most, arb(0)), sum(targets, arb(0))
    smallest, worst = least[0], arb(0)
    for low, high in zip(least, most, strict=True):
        smallest = smallest.min(low)
        own, other = bent * (total - high + others) / low**2, bent / low
        worst = worst.max((own**2 + (count - 1) * other**2).sqrt())
    return worst + 2 * crossed * arb(count).sqrt() / smallest
