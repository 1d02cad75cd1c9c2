"""The heavy ball: its recursion, for which steps it is stable, its best parameters, and what its velocity remembers."""

from sympy import Eq, Ge, Gt, Le, Limit, Lt, Max, Rational, Symbol, oo, symbols

from lemmata.theory.losses import saturating
from lemmata.theory.rules.geometric_limit import geometric_limit
from lemmata.theory.rules.heavy_ball import constant_gradient, double_root, heavy_ball_step
from lemmata.theory.rules.jury import Margin, jury, no_smaller_radius
from lemmata.theory.rules.rearrange import rearrange
from lemmata.theory.source import Source
from lemmata.theory.spectral_radii import companion, spectral_radius
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

POLYAK = Source("polyak-1964", "the heavy ball method, eq. (9)")
RATES = Source("polyak-1964", "the heavy ball method, convergence on quadratics")
SLIDE = Source("yarotsky-lecture", "gradient descent with momentum")
STEP = Source("yarotsky-lecture", "exercise: the optimal step size")
EXERCISE = Source("yarotsky-lecture", "exercise: interpret alpha and beta")

alpha, lam, beta = symbols("alpha lambda beta", positive=True)
u, v, w = symbols("u v w", real=True)
n = Symbol("n", integer=True, nonnegative=True)

parabola = lam * w**2 / 2
polyak = descent(parabola, {w: u}, alpha, momentum=beta, method="heavy_ball")
printed = descent(parabola, {w: u}, alpha, momentum=beta, method="heavy_ball_printed")
at_two_steps = [Le(n, 60), Lt(beta, 1), Lt(alpha * lam, 2 * (1 + beta))]

polyak_next = (1 + beta - alpha * lam) * polyak[n + 1, w] - beta * polyak[n, w]
printed_next = (1 + beta) * printed[n + 1, w] - (beta + alpha * lam) * printed[n, w]

RECURSIONS = [
    Claim(
        "heavy-ball-recurrence",
        Eq(polyak[n + 2, w], polyak_next),
        given=at_two_steps,
        source=POLYAK,
        about="Polyak's heavy ball on a curvature lambda: z^2 - (1 + beta - alpha lambda) z + beta (row Y.4).",
        derivation=lambda lhs: lhs.by(heavy_ball_step).by(rearrange, polyak_next),
    ),
    Claim(
        "heavy-ball-printed-recurrence",
        Eq(printed[n + 2, w], printed_next),
        given=at_two_steps,
        source=SLIDE,
        about="With the indices as printed the gradient enters one step late: z^2 - (1 + beta) z + beta + alpha lambda (row Y.4).",
        derivation=lambda lhs: lhs.by(heavy_ball_step).by(rearrange, printed_next),
    ),
    Claim(
        "heavy-ball-as-printed-is-polyak",
        Eq(printed[n + 2, w], (1 + beta - alpha * lam) * printed[n + 1, w] - beta * printed[n, w]),
        given=at_two_steps,
        source=SLIDE,
        about="As printed, W^(n+1) = W^(n) - V^(n) with the old velocity: this is not the heavy ball (row Y.4).",
        expect="refuted",
    ),
]

# For which steps the two are stable: the spectral radius of one step, by Jury's test.

heavy_ball = spectral_radius(companion(1 + beta - alpha * lam, -beta))
late_ball = spectral_radius(companion(1 + beta, -beta - alpha * lam))
decaying = [Lt(beta, 1)]


def by_jury(name, statement, about, given=(), source=RATES, expect=None):
    """A statement that compares one spectral radius with 1."""
    derivation = None if expect else lambda lhs: lhs.by(jury)
    return Claim(name, statement, given=[*decaying, *given], source=source, about=about, derivation=derivation, expect=expect)


STABILITY = [
    by_jury(
        "heavy-ball-stable",
        Lt(heavy_ball, 1),
        "The heavy ball converges on a curvature lambda from every start if alpha lambda < 2 (1 + beta) (row Y.4)...",
        [Lt(alpha * lam, 2 * (1 + beta))],
    ),
    by_jury(
        "heavy-ball-on-the-border",
        Eq(heavy_ball.xreplace({lam: 2 * (1 + beta) / alpha}), 1),
        "... does not at alpha lambda = 2 (1 + beta), where an eigenvalue is -1 (row Y.4)...",
    ),
    by_jury(
        "heavy-ball-unstable",
        Gt(heavy_ball, 1),
        "... and diverges beyond (row Y.4).",
        [Gt(alpha * lam, 2 * (1 + beta))],
    ),
    by_jury(
        "heavy-ball-printed-stable",
        Lt(late_ball, 1),
        "With the gradient one step late it converges if alpha lambda < 1 - beta (row Y.4)...",
        [Lt(alpha * lam, 1 - beta)],
        SLIDE,
    ),
    by_jury(
        "heavy-ball-printed-on-the-border",
        Eq(late_ball.xreplace({lam: (1 - beta) / alpha}), 1),
        "... does not at alpha lambda = 1 - beta, where two conjugate eigenvalues reach the unit circle (row Y.4)...",
        source=SLIDE,
    ),
    by_jury(
        "heavy-ball-printed-unstable",
        Gt(late_ball, 1),
        "... and diverges beyond: the more momentum, the smaller its range (row Y.4).",
        [Gt(alpha * lam, 1 - beta)],
        SLIDE,
    ),
    by_jury(
        "heavy-ball-printed-stable-as-polyak",
        Lt(late_ball, 1),
        "With the indices as printed the range is not that of the heavy ball (row Y.4).",
        [Lt(alpha * lam, 2 * (1 + beta))],
        SLIDE,
        "refuted",
    ),
]

