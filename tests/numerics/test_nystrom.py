"""Exponents of kernels from matrices at random points: the kernels, the fit, known exponents, and bad input."""

from __future__ import annotations

import math

import pytest
import torch

from lemmata.numerics.nystrom import KERNELS, KNOWN, Kernel, corrected, exponent, exponents, spectrum

EPS = torch.finfo(torch.float64).eps


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def test_kernels_are_the_arc_cosine_kernels_of_inputs_with_a_bias() -> None:
    points = torch.rand(1, 7, 3, generator=generator(), dtype=torch.float64)
    inputs = torch.cat([points[0], torch.ones(7, 1, dtype=torch.float64)], 1)
    for kernel, factor in ((Kernel.TANGENT, 2), (Kernel.FEATURES, 1)):
        values = KERNELS[kernel](points)[0]
        for i in range(7):
            for j in range(7):
                lengths = float(inputs[i].norm() * inputs[j].norm())
                rho = min(1.0, float(inputs[i] @ inputs[j]) / lengths)
                angle = math.acos(rho)
                expected = lengths * (math.sin(angle) + factor * (math.pi - angle) * rho) / math.pi
                lost = 64 * EPS * lengths / max(math.sin(angle), math.sqrt(EPS))  # acos near 1 loses half of the digits
                assert abs(float(values[i, j]) - expected) <= lost


def test_eigenvalues_add_up_to_the_mean_of_the_diagonal() -> None:
    points = torch.rand(2, 40, 2, generator=generator(), dtype=torch.float64)
    for kernel in Kernel:
        found = spectrum(kernel, points)
        trace = torch.diagonal(KERNELS[kernel](points), dim1=-2, dim2=-1).mean(-1)
        assert bool(((found.sum(-1) - trace).abs() <= 40 * 40 * EPS * trace).all())
        assert bool((found[:, :-1] >= found[:, 1:]).all())


@pytest.mark.parametrize("power", [1.2, 2.0, 4.0])
def test_a_power_law_is_seen_exactly(power: float) -> None:
    i = torch.arange(1, 201, dtype=torch.float64)
    assert abs(float(exponent(7 * i**-power, 10, 50)) - power) <= 1000 * EPS


def test_known_exponents_are_seen_and_less_biased_with_more_points() -> None:
    errors = [abs(float(exponents(Kernel.MATERN_HALF, 1, n, (n // 12, n // 4), 8, generator(), "cpu").mean()) - 2) for n in (60, 240)]
    assert errors[1] < errors[0] < 0.3


def test_the_correction_leaves_less_than_it_takes() -> None:
    n, d = 128, 2
    window = (n // 12, n // 4)
    for kernel, known in ((Kernel.TANGENT, 3 / 2), (Kernel.FEATURES, 5 / 2)):
        plain = float(exponents(kernel, d, n, window, 6, generator(), "cpu").mean()) - known
        left = float(corrected(kernel, d, n, window, 6, generator(), "cpu").mean()) - known
        assert abs(left) < abs(plain)


def test_bad_input_is_one_clear_line() -> None:
    twice = torch.tensor([[[0.5, 0.5], [0.1, 0.2], [0.5, 0.5]]], dtype=torch.float64)
    with pytest.raises(ValueError, match="repeated points is singular"):
        spectrum(Kernel.TANGENT, twice)
    with pytest.raises(ValueError, match="at most 4096 points"):
        spectrum(Kernel.TANGENT, torch.zeros(1, 5000, 1, dtype=torch.float64))
    for window in ((0, 3), (3, 3), (2, 11)):
        with pytest.raises(ValueError, match="1 <= first < last <= 10"):
            exponent(torch.ones(10, dtype=torch.float64), *window)
    with pytest.raises(ValueError, match="lower rank"):
        exponent(torch.tensor([1.0, 0.5, 0.0, -1e-20], dtype=torch.float64), 1, 4)
    with pytest.raises(ValueError, match="dimension of at least 1"):
        exponents(Kernel.TANGENT, 0, 10, (1, 5), 1, generator(), "cpu")
    with pytest.raises(ValueError, match="its exponent is known"):
        corrected(next(iter(KNOWN.values())), 1, 10, (1, 5), 1, generator(), "cpu")
