"""Where gradient descent ends: at points that are no minima, at infinity, and what linearisation says of it."""

from sympy import Abs, Eq, Ge, Gt, Lambda, Le, Limit, Lt, Rational, Symbol, cos, exp, log, oo, symbols

from lemmata.theory.rules.calculus import take_limit
from lemmata.theory.rules.descent_quadratic import linear_recurrence
from lemmata.theory.rules.descent_steps import first_step, staying_put
from lemmata.theory.rules.potential import Region, drift_at_least, drift_at_most, speed
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

NON_MINIMUM = Source("yarotsky-lecture", "exercise: gradient descent that converges to a point which is no minimum")
NO_LIMIT = Source("yarotsky-lecture", "convergence of gradient descent, note on the convergence of the iterates")
STABILITY = Source("yarotsky-lecture", "stability of critical points")

alpha, kappa, lam, eps = symbols("alpha kappa lambda epsilon", positive=True)
u, v, w, x, y, z, h = symbols("u v w x y z h", real=True)
start = Symbol("x_0", positive=True)
n = Symbol("n", integer=True, nonnegative=True)
N = Symbol("N", integer=True, positive=True)

# A saddle that is reached from a line only.

double_well = x**2 - y**2 + y**4

SADDLE = [
    Claim(
        "descent-to-a-saddle",
        Eq(descent(double_well, {x: 1, y: 0}, alpha)[n, x**2 + y**2], (1 - 2 * alpha) ** (2 * n)),
        given=[Lt(alpha, 1), Le(n, 100)],
        source=NON_MINIMUM,
        about="On x^2 - y^2 + y^4 descent from (1, 0) converges to the saddle at 0 at the rate |1 - 2 alpha| (row Y.14).",
        derivation=lambda lhs: lhs.by(staying_put).by(linear_recurrence),
    ),
    Claim(
        "saddle-is-no-minimum",
        Lt(double_well.xreplace({x: 0}), 0),
        given=[Gt(y**2, 0), Lt(y**2, 1)],
        source=NON_MINIMUM,
        about="... which is no minimum: on the line x = 0 the loss is negative as near to it as one likes (row Y.14).",
    ),
    Claim(
        "descent-leaves-the-saddle",
        Gt(descent(double_well, {x: 1, y: start}, alpha)[N, y], start),
        given=[Le(alpha, Rational(1, 4)), Lt(2 * start**2, 1), Le(N, 50)],
        source=NON_MINIMUM,
        about="From any start off that line, however near, descent moves away from it: the example is not stable (row Y.14).",
    ),
    Claim(
        "descent-is-held-by-the-saddle",
        Le(descent(double_well, {x: 1, y: start}, alpha)[N, y], start),
        given=[Le(alpha, Rational(1, 4)), Lt(2 * start**2, 1), Le(N, 50)],
        source=NON_MINIMUM,
        about="That a small perturbation still ends at the saddle is wrong (row Y.14).",
        expect="refuted",
    ),
]

# An inflection that attracts an open set.

quartic = 3 * w**4 + 4 * w**3
short = 1 / (12 * start * (1 + start) * (1 + kappa))
"""Every step with 12 alpha x_0 (1 + x_0) < 1, by kappa > 0: those that do not jump over the inflection."""
creeping = descent(quartic, {w: start}, short)
up_to_start = Region(to=Lambda(z, start / (1 + z)), back=Lambda(z, start / z - 1))
"""(0, x_0]."""

INFLECTION = [
    Claim(
        "descent-to-an-inflection-upper",
        Ge(creeping[n, 1 / w], 1 / start + 12 * short * n),
        given=[Le(n, 100)],
        source=NON_MINIMUM,
        about="On 3x^4 + 4x^3 small positive starts creep to the inflection at 0: 1/x_n >= 1/x_0 + 12 alpha n... (row Y.14).",
        derivation=lambda lhs: lhs.by(drift_at_least, up_to_start, 12 * short),
    ),
    Claim(
        "descent-to-an-inflection-lower",
        Le(creeping[n, 1 / w], 1 / start + 12 * short * n * (1 + 1 / kappa) * (1 + start)),
        given=[Le(n, 100)],
        source=NON_MINIMUM,
        about="... and never pass it, although the minimum is at -1: 1/x_n grows no faster than in proportion to n (row Y.14).",
        derivation=lambda lhs: lhs.by(drift_at_most, up_to_start, 12 * short * (1 + 1 / kappa) * (1 + start)),
    ),
    Claim(
        "descent-to-an-inflection-speed",
        Eq(Limit(creeping[n, 1 / w] / n, n, oo), 12 * short),
        source=NON_MINIMUM,
        about="The predicted speed, x_n ~ 1/(12 alpha n), whatever the start (row Y.14).",
        derivation=lambda lhs: lhs.by(speed, up_to_start, 12 * short),
    ),
    Claim(
        "descent-to-an-inflection-linear",
        Le(creeping[n, w], start * Rational(9, 10) ** n),
        given=[Le(n, 100)],
        source=NON_MINIMUM,
        about="That it converges at a linear rate, as it would to a minimum with positive curvature, is wrong (row Y.14).",
        expect="refuted",
    ),
    Claim(
        "inflection-is-no-minimum",
        Lt(quartic, 0),
        given=[Gt(w, -1), Lt(w, 0)],
        source=NON_MINIMUM,
        about="Left of the inflection the loss is lower, as near to it as one likes (row Y.14).",
    ),
]

