"""Controls: every check is seen to fail.

Altered copies of the stated side are put to the evidence that the claim was judged by, which must refute each of them:
a check that cannot tell sin from cos, or x from 1.008 x, has not checked much. `altered` makes the copies, `fates` says
what becomes of one, `evidence` and `inequality` put a claim through them, `table` counts over a run.
"""

from typing import TYPE_CHECKING

from lemmata.theory.lazy import face

if TYPE_CHECKING:
    from lemmata.verify.controls.altered import Control as Control
    from lemmata.verify.controls.altered import alterations as alterations
    from lemmata.verify.controls.evidence import control_evidence as control_evidence
    from lemmata.verify.controls.table import kill_rates as kill_rates
    from lemmata.verify.controls.table import kill_table as kill_table

_HOMES = {
    **dict.fromkeys(("Control", "alterations"), ".altered"),
    "control_evidence": ".evidence",
    **dict.fromkeys(("kill_rates", "kill_table"), ".table"),
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
