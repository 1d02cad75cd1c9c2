"""How an error goes backward through a network: the product of matrices T_k, and its mean square with and without independence.

Conventions: z_k = W_k F(z_(k-1)) with F applied entry by entry, delta_k the gradient of the loss at z_k, T_k = diag(F'(z_k)) W_(k+1)^T, so
that delta_k = T_k delta_(k+1), and the gradient at W_k is delta_k F(z_(k-1))^T. Widths are symbols. In the mean squares one row of
backward weights is drawn from N(0, v), v = sigma_w^2/n, and q is the variance of a preactivation.
"""

from collections.abc import Callable
from typing import Any

from sympy import (
    DiagMatrix,
    Eq,
    HadamardProduct,
    Lambda,
    Le,
    Lt,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    diff,
    erf,
    pi,
    sqrt,
    symbols,
)
from sympy import tanh as tanh_
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.stats import Expectation, Normal

from lemmata.theory.activations import relu
from lemmata.theory.gradients import gradient
from lemmata.theory.rules.independence import independence
from lemmata.theory.rules.layer_jacobians import layer_jacobians
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

PRODUCT = Source("yarotsky-lecture", "signal propagation, backpropagation as a product of matrices T_k")
SQUARES = Source("yarotsky-lecture", "signal propagation, the recursion of delta^2")
INDEPENDENCE = Source("schoenholz-2017", "section 4, back-propagation, weights of the backward pass taken independent of the forward pass")

t = Symbol("t", real=True)
n0, n1, n2 = symbols("n_0 n_1 n_2", integer=True, positive=True)
x, W1, W2 = MatrixSymbol("x", n0, 1), MatrixSymbol("W_1", n1, n0), MatrixSymbol("W_2", n2, n1)
v = MatrixSymbol("v", n2, 1)


def apply(function: Callable[[Any], Any], vector: Any) -> Any:
    """A function of every entry."""
    return ElementwiseApplyFunction(Lambda(t, function(t)), vector)


def slopes(function: Callable[[Any], Any], vector: Any) -> Any:
    """Its derivative at every entry."""
    return ElementwiseApplyFunction(Lambda(t, diff(function(t), t)), vector)


def network(function: Callable[[Any], Any]) -> tuple[Any, Any, Any, Any]:
    """The loss v^T F(W_2 F(W_1 x)), and z_1, delta_1, delta_2 of it by the recursion."""
    z1 = W1 * x
    z2 = W2 * apply(function, z1)
    delta2 = HadamardProduct(slopes(function, z2), v)
    delta1 = HadamardProduct(slopes(function, z1), W2.T * delta2)
    return Trace(v.T * apply(function, z2)), z1, delta1, delta2


def by_recursion(name: str, function: Callable[[Any], Any], layer: int, about: str) -> Claim:
    """The gradient at W_1 or W_2 is delta_k F(z_(k-1))^T."""
    loss, z1, delta1, delta2 = network(function)
    stated = delta1 * x.T if layer == 1 else delta2 * apply(function, z1).T
    return Claim(
        f"backward-recursion-{name}-layer-{layer}",
        Eq(gradient(loss, W1 if layer == 1 else W2), stated, evaluate=False),
        source=PRODUCT,
        about=about,
        derivation=lambda lhs: lhs.by(matrix_calculus),
    )


recursions = [
    by_recursion(
        name, function, layer, f"The gradient at W_{layer} by delta_k = T_k delta_(k+1), for {said}, networks of all widths (row Y.77)."
    )
    for name, function, said in (("tanh", tanh_, "tanh"), ("erf", erf, "erf"), ("relu", relu, "the ReLU off its kinks"))
    for layer in (1, 2)
]

loss, z1, delta1, delta2 = network(tanh_)
T1 = DiagMatrix(slopes(tanh_, z1)) * W2.T

product_of_matrices = Claim(
    "backward-product-of-matrices",
    Eq(delta1, T1 * DiagMatrix(slopes(tanh_, W2 * apply(tanh_, z1))) * v, evaluate=False),
    source=PRODUCT,
    about="delta_1 = T_1 delta_2 with T_1 = diag(F'(z_1)) W_2^T, where delta_2 = diag(F'(z_2)) v (row Y.77).",
    derivation=lambda lhs: lhs.by(layer_jacobians),
)

