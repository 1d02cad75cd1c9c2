"""Gradient descent on losses whose gradient is Lipschitz: the descent lemma, the bound it gives, and its best step."""

from sympy import Eq, Ge, Le, Lt, MatrixSymbol, Rational, Symbol, Trace, exp, symbols

from lemmata.theory.data import DataMatrix
from lemmata.theory.losses import half_square, logistic, margin_loss, saturating
from lemmata.theory.rules.descent_bound import (
    at_start,
    bounded_below_by,
    descent_is_monotone,
    descent_lemma_at_every_step,
    minimum_at_most_mean,
    telescoping,
)
from lemmata.theory.rules.descent_lemma import along_segment, descent_lemma, integrate_step, lipschitz_gradient
from lemmata.theory.rules.descent_quadratic import linear_recurrence
from lemmata.theory.smoothness import GramMatrix, SecondDerivatives, TraceBound
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent, flow, grad_norm_squared
from lemmata.verify.claim import Claim

LEMMA = Source("nesterov-2018", "section 1.2.3, the descent lemma")
BOUND = Source("yarotsky-lecture", "convergence of gradient descent")

alpha, M, l1, l2, l3 = symbols("alpha M lambda_1 lambda_2 lambda_3", positive=True)
u, u1, u2, u3 = symbols("u u_1 u_2 u_3", real=True)
w, w1, w2, w3 = symbols("w w_1 w_2 w_3", real=True)
relative, epsilon = symbols("s epsilon", positive=True)
N = Symbol("N", integer=True, positive=True)
n = Symbol("n", integer=True, nonnegative=True)

# The three losses, the constants of their gradients, and the reasons for them.

quadratic = (l1 * w1**2 + l2 * w2**2 + l3 * w3**2) / 2
curvatures = [Le(l1, M), Le(l2, M), Le(l3, M)]

SATURATING = saturating(w1) + saturating(w2)

digits = DataMatrix("Z", 357, 64, "lemmata.numerics.datasets:threes_and_eights")
v, v0 = MatrixSymbol("w", 64, 1), MatrixSymbol("w_0", 64, 1)
LOGISTIC = margin_loss(logistic, digits, v)
DIGITS_M = Rational(2986303, 10**6)
"""An upper bound on lambda_max(Z^T Z)/(4 n) that exceeds it by less than 10^-6; proved by elimination in integers."""

d, m = symbols("d m", integer=True, positive=True)
B, x, x0 = MatrixSymbol("B", m, d), MatrixSymbol("w", d, 1), MatrixSymbol("w_0", d, 1)


def bound(loss, start, step, constant, reason, name, about, given=(), source=BOUND, uses=()):
    """min over n < N of |grad L(w_n)|^2 <= L(w_0)/(c N), c = alpha (1 - M alpha/2), for a loss >= 0.

    Over data the loss at the start is left to be measured, with the runs.
    """
    run = descent(loss, start, step)
    at_zero = run[0, loss] if loss.has(DataMatrix) else loss.xreplace(start)
    return Claim(
        name,
        Le(
            run.least[N, grad_norm_squared(loss, list(start))],
            at_zero / (N * step * (1 - constant * step / 2)),
        ),
        given=[*given, Le(N, 60 if loss.has(DataMatrix) else 150)],
        source=source,
        about=about,
        derivation=lambda lhs: to_the_bound(lhs, constant, reason, closed=not loss.has(DataMatrix)),
        uses=uses,
    )


def to_the_bound(lhs, constant, reason, *, closed=True):
    """The chain from the least squared gradient to (L(w_0) - 0)/(c N)."""
    chain = lhs.by(minimum_at_most_mean).by(descent_lemma_at_every_step, constant, reason).by(telescoping).by(bounded_below_by, 0)
    return chain.by(at_start) if closed else chain


def lemma_along_segment(loss, start, constant, name, about, given=()):
    """L(w_1) <= L(w_0) - alpha (1 - M alpha/2)|grad L(w_0)|^2, derived along the segment of the step."""
    node = descent(loss, start, alpha)[1, loss]
    squared = grad_norm_squared(loss, list(start)).xreplace(start)
    return Claim(
        name,
        Le(node, loss.xreplace(start) - alpha * (1 - constant * alpha / 2) * squared),
        given=given,
        source=LEMMA,
        about=about,
        derivation=lambda lhs: lhs.by(along_segment).by(lipschitz_gradient, node, constant, SecondDerivatives()).by(integrate_step),
    )


