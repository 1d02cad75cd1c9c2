"""Spurious minima of two-layer ReLU networks that learn orthonormal neurons: proved to exist, and how often descent ends in them.

F(W) = E (sum relu(w_i.x) - sum relu(v_j.x))^2. For n = k a critical point that permutations of k - 1 neurons fix is named by five
rationals; interval Newton proves that the box around them holds exactly one, and balls enclose all k^2 eigenvalues there.
"""

from sympy import Eq, Ge, Gt, Le, Lt, Symbol, symbols
from sympy.stats import Expectation

from lemmata.theory.activations import relu
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.kernels.duals import dual
from lemmata.theory.source import Source
from lemmata.theory.spurious_minima import critical_point
from lemmata.verify.claim import Claim

THEOREM = Source("safran-shamir-2018", "theorem 1")
OBJECTIVE = Source("safran-shamir-2018", "equation (1), the objective, and section 3, its closed form")
TABLE = Source("safran-shamir-2018", "table 1, n = k")
PRINTED = Source("yarotsky-lecture", "slide on spurious minima of ReLU networks, the objective displayed above the table")

q1, q2 = symbols("q_1 q_2", positive=True)
c = Symbol("c", real=True)
k = Symbol("k", integer=True, positive=True)
point = critical_point(k)
u, v = gaussian_pair(q1, q2, c)
kernel = dual(relu)

EXISTENCE = [
    Claim(
        "spurious-objective-in-closed-form",
        Eq(Expectation((relu(u) - relu(v)) ** 2), kernel.at(q1, q1, 1) - 2 * kernel.at(q1, q2, c) + kernel.at(q2, q2, 1)),
        given=[Ge(c, -1), Le(c, 1)],
        source=OBJECTIVE,
        about="One neuron that learns another: the objective is a sum of the ReLU's kernel, f(w, w) - 2 f(w, v) + f(v, v) (row Y.28).",
    ),
    Claim(
        "spurious-minimum-is-strict",
        Gt(point.curvature, 0),
        given=[Ge(k, 6), Le(k, 20)],
        source=THEOREM,
        about="For every n = k from 6 to 20 there is a critical point at which the Hessian is positive definite... (row Y.28)",
    ),
    Claim(
        "spurious-minimum-is-spurious",
        Gt(point.objective, 0),
        given=[Ge(k, 6), Le(k, 20)],
        source=THEOREM,
        about="... and the objective is not 0, which it is at W = V: a strict local minimum that is not global (row Y.28).",
    ),
    Claim(
        "spurious-minimum-not-below-6",
        Lt(point.curvature, 0),
        given=[Ge(k, 3), Le(k, 5)],
        source=THEOREM,
        about="For k = 3, 4, 5 the same critical point is a saddle, so that descent leaves it: 6 is sharp in this family (row Y.28).",
    ),
]