# A loss without a minimum.

softplus = log(1 + exp(-x))
running = descent(softplus, {x: start}, alpha)
from_start = Region(to=Lambda(z, log(exp(start) + z)), back=Lambda(z, exp(z) - exp(start)))
"""[x_0, oo), in the coordinate e^x - e^(x_0)."""

RUNAWAY = [
    Claim(
        "logistic-iterates-at-least",
        Ge(running[n, exp(x)], exp(start) + n * alpha / 2),
        given=[Le(alpha, 8), Le(start, 5), Le(n, 100)],
        source=NO_LIMIT,
        about="On log(1 + e^-x) e^(x_n) grows by at least alpha/2 a step: the iterates are unbounded (row Y.15).",
        derivation=lambda lhs: lhs.by(drift_at_least, from_start, alpha / 2),
    ),
    Claim(
        "logistic-iterates-at-most",
        Le(running[n, exp(x)], exp(start) + n * alpha * exp(alpha / 2)),
        given=[Le(alpha, 8), Le(start, 5), Le(n, 100)],
        source=NO_LIMIT,
        about="... and by at most alpha e^(alpha/2): x_n = log n + O(1) (row Y.15).",
    ),
    Claim(
        "logistic-iterates-speed",
        Eq(Limit(running[n, exp(x)] / n, n, oo), alpha),
        given=[Le(alpha, 8), Le(start, 5)],
        source=NO_LIMIT,
        about="e^(x_n)/n tends to alpha: x_n = log(alpha n) + o(1) (row Y.15).",
    ),
    Claim(
        "logistic-no-minimiser",
        Lt(log(1 + exp(-x - start)), log(1 + exp(-x))),
        source=NO_LIMIT,
        about="Whatever lies to the right of a point has a lower loss: no point is a minimum (row Y.15)...",
    ),
    Claim(
        "logistic-infimum",
        Eq(Limit(softplus, x, oo), 0),
        source=NO_LIMIT,
        about="... and the infimum 0 is attained nowhere (row Y.15).",
    ),
    Claim(
        "logistic-gradient-vanishes",
        Le(running[n, exp(-x) / (1 + exp(-x))], 1 / (1 + exp(start) + n * alpha / 2)),
        given=[Le(alpha, 8), Le(start, 5), Le(n, 100)],
        source=NO_LIMIT,
        about="The gradient tends to 0 all the same, at the rate 1/n (row Y.15).",
    ),
]

# Linearisation at a critical point.

valley = (y - x**2) ** 2 + eps * x**2
LINEARISED = Source("yarotsky-lecture", "linearisation at a critical point")
waves = lam * (1 - cos(w))
beyond_start = Region(to=Lambda(z, start + z), back=Lambda(z, z - start))
below_start = Region(to=Lambda(z, -start - z), back=Lambda(z, -start - z))
below_inverse, below_inverse_square = 1 / (start * (1 + kappa)), 1 / (start**2 * (1 + kappa))
"""Every step with alpha x_0 < 1, and every one with alpha x_0^2 < 1, by kappa > 0."""

