"""The grammar of mathematical text: what it reads, what it refuses, and that nothing in it is run."""

from __future__ import annotations

import pytest
import sympy as sp

from lemmata.theory.activations import activations
from lemmata.theory.grammar import GrammarError, functions, read

x, t = sp.symbols("x t", real=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Max(0, x)**2", sp.Max(0, x) ** 2),
        ("max(0,x)^2 - x/3", sp.Max(0, x) ** 2 - x / 3),
        ("0.1*x", x / 10),
        ("1.5e-2 * x", 3 * x / 200),
        (".5", sp.Rational(1, 2)),
        ("-x^2", -(x**2)),
        ("2^-1 * x", x / 2),
        ("2^3^2 * x", 512 * x),
        ("--x", x),
        ("x - -3", x + 3),
        ("8/4/2*x", x),
        ("|x - 1| * 2", 2 * sp.Abs(x - 1)),
        ("e^(-x**2/2)", sp.exp(-(x**2) / 2)),
        ("exp(-x^2/2)*pi", sp.pi * sp.exp(-(x**2) / 2)),
        ("relu", sp.Max(0, x)),
        ("leaky_relu(x, 1/5)", sp.Max(0, x) + sp.Min(0, x) / 5),
        ("where(t < 0, exp(t) - 1, t)", sp.Piecewise((sp.exp(t) - 1, t < 0), (t, True))),
        ("Phi(x)", (1 + sp.erf(x / sp.sqrt(2))) / 2),
        ("He(3, x)", x**3 - 3 * x),
        ("swish(x)", x / (1 + sp.exp(-x))),
        ("sin(x)*cos(2*x)", sp.sin(x) * sp.cos(2 * x)),
        ("x^(1/3)", x ** sp.Rational(1, 3)),
    ],
)
def test_what_it_reads(text: str, value: sp.Expr) -> None:
    assert sp.expand(read(text) - value) == 0


@pytest.mark.parametrize("name", sorted(activations()))
def test_every_activation_may_be_named(name: str) -> None:
    plain = name.rstrip("_")
    assert read(plain) == read(f"{plain}(x)") == activations()[name](x)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("tahn(x)", "did you mean 'tanh'"),
        ("Relu(x)", "did you mean 'relu'"),
        ("2 x", "expected an operator, found 'x'"),
        ("(x", r"expected '\)', found the end"),
        ("x)", "expected an operator"),
        ("x +", "found the end"),
        ("tanh(x, 2)", "takes one expression"),
        ("sin(x < 1)", "takes one expression"),
        ("where(x, 1, 2)", "inequality"),
        ("x ** x", "exponent"),
        ("9^9^9", "exponent"),
        ("1" * 60, "digits"),
        ("1e999", "digits"),
        ("((((9^64)^64)^64)^64)^64", "digits"),
        ("x^1000000", "exponent"),
        ("1/0", "no value"),
        ("__import__('os').system('true')", "no meaning|no function"),
        ("x.__class__", "no meaning"),
        ("lambda: x", "no meaning"),
        ("x; x", "no meaning"),
        ("(" * 100 + "x" + ")" * 100, "nested"),
        ("x^" * 100 + "x", "nested"),
        ("x+" * 600 + "x", "characters"),
        ("x # y", "no meaning"),
        ("leaky_relu()", "expected a number"),
        ("He(x, x)", "degree"),
        ("He(99999, x)", "degree"),
        ("f(x)", "no function"),
    ],
)
def test_what_it_refuses_in_one_line(text: str, because: str) -> None:
    with pytest.raises(GrammarError, match=because) as error:
        read(text)
    assert "\n" not in str(error.value)


def test_a_name_is_a_variable_unless_it_is_known() -> None:
    assert read("x*y").free_symbols == {x, sp.Symbol("y", real=True)}
    assert all(callable(function) for function in functions().values())
    assert read("t + 1", variable="t") == t + 1
