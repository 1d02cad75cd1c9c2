"""A derivation that ends in what arrays cannot evaluate is refused as code, by name, and nothing is printed."""

import pytest
from sympy import Derivative, Eq, Subs, cos, sin, symbols

from lemmata.verify import Claim, check
from lemmata.verify.evidence import Outcome

x, a = symbols("x a", real=True)


@pytest.mark.parametrize("place", [a, 0])
def test_a_derivative_at_a_place_refuses_as_code(capsys, place):
    record = check(Claim("at-a-place", Eq(Subs(Derivative(sin(x), x), x, place), cos(place))))
    compiled = [item for item in record.evidence if item.road.value == "compiled"]
    assert [item.outcome for item in compiled] == [Outcome.REFUSED]
    assert not any(" raised " in item.because for item in record.evidence)
    assert "Traceback" not in capsys.readouterr().err