LINEARISATION = [
    Claim(
        "linearised-gradient-first",
        Eq(Limit(valley.diff(x).subs({x: h * u, y: h * v}, simultaneous=True) / h, h, 0), 2 * eps * u),
        source=LINEARISED,
        about="At the critical point 0 of (y - x^2)^2 + epsilon x^2 the gradient is the Hessian times the distance: first component "
        "(row Y.19)...",
    ),
    Claim(
        "linearised-gradient-second",
        Eq(Limit(valley.diff(y).subs({x: h * u, y: h * v}, simultaneous=True) / h, h, 0), 2 * v),
        source=LINEARISED,
        about="... and second component (row Y.19).",
    ),
    *(
        Claim(
            f"linearised-step-{which}",
            Eq(Limit(descent(valley, {x: h * u, y: h * v}, alpha)[1, coordinate] / h, h, 0), (1 - alpha * curvature) * distance),
            given=[Le(alpha, 2), Le(eps, 2), Le(u**2, 4), Le(v**2, 4)],
            source=STABILITY,
            about=f"So near a critical point a step of descent multiplies each eigendirection by 1 - alpha lambda: {which} (row Y.20).",
            derivation=lambda lhs: lhs.by(first_step).by(take_limit),
            uses=[f"linearised-gradient-{which}"],
        )
        for which, coordinate, curvature, distance in (("first", x, 2 * eps, u), ("second", y, 2, v))
    ),
    Claim(
        "positive-eigenvalue-converges-printed",
        Le(descent(lam * w**2 / 2, {w: u}, alpha)[N, Abs(w)], Abs(u)),
        given=[Le(N, 50)],
        source=STABILITY,
        about="As printed: descent approaches a critical point whose curvature is positive. Not for alpha lambda > 2 (row Y.20).",
        expect="refuted",
    ),
    Claim(
        "positive-eigenvalue-converges",
        Lt(descent(lam * w**2 / 2, {w: u}, alpha)[N, w**2], u**2),
        given=[Lt(Abs(1 - alpha * lam), 1), Gt(u, 0), Le(N, 50)],
        source=STABILITY,
        about="Corrected: it does when |1 - alpha lambda| < 1 (row Y.20).",
    ),
    Claim(
        "positive-eigenvalue-off-a-parabola",
        Lt(descent(waves, {w: u}, alpha)[N, w**2], u**2),
        given=[Lt(alpha * lam, 2), Gt(u, 0), Lt(u, 3), Le(N, 50)],
        source=STABILITY,
        about="The same on lambda (1 - cos w), which is no parabola (row Y.20).",
    ),
    Claim(
        "positive-eigenvalue-off-a-parabola-printed",
        Lt(descent(waves, {w: u}, alpha)[N, w**2], u**2),
        given=[Gt(u, 0), Lt(u, 3), Le(N, 50)],
        source=STABILITY,
        about="Without the bound on the step it fails there too (row Y.20).",
        expect="refuted",
    ),
    Claim(
        "negative-eigenvalue-diverges",
        Ge(descent(-lam * w**2 / 2, {w: start}, alpha)[n, w], start + n * alpha * lam * start),
        given=[Le(n, 40)],
        source=STABILITY,
        about="A negative eigenvalue repels for every step (row Y.20).",
        derivation=lambda lhs: lhs.by(drift_at_least, beyond_start, alpha * lam * start),
    ),
    Claim(
        "zero-eigenvalue-attracts",
        Ge(descent(w**4 / 4, {w: start}, below_inverse_square)[n, 1 / w**2], 1 / start**2 + 2 * below_inverse_square * n),
        given=[Le(n, 100)],
        source=STABILITY,
        about="A zero eigenvalue decides nothing: w^4/4 attracts, at the speed (2 alpha n)^(-1/2)... (row Y.20)",
        derivation=lambda lhs: lhs.by(drift_at_least, up_to_start, 2 * below_inverse_square),
    ),
    Claim(
        "zero-eigenvalue-repels",
        Ge(descent(-(w**4) / 4, {w: start}, alpha)[n, w], start + n * alpha * start**3),
        given=[Le(n, 5)],
        source=STABILITY,
        about="... -w^4/4 repels... (row Y.20)",
        derivation=lambda lhs: lhs.by(drift_at_least, beyond_start, alpha * start**3),
    ),
    Claim(
        "zero-eigenvalue-repels-on-one-side",
        Ge(descent(w**3 / 3, {w: -start}, alpha)[n, -w], start + n * alpha * start**2),
        given=[Le(n, 5)],
        source=STABILITY,
        about="... and w^3/3 repels what starts below 0... (row Y.20)",
        derivation=lambda lhs: lhs.by(drift_at_least, below_start, alpha * start**2),
    ),
    Claim(
        "zero-eigenvalue-attracts-on-the-other",
        Ge(descent(w**3 / 3, {w: start}, below_inverse)[n, 1 / w], 1 / start + below_inverse * n),
        given=[Le(n, 100)],
        source=STABILITY,
        about="... and attracts what starts above it, at the speed 1/(alpha n) (row Y.20).",
        derivation=lambda lhs: lhs.by(drift_at_least, up_to_start, below_inverse),
    ),
]