# The same by runs.

moving = Gt(u, 0)

RUNS = [
    Claim(
        "heavy-ball-settles",
        Le(polyak[200, w**2], u**2),
        given=[Eq(beta, Rational(9, 10)), Ge(alpha * lam, Rational(1, 2)), Le(alpha * lam, 2), moving],
        source=RATES,
        about="With momentum 9/10 the heavy ball has settled after 200 steps wherever 1/2 <= alpha lambda <= 2 (row Y.4).",
    ),
    Claim(
        "heavy-ball-printed-settles",
        Le(printed[200, w**2], u**2),
        given=[Eq(beta, Rational(9, 10)), Ge(alpha * lam, Rational(1, 2)), Le(alpha * lam, 2), moving],
        source=SLIDE,
        about="As printed it diverges there: it is stable only for alpha lambda < 1 - beta (row Y.4).",
        expect="refuted",
    ),
    Claim(
        "heavy-ball-printed-settles-for-small-steps",
        Le(printed[40, w**2], u**2),
        given=[Eq(beta, Rational(1, 2)), Ge(alpha * lam, Rational(1, 50)), Le(alpha * lam, Rational(2, 5)), moving],
        source=SLIDE,
        about="Within its own range, here alpha lambda <= 2/5 < 1 - beta, the printed recursion settles too (row Y.4).",
    ),
    Claim(
        "heavy-ball-diverges-beyond",
        Gt(polyak[20, w**2], u**2),
        given=[Eq(beta, Rational(9, 10)), Ge(alpha * lam, 4), Le(alpha * lam, 40), moving],
        source=RATES,
        about="Beyond alpha lambda = 2 (1 + beta) = 3.8 the heavy ball runs away (row Y.4).",
    ),
]

# The best parameters on a spectrum [a^2, b^2].

a, b = symbols("a b", positive=True)
best_alpha, best_root = 4 / (a + b) ** 2, (b - a) / (b + a)
best_plain = (b**2 - a**2) / (b**2 + a**2)
tuned = spectral_radius(companion(1 + best_root**2 - best_alpha * lam, -(best_root**2)))
tuned_plain = spectral_radius([[1 - 2 * lam / (a**2 + b**2)]])
slow, fast = (spectral_radius(companion(1 + v - alpha * curvature, -v)) for curvature in (a**2, b**2))
plain_slow, plain_fast = (spectral_radius([[1 - alpha * curvature]]) for curvature in (a**2, b**2))


def best_run(curvature):
    """The heavy ball with the best parameters on one curvature."""
    return descent(curvature * w**2 / 2, {w: u}, best_alpha, momentum=best_root**2, method="heavy_ball")


spectrum = [Lt(a, b), Ge(lam, a**2), Le(lam, b**2)]

