"""Every activation through the same laws: its kernels in closed form against certified values, derivatives, ends and series."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from flint import arb
from sympy import Integer, Max, Rational, asin, erf, exp, log, pi, sqrt

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.instruments.certified_mean import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.integral import INSTRUMENT as INTEGRAL
from lemmata.numerics.measurement import Ball
from lemmata.numerics.streams import Stream
from lemmata.theory.activations import abs_, activations, erf_, gelu, relu, step, tanh
from lemmata.theory.exact import equal, is_zero
from lemmata.theory.kernels import (
    ActivationError,
    Kernels,
    Parametrisation,
    dual,
    eigenvalue,
    expand_kernel,
    hermite_coefficient,
    legendre,
    monomial_eigenvalue,
    multiplicity,
)
from lemmata.theory.kernels.admissible import X
from lemmata.theory.kernels.duals import Q1, Q2, C, Dual, Q
from lemmata.theory.kernels.sphere import T

DUALS: dict[str, Dual] = {name: dual(activation) for name, activation in activations().items()}
OPEN = ("mish", "sigmoid", "silu", "softplus", "tanh")
"""Activations whose kernel the rules do not close."""
PLAIN = [name for name in DUALS if name not in (*OPEN, "elu", "hard_tanh")]
x, y = sp.symbols("x y", real=True)


def _as_measured(name: str) -> tuple[Dual, Dual]:
    """The duals whose quantities are measured: for elu with its exponential behind a step, which the integrals can bound."""
    if name != "elu":
        return DUALS[name], DUALS[name].slope
    left = sp.Heaviside(-X)
    value, slope = Max(0, X) + (exp(X) - 1) * left, sp.Heaviside(X) + exp(X) * left
    return Dual(value, value), Dual(slope, slope)


def _ball(value: Any) -> Any:
    known = {}
    for node in value.atoms(sp.Integral):
        measured = INTEGRAL.measure(node, {}, Budget(), Stream(0))
        assert isinstance(measured, Ball), measured
        known[node] = measured.value
    return enclose(value, {}, known=known)


def _measured(node: Any, at: dict[Any, Any]) -> Any:
    measured = CERTIFIED.measure(node, at, Budget(), Stream(0))
    return measured.value if isinstance(measured, Ball) else None


@pytest.mark.parametrize("name", sorted(DUALS))
def test_which_kernels_are_closed(name: str) -> None:
    assert (DUALS[name].closed is None) == (name in OPEN)
    assert (DUALS[name].length is None) == (name in OPEN)


@pytest.mark.parametrize("name", sorted(set(DUALS) - set(OPEN)))
def test_the_closed_forms_are_the_certified_values(name: str) -> None:
    """At both ends, in the middle, and for unequal lengths; what the instrument refuses there is refused for its growth alone."""
    compared = 0
    for q1, q2, c in [(1, 1, Rational(1, 2)), (Rational(1, 3), 2, Rational(-3, 4)), (1, Rational(1, 2), 1), (2, 2, -1), (1, 2, 0)]:
        at = {Q1: Integer(q1) if isinstance(q1, int) else q1, Q2: sp.sympify(q2), C: sp.sympify(c)}
        if DUALS[name].domain.satisfies(at) is not True:
            assert abs(c) == 1
            continue
        truth = _measured(_as_measured(name)[0].quantity, at)
        if truth is not None:
            compared += 1
            assert _ball(DUALS[name].closed.xreplace(at)).overlaps(truth)
    assert compared >= 2


@pytest.mark.parametrize("name", sorted(set(DUALS) - set(OPEN)))
def test_lengths_and_slopes_are_the_certified_values(name: str) -> None:
    compared = 0
    for one, measured in zip((DUALS[name], DUALS[name].slope), _as_measured(name), strict=True):
        if one.length is None:
            assert name in ("sign_", "step")  # the square of a delta function has no mean
            continue
        for q in (Rational(1, 3), Integer(2)):
            truth = _measured(measured.length_quantity, {Q: q}) if one.length_quantity.has(Q) else None
            if truth is not None:
                compared += 1
                assert _ball(one.length.end.xreplace({Q: q})).overlaps(truth)
    assert compared or name in ("identity", "sign_")


@pytest.mark.parametrize("name", PLAIN)
def test_at_correlation_1_the_kernel_is_the_length_map(name: str) -> None:
    one = DUALS[name]
    assert one.length is not None
    assert equal(one.closed.xreplace({Q1: Q, Q2: Q}).subs(C, 1), one.length.end) is True


@pytest.mark.parametrize("name", PLAIN)
def test_the_derivative_in_the_correlation_is_the_kernel_of_the_derivative(name: str) -> None:
    """Price's theorem, as an identity of the two closed forms."""
    one, slope = DUALS[name], DUALS[name].slope
    assert slope.closed is not None
    gap = sp.diff(one.closed, C) - sqrt(Q1) * sqrt(Q2) * slope.closed
    assert is_zero(gap, Dual._over(slope, slope.domain)) is True


