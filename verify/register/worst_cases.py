"""Gradient descent at its worst over all functions with an M-Lipschitz gradient: exact, printed, and where the formula ends."""

from sympy import Eq, Ge, Gt, Le, Limit, Lt, Min, Ne, Rational, Symbol, diff, expand, oo, sqrt, symbols

from lemmata.theory.piecewise_quadratic import PiecewiseQuadratic
from lemmata.theory.rules.exact_run import exact_run
from lemmata.theory.rules.worst_case_lower import least_gradient_at_least, least_gradient_exactly, parabola_at_least
from lemmata.theory.rules.worst_case_on import worst_case_on
from lemmata.theory.rules.worst_case_upper import (
    least_gradient_at_most,
    least_gradient_by_descent_lemma,
)
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent, grad_norm_squared
from lemmata.theory.worst_cases import Smooth, worst_case
from lemmata.theory.worst_functions import slowest, slowest_zigzag
from lemmata.verify.claim import Claim

EXACT = Source("abbaszadehpeivasti-2022", "theorem 2")
STEP = Source("abbaszadehpeivasti-2022", "the step length optimal for theorem 2")
NESTEROV = Source("nesterov-2018", "section 1.2.3, the bound with 1/(2M)")
LECTURE = Source("yarotsky-lecture", "convergence of gradient descent")

alpha, M, Delta, g, epsilon = symbols("alpha M Delta g epsilon", positive=True)
x, y, u = symbols("x y u", real=True)
N = Symbol("N", integer=True, positive=True)

FEW = Le(N, 5)
"""Semidefinite programmes are solved for few gradients; the derivations hold for every N."""


def least(step, n=N):
    """The worst least squared gradient of n, over all functions with an M-Lipschitz gradient and L(w_0) - L_* <= Delta."""
    return worst_case(Smooth(M), step, excess=Delta).least[n, "gradient"]


def exact_bound(step, n=N):
    """4 Delta/((n - 1) min(4 alpha - M alpha^2, 4 alpha - M^2 alpha^3) + 2/M)."""
    return 4 * Delta / ((n - 1) * Min(4 * step - M * step**2, 4 * step - M**2 * step**3) + 2 / M)


def exactly(lhs):
    """The worst case from above and from below."""
    return lhs.by(least_gradient_exactly)


WORST = [
    Claim(
        "worst-case-unit-step",
        Eq(least(1 / M), 4 * M * Delta / (3 * N - 1)),
        source=EXACT,
        about="At the step 1/M the least squared gradient of N is 4 M Delta/(3N - 1) at its worst, for every N (row Y.10)...",
        derivation=exactly,
    ),
    Claim(
        "worst-case-unit-step-measured",
        Eq(least(1 / M), 4 * M * Delta / (3 * N - 1)),
        given=[FEW],
        source=EXACT,
        about="... and for N up to 5, where semidefinite programmes enclose it (row Y.10).",
        derivation=exactly,
    ),
    Claim(
        "worst-case-unit-step-after-n-steps",
        Eq(least(1 / M, N + 1), 4 * M * Delta / (3 * N + 2)),
        given=[FEW],
        source=EXACT,
        about="Counted in steps: N steps look at N + 1 gradients, the last one included (row Y.10).",
        derivation=exactly,
    ),
    Claim(
        "worst-case-unit-step-one-percent-less",
        Le(least(1 / M), Rational(99, 100) * 4 * M * Delta / (3 * N - 1)),
        given=[FEW],
        source=EXACT,
        about="The same with a constant smaller by a hundredth: broken by a function (row Y.10).",
        expect="refuted",
    ),
    Claim(
        "worst-case-short-steps",
        Eq(least(alpha), 4 * Delta / ((N - 1) * (4 * alpha - M * alpha**2) + 2 / M)),
        given=[Le(M * alpha, 1), FEW],
        source=EXACT,
        about="For steps up to 1/M: attained in one dimension, where every gradient is the same (row Y.10).",
        derivation=exactly,
    ),
    Claim(
        "worst-case-long-steps",
        Eq(least(alpha), 4 * Delta / ((N - 1) * (4 * alpha - M**2 * alpha**3) + 2 / M)),
        given=[Ge(M * alpha, 1), Le(M * alpha, sqrt(3)), FEW],
        source=EXACT,
        about="For steps from 1/M to sqrt(3)/M: attained in two dimensions, where the gradient zigzags (row Y.10).",
        derivation=exactly,
    ),
    Claim(
        "worst-case-steps-up-to-root-three",
        Eq(least(alpha), exact_bound(alpha)),
        given=[Le(M * alpha, sqrt(3))],
        source=EXACT,
        about="Both in one formula, for all steps up to sqrt(3)/M and every N (row Y.10).",
        derivation=exactly,
    ),
]

GAIN = alpha * (1 - M * alpha / 2)