LEMMAS = [
    lemma_along_segment(
        quadratic,
        {w1: u1, w2: u2, w3: u3},
        M,
        "descent-lemma-quadratic",
        "One step of gradient descent lowers a quadratic loss whose curvatures are at most M by at least c "
        "times its squared gradient (row Y.11).",
        curvatures,
    ),
    lemma_along_segment(
        saturating(w),
        {w: u},
        2,
        "descent-lemma-saturating",
        "The same for the smooth loss w^2/(1 + w^2), which is not convex and whose second derivative lies in [-1/2, 2] (row Y.11).",
    ),
    Claim(
        "descent-lemma-digits",
        Le(
            descent(LOGISTIC, {v: v0}, alpha)[1, LOGISTIC],
            descent(LOGISTIC, {v: v0}, alpha)[0, LOGISTIC]
            - alpha * (1 - DIGITS_M * alpha / 2) * descent(LOGISTIC, {v: v0}, alpha)[0, grad_norm_squared(LOGISTIC, [v])],
        ),
        source=LEMMA,
        about="The same for logistic regression between the digits 3 and 8 of scikit-learn, from any start (row Y.11).",
        derivation=lambda lhs: lhs.by(descent_lemma, DIGITS_M, GramMatrix(Rational(1, 4))),
        given=[Le(alpha, 2)],
    ),
]

BOUNDS = [
    bound(
        quadratic,
        {w1: u1, w2: u2, w3: u3},
        alpha,
        M,
        SecondDerivatives(),
        "descent-bound-quadratic",
        "The least squared gradient among N iterates on a quadratic loss with curvatures in (0, M], for every step below 2/M (row Y.10).",
        [*curvatures, Lt(M * alpha, 2)],
        uses=["descent-lemma-quadratic"],
    ),
    bound(
        half_square(x, B),
        {x: x0},
        relative / M,
        M,
        TraceBound(),
        "descent-bound-random-quadratic",
        "The same for |B w|^2/2 with any matrix B of any shape and any start, M the trace of B^T B (row Y.10).",
        [Eq(M, Trace(B.T * B)), Lt(relative, 2)],
    ),
    bound(
        SATURATING,
        {w1: u1, w2: u2},
        alpha,
        2,
        SecondDerivatives(),
        "descent-bound-saturating",
        "The same for a smooth loss that is not convex: the sum of w_i^2/(1 + w_i^2), with M = 2 (row Y.10).",
        [Lt(alpha, 1)],
        uses=["descent-lemma-saturating"],
    ),
    bound(
        LOGISTIC,
        {v: v0},
        alpha,
        DIGITS_M,
        GramMatrix(Rational(1, 4)),
        "descent-bound-digits",
        "The same for logistic regression between the digits 3 and 8 of scikit-learn; M bounds lambda_max(Z^T Z)/(4n) to 10^-6 (row Y.10).",
        [Lt(DIGITS_M * alpha, 2)],
    ),
]

# Where the constant and the range of the step come from.

OPTIMAL_STEP = [
    Claim(
        "optimal-step",
        Le(alpha * (1 - M * alpha / 2), 1 / (2 * M)),
        source=Source("yarotsky-lecture", "exercise: the optimal step size"),
        about="No step gains more in the bound than 1/(2M) (row Y.13).",
    ),
    Claim(
        "optimal-step-only-one",
        Eq(1 / (2 * M) - alpha * (1 - M * alpha / 2), (1 - M * alpha) ** 2 / (2 * M)),
        source=Source("yarotsky-lecture", "exercise: the optimal step size"),
        about="What is missing to 1/(2M) is a square, which vanishes at alpha = 1/M and nowhere else (row Y.13).",
    ),
    Claim(
        "optimal-step-never-attained",
        Lt(alpha * (1 - M * alpha / 2), 1 / (2 * M)),
        source=Source("yarotsky-lecture", "exercise: the optimal step size"),
        about="The strict inequality fails at the step 1/M, where the optimum is attained (row Y.13).",
        expect="refuted",
    ),
]