@pytest.mark.parametrize("name", PLAIN)
def test_the_kernel_is_symmetric(name: str) -> None:
    swapped = DUALS[name].closed.xreplace({Q1: Q2, Q2: Q1})
    assert equal(swapped, DUALS[name].closed, DUALS[name].domain) is True


@pytest.mark.parametrize("name", ["relu", "erf_", "step", "sin_", "abs_", "hermite", "exp_"])
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_hermite_coefficients_are_the_roots_of_the_series_of_the_kernel(name: str, n: int) -> None:
    """a_n^2 n! is the n-th derivative of the kernel at c = 0."""
    derivation = hermite_coefficient(activations()[name], n)
    assert derivation is not None
    series = sp.diff(DUALS[name].closed.xreplace({Q1: Q, Q2: Q}), C, n).subs(C, 0)
    assert equal(derivation.end**2 * sp.factorial(n), series) is True


@pytest.mark.parametrize("name", ["relu", "abs_", "step", "erf_", "gelu", "leaky_relu", "sin_", "rectified_monomial"])
@pytest.mark.parametrize("end", [1, -1])
def test_the_expansion_at_an_end_is_that_of_the_closed_form(name: str, end: int) -> None:
    """What is left after all terms but the last, over the last power: nearer to the last coefficient as t falls."""
    *lower, last = [(term.coefficient.xreplace({Q: Integer(2)}), term.power) for term in expand_kernel(activations()[name], end)]
    kernel = DUALS[name].closed.xreplace({Q1: Integer(2), Q2: Integer(2)})
    distances = []
    for k in (8, 16):
        t = Rational(1, 2**k)
        rest = kernel.xreplace({C: end * (1 - t)}) - sum((a * t**power for a, power in lower), Integer(0))
        distances.append(abs(_ball(rest / t ** last[1] - last[0])))
    assert distances[1] < distances[0] / 8 and distances[0] < abs(_ball(last[0]))


def test_expansions_without_a_closed_form_are_quantities() -> None:
    terms = expand_kernel(tanh)
    assert [term.power for term in terms] == [0, 1, 2] and not any(term.is_closed for term in terms)
    with pytest.raises(ValueError, match="c = 1 or c = -1"):
        expand_kernel(relu, 0)


def test_the_dual_of_two_activations() -> None:
    both = dual(relu, erf_)
    truth = _measured(both.quantity, {Q1: Integer(2), Q2: Integer(1), C: Rational(1, 3)})
    assert _ball(both.at(2, 1, Rational(1, 3))).overlaps(truth)


@pytest.mark.parametrize(
    ("f", "because"),
    [
        (x * y, "has 2: x, y"),
        (exp(x**2), "grows too fast"),
        (exp(x**2 / 100), "grows too fast"),
        (sp.cosh(x**2), "grows too fast"),
        (exp(exp(x)), "not proved"),
        (log(x), "whole line: it needs x > 0"),
        (sqrt(x), "whole line"),
        (1 / x, "whole line"),
        (asin(x), "whole line"),
        (sp.tan(x), "whole line"),
        (sp.gamma(x), "gamma"),
        (sp.I * x, "complex"),
        (sp.zoo, "real function"),
    ],
    ids=str,
)
def test_what_is_no_activation_is_refused(f: Any, because: str) -> None:
    with pytest.raises(ActivationError, match=because):
        dual(f)


@pytest.mark.parametrize(
    ("point", "because"), [((0, 1, 0), "positive"), ((1, -1, 0), "positive"), ((1, 1, 2), "lies in"), ((1, 1, -2), "lies")]
)
def test_impossible_points_are_refused(point: tuple[int, int, int], because: str) -> None:
    with pytest.raises(ActivationError, match=because):
        dual(relu).at(*point)


# Layers


def test_the_tangent_kernel_of_a_linear_network_counts_its_layers() -> None:
    linear = Kernels(dual(lambda z: z), sqrt(2))
    for layer, _ in zip(linear.layers(linear.input_layer(1, 1, Rational(1, 2))), range(4), strict=False):
        assert layer.nngp.cross == Rational(2**layer.depth, 2) and layer.ntk.cross == layer.depth * layer.nngp.cross


def test_relu_networks_keep_their_lengths_at_he_scaling_and_their_tangent_kernel_grows_by_one_a_layer() -> None:
    he = Kernels(dual(relu), sqrt(2))
    for layer, _ in zip(he.layers(he.input_layer(3, 5, 1, size=2)), range(4), strict=False):
        assert (layer.nngp.first, layer.nngp.second) == (3, 5)
        assert (layer.ntk.first, layer.ntk.second) == (3 * layer.depth, 5 * layer.depth)