PRINTED = [
    Claim(
        "worst-case-printed-bound",
        Le(least(1 / M), 2 * M * Delta / N),
        given=[FEW],
        source=LECTURE,
        about="As printed, Delta/(c N) with c = 1/(2M) at the step 1/M: true (row Y.10)...",
        derivation=lambda lhs: lhs.by(least_gradient_at_most),
    ),
    Claim(
        "worst-case-printed-bound-is-tight",
        Eq(least(1 / M), 2 * M * Delta / N),
        given=[FEW],
        source=LECTURE,
        about="... but attained for N = 1 alone (row Y.10).",
        expect="refuted",
    ),
    Claim(
        "worst-case-printed-over-exact",
        Eq(2 * M * Delta / (N * least(1 / M)), (3 * N - 1) / (2 * N)),
        given=[FEW],
        source=LECTURE,
        about="The printed bound exceeds the worst case by (3N - 1)/(2N): 1, 5/4, 4/3, 11/8, ... (row Y.10),",
        derivation=exactly,
    ),
    Claim(
        "worst-case-printed-over-exact-limit",
        Eq(Limit((3 * N - 1) / (2 * N), N, oo), Rational(3, 2)),
        source=LECTURE,
        about="... a factor that tends to 3/2 (row Y.10).",
    ),
    Claim(
        "worst-case-nesterov-bound",
        Le(least(alpha), Delta / ((N - 1) * GAIN + 1 / (2 * M))),
        given=[Lt(M * alpha, 2), FEW],
        source=NESTEROV,
        about="Nesterov's bound, which counts the last gradient too, for all steps below 2/M (row Y.11).",
        derivation=lambda lhs: lhs.by(least_gradient_by_descent_lemma),
    ),
    Claim(
        "worst-case-printed-every-step",
        Le(least(alpha), Delta / (N * GAIN)),
        given=[Lt(M * alpha, 2), FEW],
        source=LECTURE,
        about="The printed bound Delta/(c N), c = alpha (1 - M alpha/2), for all steps below 2/M (row Y.10).",
        derivation=lambda lhs: lhs.by(least_gradient_by_descent_lemma, GAIN, GAIN),
    ),
    Claim(
        "worst-case-stopping-time",
        Le(least(1 / M), epsilon**2),
        given=[Ge((3 * N - 1) * epsilon**2, 4 * M * Delta), FEW],
        source=Source("yarotsky-lecture", "stopping rule |grad L| < epsilon"),
        about="At the step 1/M one gradient of N is at most eps once 3N - 1 >= 4 M Delta/eps^2: a third less than printed (row Y.12).",
        derivation=lambda lhs: lhs.by(least_gradient_at_most),
    ),
]

OPTIMAL = 2 / (sqrt(3) * M)
BEST_GAIN = 4 / (3 * sqrt(3) * M)

STEPS = [
    Claim(
        "worst-case-optimal-step-gain",
        Le(Min(4 * u - u**2, 4 * u - u**3), 16 / (3 * sqrt(3))),
        given=[Gt(u, 0), Le(u, sqrt(3))],
        source=STEP,
        about="The gain of a step of u/M is at most 16/(3 sqrt(3) M) (row Y.13)...",
    ),
    Claim(
        "worst-case-optimal-step-attains",
        Eq(16 / (3 * sqrt(3)) - 4 * u + u**3, (u - 2 / sqrt(3)) ** 2 * (u + 4 / sqrt(3))),
        source=STEP,
        about="... attained at u = 2/sqrt(3) = 1.1547 and nowhere else (row Y.13).",
    ),
    Claim(
        "worst-case-optimal-step",
        Eq(least(OPTIMAL), Delta / ((N - 1) * BEST_GAIN + 1 / (2 * M))),
        given=[FEW],
        source=STEP,
        about="The worst case at the step 2/(sqrt(3) M) (row Y.13)...",
        derivation=exactly,
    ),
    Claim(
        "worst-case-no-step-is-better",
        Ge(least(alpha), Delta / ((N - 1) * BEST_GAIN + 1 / (2 * M))),
        given=[Lt(M * alpha, 2), FEW],
        source=STEP,
        about="... is the best: no constant step below 2/M has a better one (row Y.13).",
        derivation=lambda lhs: lhs.by(least_gradient_at_least, "zigzag", BEST_GAIN, 1 / (2 * M)),
    ),
]

BEYOND = [
    Claim(
        "worst-case-formula-beyond-root-three",
        Le(least(Rational(9, 5) / M), exact_bound(Rational(9, 5) / M)),
        given=[FEW],
        source=EXACT,
        about="At the step 1.8/M, above sqrt(3)/M, the formula is no bound (row Y.10).",
        expect="refuted",
    ),
    Claim(
        "worst-case-parabola-beyond-root-three",
        Gt(least(alpha, 2), 4 * Delta / (4 * alpha - M**2 * alpha**3 + 2 / M)),
        given=[Gt(M * alpha, sqrt(3)), Lt(M * alpha, 2)],
        source=EXACT,
        about="Between sqrt(3)/M and 2/M a parabola is worse than the formula for two gradients already (row Y.10)...",
        derivation=lambda lhs: lhs.by(parabola_at_least),
    ),
    Claim(
        "worst-case-two-gradients-on-long-steps",
        Eq(least(alpha, 2), 2 * M * Delta * (M * alpha - 1) ** 2),
        given=[Ge(M * alpha, sqrt(3)), Le(M * alpha, 2)],
        source=Source("abbaszadehpeivasti-2022", "theorem 2, at the end sqrt(3)/M of its range"),
        about="... and no function is worse than the parabola: the worst case of two gradients is known for every step (row Y.10).",
        derivation=exactly,
    ),
    Claim(
        "worst-case-no-progress-from-two-over-m",
        Eq(least(alpha), 2 * M * Delta),
        given=[Ge(M * alpha, 2), FEW],
        source=LECTURE,
        about="From the step 2/M on nothing is gained by any number of steps: alpha < 2/M is sharp (row Y.10).",
        derivation=exactly,
    ),
]


