"""Every row of the two tables of Safran and Shamir (2018): how many of 1000 runs ended in a spurious minimum.

    lemmata check verify/tables/spurious_minima_rows.py --budget thorough

Ends are Clopper and Pearson's at 99.9% for the printed count, cut outwards to four digits. The thorough budget takes sixteen times
the runs of the quick one, in which these claims have too few to see much. Where fewer than 50 of 1000 runs ended badly the lower end
is left out: to see it would take 10^4 runs or more.
"""

from sympy import Rational

from lemmata.verify.register.spurious_minima import at_least, at_most, averages

TEN_THOUSANDTHS = 10_000

ROWS = (
    (6, 6, 3, 1, 139),
    (7, 7, 55, 341, 828),
    (8, 8, 126, 938, 1639),
    (9, 9, 218, 1767, 2636),
    (10, 10, 346, 2973, 3971),
    (11, 11, 455, 4031, 5076),
    (12, 12, 585, 5327, 6360),
    (13, 13, 730, 6816, 7749),
    (14, 14, 736, 6879, 7805),
    (15, 15, 803, 7588, 8425),
    (16, 16, 851, 8108, 8859),
    (17, 17, 897, 8618, 9261),
    (18, 18, 900, 8652, 9287),
    (19, 19, 934, 9042, 9571),
    (20, 20, 940, 9113, 9619),
    (8, 9, 1, 0, 100),
    (10, 11, 1, 0, 100),
    (11, 12, 1, 0, 100),
    (12, 13, 3, 1, 139),
    (13, 14, 15, 54, 323),
    (14, 15, 55, 341, 828),
    (15, 16, 101, 722, 1360),
    (16, 17, 180, 1420, 2229),
    (17, 18, 209, 1685, 2540),
    (18, 19, 369, 3194, 4206),
    (19, 20, 491, 4387, 5435),
)
"""k, n, the printed count of 1000, and the interval in ten-thousandths."""


def runs_for(count: int) -> int:
    """Quick runs whose sixteenfold tells a share somewhat below the printed one from half of it at the error rate of a run of claims.

    >>> runs_for(55), runs_for(940)
    (688, 64)
    """
    return max(64, 40 * (1000 - count) // count + 1)


AT_MOST = [at_most(size, width, count, Rational(high, TEN_THOUSANDTHS), 64) for size, width, count, _, high in ROWS]
AT_LEAST = [
    at_least(size, width, count, Rational(low, TEN_THOUSANDTHS), runs_for(count)) for size, width, count, low, _ in ROWS if count >= 50
]

AVERAGES = (
    (9, 9, 270, 200),
    (10, 10, 300, 220),
    (11, 11, 340, 220),
    (12, 12, 350, 210),
    (13, 13, 370, 220),
    (14, 14, 380, 230),
    (15, 15, 380, 240),
    (16, 16, 380, 270),
    (17, 17, 390, 270),
    (18, 18, 390, 290),
    (19, 19, 380, 310),
    (20, 20, 380, 330),
    (14, 15, 20, 330),
    (15, 16, 40, 320),
    (16, 17, 55, 310),
    (17, 18, 70, 310),
    (18, 19, 64, 280),
    (19, 20, 77, 270),
)
"""k, n, the average least eigenvalue and the average of F/2 as printed, in ten-thousandths: from k = 9 several minima are mixed."""

MEANS = [claim for size, width, *printed in AVERAGES for claim in averages(size, width, *printed)]
