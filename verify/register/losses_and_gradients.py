"""The two losses, where they are convex and bounded below, and the gradient of a mean loss as the mean of gradients."""

from sympy import Derivative, Eq, Ge, Gt, Le, Limit, Lt, Rational, exp, log, symbols, tanh
from sympy.stats import Expectation, Normal

from lemmata.theory.activations import relu, step
from lemmata.theory.gradients import gradient
from lemmata.theory.rules.convex_minimum import convex_minimum
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

LOSSES = Source("yarotsky-lecture", "loss functions")
MEAN = Source("yarotsky-lecture", "gradient of the loss functional")

y, p, q, s, w, h = symbols("y p q s w h", real=True)
x1, x2, y1, y2 = symbols("x_1 x_2 y_1 y_2", real=True)
label = [Ge(y, 0), Le(y, 1)]
inside = [Gt(p, 0), Lt(p, 1)]


def cross_entropy(label, output):
    """-y log y~ - (1 - y) log(1 - y~)."""
    return -label * log(output) - (1 - label) * log(1 - output)


logit = log(1 + exp(s)) - y * s

CONVEX = [
    Claim(
        "square-loss-curvature",
        Eq(Derivative((y - p) ** 2 / 2, (p, 2)), 1),
        source=LOSSES,
        about="The square loss has the second derivative 1 in the output: it is convex (row Y.2).",
    ),
    Claim(
        "cross-entropy-curvature",
        Eq(Derivative(cross_entropy(y, p), (p, 2)), y / p**2 + (1 - y) / (1 - p) ** 2),
        given=[*label, *inside],
        source=LOSSES,
        about="The cross-entropy has the second derivative y/y~^2 + (1 - y)/(1 - y~)^2 in the output (row Y.2)...",
    ),
    Claim(
        "cross-entropy-is-convex",
        Gt(Derivative(cross_entropy(y, p), (p, 2)), 0),
        given=[*label, *inside],
        source=LOSSES,
        about="... which is positive for outputs in (0, 1): it is convex there (row Y.2).",
    ),
    Claim(
        "cross-entropy-is-least-at-the-label",
        Ge(cross_entropy(y, p), cross_entropy(y, y)),
        given=[Gt(y, 0), Lt(y, 1), *inside],
        source=LOSSES,
        about="It is least where the output is the label (row Y.2).",
        derivation=lambda lhs: lhs.by(convex_minimum, p, y),
    ),
    Claim(
        "cross-entropy-is-positive",
        Gt(cross_entropy(1, p), 0),
        given=inside,
        source=LOSSES,
        about="For the label 1 it is -log y~, which is positive for outputs in (0, 1) (row Y.2).",
    ),
    Claim(
        "cross-entropy-is-positive-printed",
        Gt(cross_entropy(1, p), 0),
        given=[Gt(p, 0)],
        source=LOSSES,
        about="As printed, without a bound on the output, it is not: beyond 1 it is negative, and no loss (row Y.2).",
        expect="refuted",
    ),
    Claim(
        "cross-entropy-of-a-logit-gradient",
        Eq(Derivative(logit, s), 1 / (1 + exp(-s)) - y),
        source=LOSSES,
        about="With the output 1/(1 + e^(-s)) it is log(1 + e^s) - y s, whose derivative is output less label (row Y.2)...",
    ),
    Claim(
        "cross-entropy-of-a-logit-curvature",
        Le(Derivative(logit, (s, 2)), Rational(1, 4)),
        source=LOSSES,
        about="... and whose second derivative is at most 1/4 for every s: the bound on outputs is kept by itself (row Y.2).",
    ),
]

# The gradient of the mean is the mean of the gradient: over two data points, and over a population.

sample = ((tanh(w * x1) - y1) ** 2 + (tanh(w * x2) - y2) ** 2) / 4
X = Normal("X", 0, 1)
smooth = (tanh(w * X) - q) ** 2 / 2
kinked = (relu(w * X) - q) ** 2 / 2
opposite = (relu(w) + relu(-w)) / 2
atoms = (relu(w * x1) + relu(w * x2)) / 2

MEANS = [
    Claim(
        "gradient-of-a-sample-mean",
        Eq(
            gradient(sample, w),
            sum((tanh(w * x) - label) * (1 - tanh(w * x) ** 2) * x for x, label in ((x1, y1), (x2, y2))) / 2,
        ),
        source=MEAN,
        about="Over data: the derivative of the loss by the output times that of the output by the weight, averaged (row Y.6).",
    ),
    Claim(
        "gradient-of-a-population-mean",
        Eq(Derivative(Expectation(smooth), w), Expectation((tanh(w * X) - q) * (1 - tanh(w * X) ** 2) * X)),
        source=MEAN,
        about="Over a population: differentiation under the integral, for a smooth activation (row Y.6)...",
    ),
    Claim(
        "gradient-of-a-population-mean-relu",
        Eq(Derivative(Expectation(kinked), w), Expectation((relu(w * X) - q) * step(w * X) * X)),
        given=[Gt(w, 0)],
        source=MEAN,
        about="... and for relu, where the kink has probability 0 at every weight but 0 (row Y.6).",
    ),
    Claim(
        "gradient-of-a-sample-mean-relu",
        Eq(gradient(atoms, w), (step(w * x1) * x1 + step(w * x2) * x2) / 2),
        given=[Gt(x1, 0), Gt(x2, 0), Gt(w, 0)],
        source=MEAN,
        about="Over data with relu it holds away from the kinks (row Y.6).",
    ),
    Claim(
        "slope-at-a-kink",
        Eq(Limit(opposite.xreplace({w: h}) / h, h, 0, "+"), Rational(1, 2)),
        source=MEAN,
        about="At w = 0 the mean over the points 1 and -1 is |w|/2: to the right its slope is 1/2 (row Y.6)...",
    ),
    Claim(
        "slope-at-a-kink-printed",
        Eq(Limit(opposite.xreplace({w: h}) / h, h, 0, "+"), (step(w) - step(-w)).xreplace({w: Rational(0)}) / 2),
        source=MEAN,
        about="... and the mean of the slopes is 0 whatever the slope of relu at 0 is taken to be: the formula "
        "needs almost every w (row Y.6).",
        expect="refuted",
    ),
]