def test_two_layers_of_relu_are_the_arc_cosine_kernels() -> None:
    he = Kernels(dual(relu), sqrt(2))
    c = sp.Symbol("r", real=True)
    second = he.output(he.input_layer(Rational(1, 2), Rational(1, 2), c / 2), 2)
    k0, k1 = 1 - sp.acos(c) / pi, (sqrt(1 - c**2) + c * (pi - sp.acos(c))) / pi
    from lemmata.theory.domain import Domain

    unit = Domain((c,), (c >= -1, c <= 1))
    assert equal(second.nngp.cross, k1, unit) is True
    assert equal(second.ntk.cross, k1 + c * k0, unit) is True


def test_parametrisations_differ_as_they_are_stated_to() -> None:
    width = sp.Symbol("n", positive=True)
    layers = {}
    for kind in Parametrisation:
        kernels = Kernels(dual(erf_), 1, Rational(1, 2), kind, width)
        layers[kind] = kernels.output(kernels.input_layer(1, 2, Rational(1, 3)), 2)
    standard, ntk, mean_field = (layers[kind] for kind in (Parametrisation.STANDARD, Parametrisation.NTK, Parametrisation.MEAN_FIELD))
    assert standard.nngp == ntk.nngp
    assert sp.expand(mean_field.nngp.cross * width - ntk.nngp.cross) == 0
    assert sp.expand(mean_field.ntk.first * width - ntk.ntk.first) == 0
    assert sp.expand(sp.diff(standard.ntk.cross, width) - (ntk.nngp.cross - Rational(1, 4))) == 0


def test_an_activation_without_closed_kernels_has_no_layers_in_closed_form() -> None:
    with pytest.raises(ActivationError, match="no closed form"):
        Kernels(dual(tanh), 1)
    with pytest.raises(ActivationError, match="derivative"):
        Kernels(dual(step), 1)
    with pytest.raises(ValueError, match="at least one"):
        Kernels(dual(relu), 1).output(Kernels(dual(relu), 1).input_layer(1, 1, 0), 0)


# The sphere


@pytest.mark.parametrize("d", [2, 3, 4, 5, 7])
def test_eigenvalues_of_a_polynomial_add_up_to_its_value_at_1(d: int) -> None:
    coefficients = {0: Rational(1, 2), 1: Integer(3), 3: Integer(2), 6: Rational(1, 5)}
    total = sum(
        (multiplicity(n, d) * a * monomial_eigenvalue(m, n, d) for m, a in coefficients.items() for n in range(7)),
        Integer(0),
    )
    assert total == sum(coefficients.values())


@pytest.mark.parametrize("d", [2, 3, 5, 6])
@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_the_integral_is_the_closed_form_for_powers(n: int, d: int) -> None:
    node = eigenvalue(lambda t: t**4, n, d)
    (integral,) = node.atoms(sp.Integral)
    measured = INTEGRAL.measure(integral, {}, Budget(), Stream(0))
    assert isinstance(measured, Ball)
    assert enclose(node, {}, known={integral: measured.value}).overlaps(enclose(monomial_eigenvalue(4, n, d), {}))


@pytest.mark.parametrize("d", [2, 3, 4])
def test_the_relu_kernel_has_no_odd_harmonics_but_the_first(d: int) -> None:
    def kernel(t: Any) -> Any:
        return DUALS["relu"].closed.xreplace({Q1: Integer(1), Q2: Integer(1), C: t})

    values = []
    for n in range(5):
        node = eigenvalue(kernel, n, d)
        (integral,) = node.atoms(sp.Integral)
        measured = INTEGRAL.measure(integral, {}, Budget(), Stream(0))
        values.append(arb(float(measured.value.mid())) if isinstance(measured, Ball) else arb(float(measured.value)))
    size = abs(values[0])
    assert [bool(abs(value) > size / 2**16) for value in values] == [True, True, True, False, True]


def test_legendre_polynomials_are_1_at_1_and_solve_their_equation() -> None:
    for d in (2, 3, 6):
        for n in range(5):
            p = legendre(n, d)
            assert p.subs(T, 1) == 1
            assert sp.expand((1 - T**2) * sp.diff(p, T, 2) - (d - 1) * T * sp.diff(p, T) + n * (n + d - 2) * p) == 0
    with pytest.raises(ValueError, match="sphere"):
        legendre(1, 1)


def test_sums_need_no_new_file() -> None:
    """Piecewise polynomials, exponentials, Gaussians and erf in one activation."""
    f = Max(0, x) ** 2 - 3 * sp.Abs(x) + x * exp(-(x**2) / 2) + exp(x / 2) + erf(x) * x
    one = dual(f)
    assert one.closed is not None
    assert _ball(one.closed.xreplace({Q1: Integer(1), Q2: Integer(2), C: Rational(1, 3)})).mid() > 0
    assert _ball(gelu(Integer(1))) > 0 and abs_(-1) == 1
