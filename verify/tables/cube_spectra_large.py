"""Exponents of the ReLU's kernels on cubes from 1024 points, closer than the register's claims from 128 and 240.

    lemmata check verify/tables/cube_spectra_large.py --deadline 900

Judged in the quick budget, one thread of a busy machine, seconds: the tangent kernel supported on d = 1 (84), 2 (27), 3 (101), random
features supported on d = 2 (100) and 3 (62). On d = 1 random features are within 1/25 in 47 of 48 draws, which 48 draws do not tell from
half of them; 1/16 is asked.
"""

from sympy import Rational

from lemmata.verify.register.cube_spectra import FEATURES, TANGENT, on_cube

CUBES = [
    on_cube(TANGENT, 1, 1024, Rational(1, 100), "-large"),
    on_cube(FEATURES, 1, 1024, Rational(1, 16), "-large"),
    on_cube(TANGENT, 2, 1024, Rational(1, 20), "-large"),
    on_cube(FEATURES, 2, 1024, Rational(1, 20), "-large"),
    on_cube(TANGENT, 3, 1024, Rational(1, 12), "-large"),
    on_cube(FEATURES, 3, 1024, Rational(1, 10), "-large"),
]
