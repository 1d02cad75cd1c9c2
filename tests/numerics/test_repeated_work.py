"""What is asked over and over is computed once, and gives what it gave: lengths of directions, linear forms, explicit products."""

import subprocess
import sys

import pytest
import sympy as sp

from lemmata.numerics.laws import standardise
from lemmata.numerics.quadrature.directions import project
from lemmata.numerics.quadrature.pieces import linear

x, y, z = sp.symbols("x y z", real=True)


@pytest.mark.parametrize("angle", [sp.pi / 9, 2 * sp.pi / 7, 5 * sp.pi / 11])
def test_directions_on_a_circle_have_rational_lengths(angle):
    """cos and sin of an angle without radicals: two multiples of one direction are one, and its length is exact."""
    form = 3 * sp.cos(angle) * x + 3 * sp.sin(angle) * y
    turned, fresh = project(sp.exp(form) + sp.tanh(2 * form) + 0 * z, [x, y, z])
    assert len(fresh) == 1
    assert turned.xreplace({fresh[0]: z}) == sp.exp(3 * z) + sp.tanh(6 * z)


def test_directions_that_differ_on_a_circle_stay_two():
    angle = 2 * sp.pi / 7
    _, fresh = project(sp.tanh(sp.cos(angle) * x + sp.sin(angle) * y) * sp.tanh(sp.cos(angle) * x - sp.sin(angle) * y), [x, y, z])
    assert len(fresh) == 2


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        (2 * x - y / 3 + 5, ([2, -sp.Rational(1, 3)], 5)),
        (sp.S(7), ([0, 0], 7)),
        (x, ([1, 0], 0)),
        (sp.sqrt(2) * x + sp.pi, ([sp.sqrt(2), 0], sp.pi)),
        ((x + 1) ** 2 - x**2, ([2, 0], 1)),
        (x * y, None),
        (x**2, None),
        (sp.Max(0, x), None),
        (1 / x, None),
    ],
)
def test_linear_forms_are_read_off_exactly(expr, found):
    assert linear(expr, [x, y]) == found
    assert linear(expr, [x, y]) == found  # and remembered


def test_what_linear_returns_is_the_callers_own():
    coefficients, _ = linear(x + y, [x, y])
    coefficients[0] = sp.S(9)
    assert linear(x + y, [x, y]) == ([1, 1], 0)


def test_traces_of_products_are_those_that_sympy_writes_out():
    from sympy.stats import MatrixNormal

    random = MatrixNormal("X", sp.zeros(2, 2), sp.eye(2), sp.eye(2))
    a = sp.ImmutableMatrix([[1, 2], [3, sp.sqrt(2)]])
    S = sp.MatrixSymbol("S", 2, 2)
    model = standardise(sp.Trace(S.T * random + 3 * random.T * S) ** 2, {S: a})
    values = dict(zip((source.variable for source in model.sources), (1, -2, 5, 7), strict=True))
    drawn = sp.Matrix(2, 2, [1, -2, 5, 7])
    assert sp.expand(model.expr.xreplace({key: sp.Integer(value) for key, value in values.items()})) == sp.expand(
        ((a.T * drawn).trace() + 3 * (drawn.T * a).trace()) ** 2
    )


def test_runs_rounded_at_random_do_not_import_torchs_compiler():
    """It takes two thirds of a second in each process that judges a claim."""
    code = (
        "import sys, torch\n"
        "from lemmata.numerics.descent.jitter import Jitter\n"
        "from lemmata.numerics.descent.batch_loss import held\n"
        "from lemmata.numerics.streams import Stream\n"
        "with Jitter(Stream(0)):\n"
        "    torch.ones(3) / 3\n"
        "assert held(lambda: torch.ones(4) + 1) > 0\n"
        "print('torch._dynamo' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