BEST = [
    Claim(
        "heavy-ball-best-rate",
        Eq(tuned, best_root),
        given=spectrum,
        source=RATES,
        about="At alpha = 4/(a + b)^2 and beta = ((b - a)/(b + a))^2 all curvatures in [a^2, b^2] decay like (sqrt beta)^n (row Y.5).",
        derivation=lambda lhs: lhs.by(jury, best_root),
    ),
    Claim(
        "heavy-ball-no-better-rate",
        Ge(Max(slow, fast), best_root),
        given=[Lt(a, b)],
        source=RATES,
        about="No step and no momentum, of any sign, do better on the curvatures a^2 and b^2 (row Y.5).",
        derivation=lambda lhs: lhs.by(
            no_smaller_radius,
            best_root,
            [
                (slow, Margin.AT_PLUS, b**2),
                (fast, Margin.AT_MINUS, a**2),
                (slow, Margin.PRODUCT_BELOW, b**2 * (1 - best_root) + a**2 * (1 + best_root)),
            ],
        ),
    ),
    Claim(
        "heavy-ball-best-run-on-the-flattest",
        Eq(best_run(a**2)[n, w], u * (1 + n * (1 - best_root)) * best_root**n),
        given=[Lt(a, b), Le(n, 60)],
        source=RATES,
        about="Both ends of the spectrum have a double root there, and a run has a factor n besides: at the curvature a^2 (row Y.5)...",
        derivation=lambda lhs: lhs.by(double_root),
    ),
    Claim(
        "heavy-ball-best-run-on-the-steepest",
        Eq(best_run(b**2)[n, w], u * (1 + n * (1 + best_root)) * ((a - b) / (a + b)) ** n),
        given=[Lt(a, b), Le(n, 60)],
        source=RATES,
        about="... and at b^2, where the iterates change sign (row Y.5).",
        derivation=lambda lhs: lhs.by(double_root),
    ),
    Claim(
        "heavy-ball-best-run-without-a-factor",
        Le(best_run(a**2)[n, w], u * best_root**n),
        given=[Lt(a, b), Ge(n, 1), Le(n, 60), Gt(u, 0)],
        source=RATES,
        about="Without that factor it is wrong: a double root is slower than its n-th power (row Y.5).",
        expect="refuted",
    ),
    Claim(
        "descent-best-rate",
        Le(tuned_plain, best_plain),
        given=spectrum,
        source=STEP,
        about="Gradient descent at alpha = 2/(a^2 + b^2) decays at least like ((b^2 - a^2)/(b^2 + a^2))^n on "
        "curvatures in [a^2, b^2] (row Y.13)...",
        derivation=lambda lhs: lhs.by(jury, best_plain),
    ),
    Claim(
        "descent-no-better-rate",
        Ge(Max(plain_slow, plain_fast), best_plain),
        given=[Lt(a, b)],
        source=STEP,
        about="... and no other step does better on the curvatures a^2 and b^2 (row Y.13).",
        derivation=lambda lhs: lhs.by(
            no_smaller_radius, best_plain, [(plain_slow, Margin.AT_PLUS, b**2), (plain_fast, Margin.AT_MINUS, a**2)]
        ),
    ),
    Claim(
        "heavy-ball-beats-descent",
        Lt(best_root, best_plain),
        given=[Lt(a, b)],
        source=RATES,
        about="The best rate with momentum is better than the best without: the square root of the condition "
        "number in place of itself (row Y.5).",
    ),
]

# What the velocity remembers, and the mechanics behind it.

g = Symbol("g", real=True)
drifting = descent(g * w, {w: u}, alpha, momentum=beta, method="heavy_ball")
rolling = descent(saturating(w), {w: u}, alpha, momentum=beta, method="heavy_ball")
slope = saturating(w).diff(w)
remembered = alpha * (rolling[2, slope] + beta * rolling[1, slope] + beta**2 * rolling[0, slope])


def unrolled(chain):
    """The iterates 3, 2 and 1 by those before them."""
    for k in (3, 2, 1):
        chain = chain.by(heavy_ball_step, rolling[k, w])
    return chain


mu, gamma, h = symbols("mu gamma h", positive=True)
body = descent(saturating(w), {w: u}, h**2 / mu, momentum=1 - gamma * h / mu, method="heavy_ball")

VELOCITY = [
    Claim(
        "heavy-ball-velocity-of-a-constant-gradient",
        Eq(drifting[n, w] - drifting[n + 1, w], alpha * g * (1 - beta ** (n + 1)) / (1 - beta)),
        given=[Lt(beta, 1), Le(n, 60)],
        source=EXERCISE,
        about="Under a constant gradient g the velocity is alpha g (1 + beta + ... + beta^n) (row Y.5)...",
        derivation=lambda lhs: lhs.by(constant_gradient),
    ),
    Claim(
        "heavy-ball-effective-step",
        Eq(Limit(drifting[n, w] - drifting[n + 1, w], n, oo), alpha * g / (1 - beta)),
        given=[Lt(beta, 1)],
        source=EXERCISE,
        about="... and tends to alpha g/(1 - beta): the effective step is alpha/(1 - beta) (row Y.5).",
        derivation=lambda lhs: lhs.by(constant_gradient).by(geometric_limit),
    ),
    Claim(
        "heavy-ball-remembers",
        Eq(rolling[2, w] - rolling[3, w], remembered),
        given=[Lt(beta, 1), Le(alpha, 1)],
        source=EXERCISE,
        about="The velocity is the sum of all gradients so far, those of j steps ago with the weight alpha beta^j (row Y.5).",
        derivation=lambda lhs: unrolled(lhs).by(rearrange, remembered),
    ),
    Claim(
        "heavy-ball-is-a-rolling-body",
        Eq(
            mu * (body[n + 2, w] - 2 * body[n + 1, w] + body[n, w]) / h**2,
            -gamma * (body[n + 1, w] - body[n, w]) / h - body[n + 1, slope],
        ),
        given=[Lt(gamma * h, mu), Le(h**2, mu), Le(n, 8)],
        source=EXERCISE,
        about="mu W'' + gamma W' + grad L = 0 in steps of h is the heavy ball with beta = 1 - gamma h/mu and alpha = h^2/mu (row Y.5).",
        derivation=lambda lhs: lhs.by(heavy_ball_step, body[n + 2, w]).by(
            rearrange, -gamma * (body[n + 1, w] - body[n, w]) / h - body[n + 1, slope]
        ),
    ),
]