slope_for_value = Claim(
    "backward-recursion-slope-for-value",
    Eq(gradient(loss, W2), delta2 * slopes(tanh_, z1).T, evaluate=False),
    source=PRODUCT,
    about="The printed F'_k ~ 1 must be F_(k-1) ~ 1: the other factor of the gradient at W_k is a value, not a slope (row Y.77).",
    expect="refuted",
)

# The mean square of one entry: sigma'(z)^2 (w_1 d_1 + w_2 d_2)^2

sigma_w, q, h, m = symbols("sigma_w q h n", positive=True)
d1, d2 = symbols("d_1 d_2", real=True)
variance = sigma_w**2 / m
w1, w2 = (Normal(f"w_{i}", 0, sigma_w / sqrt(m)) for i in (1, 2))
s = Normal("s", 0, 1)
z = sqrt(q) * s
back = w1 * d1 + w2 * d2
moderate = [Le(sigma_w, 2), Le(q, 4), Le(m, 8)]


def square(function: Callable[[Any], Any], at: Any) -> Any:
    """sigma'(at)^2."""
    return diff(function(t), t).subs(t, at) ** 2


sum_of_squares = Claim(
    "delta-squares-sum",
    Eq(Expectation(back**2), variance * (d1**2 + d2**2)),
    given=moderate,
    source=INDEPENDENCE,
    about="E (sum_j w_j d_j)^2 = sum_j E w_j^2 d_j^2 for errors d_j that are independent of the weights (row Y.78).",
)

independent_copy = Claim(
    "delta-squares-independent-weights",
    Eq(Expectation(square(tanh_, z) * back**2), Expectation(square(tanh_, z)) * Expectation(back**2)),
    given=moderate,
    source=INDEPENDENCE,
    about="E delta_i^2 = E sigma'(z_i)^2 sum_j E w_j^2 d_j^2, exact if the backward weights are independent of z and d (row Y.78).",
    derivation=lambda lhs: lhs.by(independence),
    uses=[sum_of_squares, product_of_matrices],
)

index_slip = Claim(
    "delta-squares-index-slip",
    Eq(Expectation(back**2), 2 * variance * d1**2),
    given=moderate,
    source=SQUARES,
    about="The sum runs over the second index: with one delta_(k+1,k) for all of them, as printed, it is another number (row Y.78).",
    expect="refuted",
)

# With the true weights: delta_(k+1,j) holds sigma'(z_j)^2, and z_j = w h + r holds the weight w that it is multiplied with

w = Normal("w", 0, sigma_w / sqrt(m))
rest = sqrt(q - variance * h**2) * Normal("r", 0, 1)
tied = [Le(sigma_w, 2), Le(h, 1), Le(m, 8), Le(q, 8), Le(variance * h**2, q)]
factor = 4 / (pi * sqrt(1 + 4 * q))

v1 = Rational(1, 4)
narrow_w = Normal("w", 0, sqrt(v1))

true_weights = Claim(
    "delta-squares-true-weights-erf",
    Eq(Expectation(w**2 * square(erf, w * h + rest)), variance * factor * (1 - 4 * variance * h**2 / (1 + 4 * q))),
    given=tied,
    source=SQUARES,
    about="With its own weights E w^2 sigma'(z)^2 is below E w^2 E sigma'(z)^2: for erf by 4 sigma_w^2 h^2/((1 + 4 q) n) of it (row Y.78).",
)

as_if_independent = Claim(
    "delta-squares-as-if-independent",
    Eq(Expectation(narrow_w**2 * square(erf, narrow_w + s)), Expectation(narrow_w**2) * Expectation(square(erf, sqrt(1 + v1) * s))),
    source=SQUARES,
    about="Taken for an equality at finite width, the independence of weights and errors is false; here w^2 has mean 1/4 (row Y.78).",
    expect="refuted",
)

as_if_independent_tanh = Claim(
    "delta-squares-as-if-independent-tanh",
    Lt(Expectation(narrow_w**2 * square(tanh_, narrow_w + s)), Expectation(narrow_w**2) * Expectation(square(tanh_, sqrt(1 + v1) * s))),
    source=SQUARES,
    about="With the weights' own variance 1/4, tanh has a smaller mean square than independence says as well (row Y.78).",
)

sign_symmetric = Claim(
    "delta-squares-true-weights-relu",
    Eq(Expectation(w**2 * square(relu, w * h + rest)), variance / 2),
    given=tied,
    source=SQUARES,
    about="For the ReLU w^2 1[z > 0] has the mean E w^2/2 with the true weights, too, at every width, by symmetry (row Y.78).",
)
