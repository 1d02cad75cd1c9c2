"""The notation of the field: expressions, statements and hypotheses to LaTeX, a table of exact answers."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Function, MatrixSymbol, Q, Symbol, symbols
from sympy.stats import Covariance, Expectation, Normal, Probability, Uniform, Variance
from sympy.stats.symbolic_multivariate_probability import VarianceMatrix

from lemmata.theory.data import DataMatrix
from lemmata.theory.gaussian_vector import gaussian_vector
from lemmata.theory.printing import latex, latex_statement, text
from lemmata.theory.printing.hypotheses import latex_assumptions, latex_hypothesis, latex_law, latex_setting
from lemmata.theory.printing.layout import break_lines, tidy
from lemmata.theory.printing.motions import latex_data, latex_motions
from lemmata.theory.printing.notation import escape, function_name, plain_name, symbol_name
from lemmata.theory.printing.width import tokens, width
from lemmata.theory.trajectory import descent, flow

q1, q2 = symbols("q1 q2", positive=True)
q_star = Symbol("q_star", positive=True)
c = Symbol("c", real=True)
sigma_w, sigma_b = symbols("sigma_w sigma_b", positive=True)
alpha, M = symbols("alpha M", positive=True)
n, m = symbols("n m", integer=True, positive=True)
s1, s2 = Normal("s1", 0, 1), Normal("s2", 0, 1)
W1, W2 = MatrixSymbol("W_1", n, m), MatrixSymbol("W_2", m, n)
Sigma = MatrixSymbol("Sigma", m, m)
u, v = sp.sqrt(q1) * s1, sp.sqrt(q2) * (c * s1 + sp.sqrt(1 - c**2) * s2)

NAMES = {
    "sigma_w": r"\sigma_w",
    "q_star": "q^{*}",
    "q1": "q_1",
    "chi_1": r"\chi_1",
    "alpha": r"\alpha",
    "Sigma": r"\Sigma",
    "w0": "w_0",
    "W_1": "W_1",
    "L_star": "L^{*}",
    "lambda_max": r"\lambda_{\max}",
    "W_12": "W_{12}",
    "x_hat": r"\hat{x}",
    "ybar": r"\bar{y}",
    "q_1_star": "q_1^{*}",
    "sigma_w_k": r"\sigma_{w,k}",
    "W_k1": "W_{k_1}",
    "epsilon": r"\varepsilon",
    "σ_w": r"\sigma_w",
    "W_{k+1}": "W_{k+1}",
    "batch_size": r"\mathrm{batch}_{\mathrm{size}}",
    "loss%": r"\mathrm{loss\%}",
}

EXPRESSIONS = {
    r"\mathbb{E}[\max(0, \sqrt{q_1} s_1) \max(0, \sqrt{q_2} (c s_1 + \sqrt{1 - c^{2}} s_2))]": Expectation(sp.Max(0, u) * sp.Max(0, v)),
    r"\frac{\sqrt{q_1 q_2}}{2 \pi} (c (\pi - \arccos(c)) + \sqrt{1 - c^{2}})": sp.sqrt(q1 * q2)
    * (sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c)))
    / (2 * sp.pi),
    r"\frac{\sigma_w^{2} q_1}{2} + \sigma_b^{2}": sigma_w**2 * q1 / 2 + sigma_b**2,
    r"\frac{9 \pi^{2}}{2 q_1^{2}}": 9 * sp.pi**2 / (2 * q1**2),
    r"\operatorname{erf}(c)": sp.erf(c),
    r"\operatorname{erf}\!\left(\frac{c}{\sqrt{2}}\right)": sp.erf(c / sp.sqrt(2)),
    r"\frac{2}{\pi} \arcsin\!\left(\frac{c}{q_1}\right)": 2 / sp.pi * sp.asin(c / q1),
    r"\frac{1}{\sqrt{2 \pi}} e^{- c^{2} / 2}": sp.exp(-(c**2) / 2) / sp.sqrt(2 * sp.pi),
    r"\frac{1}{2} \operatorname{tr}(W_1 \Sigma W_1^\top)": sp.Trace(W1 * Sigma * W1.T) / 2,
    r"\Sigma^\top W_1^\top": (W1 * Sigma).T,
    r"(W_1 \Sigma)^\top": sp.Transpose(W1 * Sigma),
    r"W_1 W_2 - 2 I_{n}": W1 * W2 - 2 * sp.Identity(n),
    r"W_1 \odot W_1": sp.HadamardProduct(W1, W1),
    r"\Sigma^{-1}": Sigma.I,
    r"\det \Sigma": sp.Determinant(Sigma),
    r"(W_1)_{0,1}": W1[0, 1],
    r"\begin{pmatrix}1 & c\\c & 1\end{pmatrix}": sp.Matrix([[1, c], [c, 1]]),
    r"\alpha \left(1 - \frac{M \alpha}{2}\right)": alpha * (1 - M * alpha / 2),
    r"\mathbb{P}[s_1 > c]": Probability(s1 > c),
    r"\operatorname{Var}[c s_1]": Variance(c * s1),
    r"\operatorname{Cov}[s_1, s_2]": Covariance(s1, s2),
    r"\mathbb{E}[s_1 \mid s_1 > 0]": Expectation(s1, s1 > 0),
    r"\mathbb{E}[s_1]^{2}": Expectation(s1) ** 2,
    r"(q^{*})^{2}": q_star**2,
    r"\sqrt{q^{*}}": sp.sqrt(q_star),
    r"\max(0, c)^{2}": sp.Max(0, c) ** 2,
    r"\Theta(c)": sp.Heaviside(c),
    r"\operatorname{sign}(c)": sp.sign(c),
    r"|c|": sp.Abs(c),
    r"\tanh^{2}(c)": sp.tanh(c) ** 2,
    r"\begin{cases} c & \text{if } c > 0 \\ 0 & \text{otherwise} \end{cases}": sp.Piecewise((c, c > 0), (0, True)),
    r"\lim_{q_1 \to \infty} c q_1": sp.Limit(c * q1, q1, sp.oo),
    r"\sum_{n=0}^{\infty} c^{n}": sp.Sum(c**n, (n, 0, sp.oo)),
    r"\int_{-1}^{1} c^{2}\, dc": sp.Integral(c**2, (c, -1, 1)),
    r"\sigma(c)": Function("sigma")(c),
    r"\operatorname{hinge\text{-}loss}(c)": Function("hinge_loss")(c),
    r"\pi - \arccos(c)": sp.pi - sp.acos(c),
    r"\frac{1}{\sqrt{q_1 q_2}}": 1 / sp.sqrt(q1 * q2),
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_names_are_written_as_the_field_writes_them(name: str, expected: str) -> None:
    assert symbol_name(name) == expected
    assert latex(Symbol(name)) == expected


@pytest.mark.parametrize(("expected", "expr"), EXPRESSIONS.items())
def test_expressions(expected: str, expr: object) -> None:
    assert latex(expr) == expected


def test_no_name_of_sympy_is_left() -> None:
    printed = " ".join(latex(expr) for expr in EXPRESSIONS.values())
    for raw in ("operatorname{acos}", "operatorname{asin}", "operatorname{E}", "theta", "^{T}", "limits", "_{star}"):
        assert raw not in printed


def test_statements_are_not_evaluated() -> None:
    assert latex_statement(sp.sin(c) ** 2 + sp.cos(c) ** 2, "=", sp.S.One) == r"\sin^{2}(c) + \cos^{2}(c) = 1"
    assert latex_statement(c, "<=", c) == r"c \le c"
    with pytest.raises(KeyError):
        latex_statement(c, "~", c)


def test_hypotheses() -> None:
    assert latex_hypothesis(Q.symmetric(Sigma)) == r"\Sigma = \Sigma^\top"
    assert latex_hypothesis(Q.positive_definite(Sigma)) == r"\Sigma \succ 0"
    assert latex_hypothesis(sp.Contains(n, sp.Range(1, 7))) == r"n \in \{1, 2, \ldots, 6\}"
    assert latex_hypothesis(sp.Ge(c, -1)) == r"c \ge -1"
    assert latex_assumptions([q1, q2, n, c, W1]) == (
        "q_1, q_2 > 0",
        r"n \in \{1, 2, \ldots\}",
        r"c \in \mathbb{R}",
        r"W_1 \in \mathbb{R}^{n \times m}",
    )


def test_laws() -> None:
    assert latex_law(Normal("s", c, sigma_w)) == r"\mathcal{N}(c, \sigma_w^{2})"
    assert latex_law(Uniform("x", 0, 1)) == r"\mathcal{U}(0, 1)"
    assert latex_law(gaussian_vector("X", Sigma)) == r"\mathcal{N}(0, \Sigma)"


def test_the_setting_of_a_theorem() -> None:
    setting = latex_setting([sp.Ge(c, -1), sp.Lt(c, 1)], Expectation(sp.Max(0, u) * sp.Max(0, v)))
    assert setting == ("q_1, q_2 > 0", r"c \in [-1, 1)", r"s_1, s_2 \sim \mathcal{N}(0, 1) \text{ independent}")


def test_one_bound_stays_a_relation() -> None:
    assert latex_setting([sp.Ge(c, 2)], c) == (r"c \in \mathbb{R}", r"c \ge 2")


def test_iterations_are_defined_where_iterates_are_shown() -> None:
    w, w1, w2, beta = symbols("w w_1 w_2 beta", real=True)
    data = DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert")
    assert latex_motions(c) == ()
    assert latex_motions(descent(w1**2 + w2**2, {w1: 1, w2: c}, alpha)[n, w1]) == (
        r"w^{(k+1)} = w^{(k)} - \alpha \nabla L(w^{(k)})",
        "w^{(0)} = (1, c)",
        "L(w_1, w_2) = w_1^{2} + w_2^{2}",
    )
    assert latex_motions(descent(w**2, {w: 1}, alpha, momentum=beta, method="heavy_ball")[n, w])[:3] == (
        "w^{(k+1)} = w^{(k)} - v^{(k+1)}",
        r"v^{(k+1)} = \beta v^{(k)} + \alpha \nabla L(w^{(k)})",
        "v^{(0)} = 0",
    )
    assert latex_motions(flow(w**2, {w: c})[q1, w]) == (r"\dot{w}(t) = -\nabla L(w(t))", "w(0) = c", "L(w) = w^{2}")
    assert latex_data(sp.Trace(data)) == (r"H \in \mathbb{R}^{2 \times 2} \text{ the data (hilbert)}",)


def test_vectors_print() -> None:
    X, Y = gaussian_vector("X", Sigma), gaussian_vector("Y", Sigma)
    assert latex(VarianceMatrix((1 - c) * X + c * Y)) == r"\operatorname{Var}[c Y + (1 - c) X]"


def test_plain_text() -> None:
    assert text(sigma_w**2 * Expectation(sp.Max(0, s1) ** 2)) == "σ_w^2*E[max(0, s1)^2]"
    assert text(sp.acos(c) / sp.pi, unicode=False) == "arccos(c)/pi"
    assert plain_name("q_star") == "q⋆"
    assert "\n" not in text(sp.Matrix([[1, c], [c, 1]]))


def test_escaping_leaves_nothing_active() -> None:
    printed = escape(r"a_b & 50% #1 {x} ~ ^ \ $")
    assert printed == r"a\_b \& 50\% \#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$"
    assert function_name("relu_50%") == r"\operatorname{relu\text{-}50\%}"


def test_tidy_keeps_tall_delimiters() -> None:
    assert tidy(r"\left(\frac{a}{b}\right)") == r"\left(\frac{a}{b}\right)"
    assert tidy(r"f{\left(\left(a\right) \right)}") == "f((a))"
    assert tidy(r"a \leftarrow \left(b\right)") == r"a \leftarrow (b)"


def test_short_formulas_are_not_broken() -> None:
    assert break_lines("a + b", 40) == ["a + b"]


@pytest.mark.parametrize(
    "formula",
    [
        "a = " + " + ".join(["b_{1} c^{2}"] * 40),
        r"\frac{" + " + ".join(["x y"] * 60) + "}{2}",
        r"\mathbb{E}\!\left[" + " + ".join([r"\frac{x}{y}"] * 60) + r"\right] \le 1",
        r"\sqrt{" + " + ".join(["x"] * 70) + "}",
        " ".join([r"\max(0, a + b)"] * 14),
        "(" + " + ".join(["a"] * 60) + ") (" + " + ".join(["b"] * 60) + ")",
    ],
)
def test_long_formulas_are_broken_into_rows_that_fit(formula: str) -> None:
    limit = 39.0
    rows = break_lines(formula, limit)
    assert len(rows) > 1
    for row in rows:
        assert width(row) <= limit + 2.0
        assert row.count("{") == row.count("}")
        assert row.count(r"\left") == row.count(r"\right")
    letters = [token for token in tokens(formula) if token.isalnum()]
    kept = [token for row in rows for token in tokens(row) if token.isalnum()]
    assert sorted(letters) == sorted(kept)[-len(letters) :] or set(letters) <= set(kept)