def slow_run(n, constant, step, slope):
    """A run from x = 0 on the worst function of n gradients: the least squared gradient, and the function at the start."""
    loss = slowest(n, x, constant=constant, step=step, slope=slope)
    return descent(loss, {x: 0}, step).least[n, diff(loss, x) ** 2], loss.subs(x, 0)


def attained(name, n, constant, step, slope, about, **more):
    """On its worst function descent attains the worst case of n gradients, with Delta = L(0) - 0."""
    run, excess = slow_run(n, constant, step, slope)
    bound = 4 * excess / ((n - 1) * (4 * step - constant * step**2) + 2 / constant)
    return Claim(name, Eq(run, bound), source=EXACT, about=about, derivation=lambda lhs: lhs.by(exact_run), **more)


ATTAINED = [
    attained(
        "worst-case-attained",
        2,
        M,
        alpha,
        g,
        "A function with curvature in [-M, M] and least value 0 on which two gradients are as long as the worst case (row Y.10).",
        given=[Le(M * alpha, 1)],
    ),
    *(
        attained(
            f"worst-case-attained-by-{n}",
            n,
            Rational(1),
            Rational(1),
            Rational(1),
            f"Such a function for {n} gradients, M = alpha = 1: they all equal 1, and L(0) = (3 * {n} - 1)/4 (row Y.10).",
        )
        for n in range(1, 9)
    ),
]


def zigzag_attained(n, h, name):
    """The same for a step h > 1 on the function of two variables, with M = 1."""
    loss, start = slowest_zigzag(n, x, y, step=h), {x: 0, y: h**2 / 4}
    return Claim(
        name,
        Eq(
            descent(loss, start, h).least[n, grad_norm_squared(loss, [x, y])],
            4 * expand(loss.subs(start)) / ((n - 1) * (4 * h - h**3) + 2),
        ),
        source=EXACT,
        about=f"A function of two variables on which {n} gradients zigzag with the worst length, at the step {h}/M (rows Y.10, Y.13).",
        derivation=lambda lhs: lhs.by(exact_run),
    )


ATTAINED_IN_THE_PLANE = [
    zigzag_attained(2, Rational(6, 5), "worst-case-zigzag-attained-by-2"),
    zigzag_attained(4, Rational(6, 5), "worst-case-zigzag-attained-by-4"),
    zigzag_attained(2, 2 / sqrt(3), "worst-case-zigzag-attained-at-the-best-step"),
]


def reached(n):
    """The worst case of n gradients from below by one function that is proved to be in the class: nothing is granted."""
    slope = sqrt(4 * M * Delta / (3 * n - 1))
    loss = slowest(n, x, constant=M, step=1 / M, slope=slope)
    return Claim(
        f"worst-case-reached-with-{n}-gradients",
        Ge(least(1 / M, n), 4 * M * Delta / (3 * n - 1)),
        source=EXACT,
        about=f"The worst case of {n} gradients is no less: by a loss whose curvature, least value and run are proved (row Y.10).",
        derivation=lambda lhs: lhs.by(worst_case_on, loss, {x: 0}, PiecewiseQuadratic()).by(exact_run),
    )


REACHED = [reached(n) for n in (2, 3, 5)]

l1, l2, l3 = symbols("lambda_1 lambda_2 lambda_3", positive=True)
w1, w2, w3, u1, u2, u3 = symbols("w_1 w_2 w_3 u_1 u_2 u_3", real=True)
quadratic = (l1 * w1**2 + l2 * w2**2 + l3 * w3**2) / 2

QUADRATIC = [
    Claim(
        "worst-case-out-of-reach-of-quadratics",
        Lt(
            descent(quadratic, {w1: u1, w2: u2, w3: u3}, 1 / M).least[N, grad_norm_squared(quadratic, [w1, w2, w3])],
            4 * M * quadratic.subs({w1: u1, w2: u2, w3: u3}) / (3 * N - 1),
        ),
        given=[Le(l1, M), Le(l2, M), Le(l3, M), Ne(u1, 0), Ge(N, 2), Le(N, 60)],
        source=EXACT,
        about="No quadratic function with curvatures in (0, M] attains the worst case of two gradients or more (row Y.10).",
    ),
]