parabola = M * w**2 / 2

SHARPNESS = [
    Claim(
        "descent-on-a-parabola",
        Eq(descent(parabola, {w: u}, alpha)[n, w], (1 - M * alpha) ** n * u),
        given=[Le(n, 100), Le(M * alpha, 3)],
        source=Source("yarotsky-lecture", "gradient descent near a minimum"),
        about="On M w^2/2 gradient descent multiplies the iterate by 1 - M alpha (row Y.10).",
        derivation=lambda lhs: lhs.by(linear_recurrence),
    ),
    Claim(
        "step-two-over-m-stands-still",
        Eq(descent(parabola, {w: u}, 2 / M)[n, w**2], u**2),
        given=[Le(n, 100)],
        source=BOUND,
        about="At the step 2/M the iterates on M w^2/2 only change sign: the range alpha < 2/M of the bound cannot be widened (row Y.10).",
        derivation=lambda lhs: lhs.by(linear_recurrence),
    ),
    Claim(
        "descent-decreases-up-to-two-over-m",
        Le(descent(parabola, {w: u}, alpha)[N, parabola], M * u**2 / 2),
        given=[Le(M * alpha, 2), Le(N, 100)],
        source=BOUND,
        about="Up to 2/M the loss never exceeds its first value (row Y.10).",
        derivation=lambda lhs: lhs.by(descent_is_monotone, M, SecondDerivatives()).by(at_start),
    ),
    Claim(
        "descent-decreases-for-every-step",
        Le(descent(parabola, {w: u}, alpha)[N, parabola], M * u**2 / 2),
        given=[Le(N, 100)],
        source=BOUND,
        about="The same without alpha < 2/M: caught diverging (row Y.10).",
        expect="refuted",
    ),
    Claim(
        "separable-logistic-need-not-diverge",
        Le(descent(logistic(w), {w: u}, alpha)[N, logistic(w)], logistic(u)),
        given=[Le(N, 100)],
        source=BOUND,
        about="On the logistic loss of one point gradient descent decreases the loss for every step, however far above 2/M = 8 (row Y.10).",
    ),
]

STOPPING = [
    Claim(
        "stopping-time",
        Le(
            descent(l1 * w**2 / 2, {w: u}, alpha).least[N, grad_norm_squared(l1 * w**2 / 2, [w])],
            epsilon**2,
        ),
        given=[
            Le(l1, M),
            Lt(M * alpha, 2),
            Ge(N * epsilon**2 * alpha * (1 - M * alpha / 2), l1 * u**2 / 2),
            Le(N, 500),
        ],
        source=Source("yarotsky-lecture", "stopping rule |grad L| < epsilon"),
        about="After N >= (L(w_0) - L_*)/(c epsilon^2) steps some gradient is no longer than epsilon (row Y.12).",
        derivation=lambda lhs: to_the_bound(lhs, M, SecondDerivatives()),
        uses=["descent-bound-quadratic"],
    ),
    Claim(
        "stopping-time-at-the-optimal-step",
        Le(descent(l1 * w**2 / 2, {w: u}, 1 / M).least[N, grad_norm_squared(l1 * w**2 / 2, [w])], epsilon**2),
        given=[Le(l1, M), Ge(N * epsilon**2, 2 * M * (l1 * u**2 / 2)), Le(N, 500)],
        source=Source("yarotsky-lecture", "stopping rule |grad L| < epsilon"),
        about="At the step 1/M, where c = 1/(2 M) is largest, N >= 2 M (L(w_0) - L_*)/epsilon^2 steps do (row Y.12).",
        derivation=lambda lhs: to_the_bound(lhs, M, SecondDerivatives()),
    ),
]

# Gradient flow, the limit of small steps.

time = Symbol("t", positive=True)

FLOW = [
    Claim(
        "flow-on-a-parabola",
        Eq(flow(parabola, {w: u})[time, w], u * exp(-M * time)),
        given=[Le(time, 5), Le(M, 4)],
        source=Source("yarotsky-lecture", "gradient descent and gradient flow"),
        about="Gradient flow on M w^2/2 decays like e^(-M t) (row Y.3).",
    ),
]
