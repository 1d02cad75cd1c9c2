"""Where widths break an assumption the verdict names it, and other dimensions than those of the data are an error of one line."""

from __future__ import annotations

from sympy import Eq, Gt, Le, tanh

from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.verify import check
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Verdict
from lemmata.verify.register.nonlinear_networks import Batch, N, _recovered, widths


def test_a_widening_pyramid_is_told_which_matrix_has_no_inverse() -> None:
    batch = Batch(tanh)
    claim = Claim(
        "pyramid-that-widens",
        Eq(_recovered(batch), batch.error),
        given=[Le(N, widths[0]), Gt(widths[2], widths[1]), Le(widths[3], widths[2])],
        derivation=lambda lhs: lhs.by(matrix_calculus),
    )
    record = check(claim, "quick")
    assert record.verdict is Verdict.INCONCLUSIVE
    assert "W_2*W_2.T must be invertible" in record.because
