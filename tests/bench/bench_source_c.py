"""What source C costs beside plain NumPy and SciPy: spectra at random points, coefficients on spheres, risks, kernel flow, exponents.

Seconds of the processor, one thread, on a machine with five times as much to do (least of three; ratios are what to trust):

                                                            ours      plain     times as fast
    spectrum at 1024 points of the square                   0.147     0.088     0.6: angles seen against distances lose no digits
    42 coefficients on S^5, degrees up to 40                0.00004   0.013     356: in balls to 128 bits; quad reaches 1e-8
    best risk of the sequence model, n = 10^6               0.138     0.003     0.02: a ball of relative width 2^-11 and not a number
    best risk on S^5, n = 128, degrees up to 400            0.095     0.002     0.02: likewise
    kernel flow, 24 tasks of 128 samples, 200 steps         0.062     0.056     0.9: any number of steps costs the same
    exponent of the labels of 1000 digits                   0.175     0.174     1.0: the eigenvectors are all of it
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from flint import arb
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import eval_gegenbauer
from sympy import Rational
from threadpoolctl import threadpool_limits

from lemmata.numerics import label_smoothness, learning_curves, nystrom
from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import precision
from lemmata.numerics.instruments import sequence_risk, sphere_risk
from lemmata.numerics.streams import Stream
from lemmata.theory.sequence_model import best_sequence_risk
from lemmata.theory.sphere_risk import best_sphere_risk


def beside(benchmark: Any, ours: Callable[[], Any], plain: Callable[[], Any], rounds: int = 3) -> tuple[Any, Any]:
    """Both answers, ours benchmarked; the plain way's seconds of the processor and how many times as long it takes are noted."""
    with threadpool_limits(1):
        torch.set_num_threads(1)
        spent, answer = [], None
        for _ in range(rounds):
            start = time.process_time()
            answer = plain()
            spent.append(time.process_time() - start)
        taken, found = [], None

        def timed() -> Any:
            start = time.process_time()
            result = ours()
            taken.append(time.process_time() - start)
            return result

        found = benchmark.pedantic(timed, rounds=rounds, warmup_rounds=1)
    benchmark.extra_info["CPU s"] = round(min(taken), 5)
    benchmark.extra_info["plain CPU s"] = round(min(spent), 5)
    benchmark.extra_info["times as fast"] = round(min(spent) / min(taken), 2)
    return found, answer


def test_nystrom_spectrum(benchmark: Any) -> None:
    """The eigenvalues of the tangent kernel at 1024 points of the square: acos and eigvalsh in NumPy."""
    points = torch.from_numpy(Stream(0).child(1024).numpy().random((1, 1024, 2)))

    def plain() -> Any:
        inputs = np.concatenate([points[0].numpy(), np.ones((1024, 1))], 1)
        lengths = np.linalg.norm(inputs, axis=1)
        cosine = np.clip(inputs @ inputs.T / np.outer(lengths, lengths), -1, 1)
        angle = np.arccos(cosine)
        kernel = np.outer(lengths, lengths) * (np.sin(angle) + 2 * (np.pi - angle) * cosine) / np.pi
        return np.linalg.eigvalsh(kernel / 1024)[::-1]

    found, answer = beside(benchmark, lambda: nystrom.spectrum(nystrom.Kernel.TANGENT, points)[0].numpy(), plain)
    # acos near 1 is wrong by sqrt(eps), on the diagonal alone: eigenvalues move by at most the norm of that, over n
    assert np.abs(found - answer).max() <= 8 * math.sqrt(np.finfo(float).eps)


def test_coefficients_on_a_sphere(benchmark: Any) -> None:
    """Both kernels' eigenvalues on S^5 up to degree 40, in balls by their recursion: SciPy integrates Funk and Hecke's formula."""

    def plain() -> Any:
        weight = math.gamma(3) / (math.sqrt(math.pi) * math.gamma(2.5))

        def coefficient(kernel: Callable[[float], float], k: int) -> float:
            at_one = eval_gegenbauer(k, 2, 1.0)
            return weight * quad(lambda p: kernel(p) * eval_gegenbauer(k, 2, math.cos(p)) / at_one * math.sin(p) ** 4, 0, math.pi)[0]

        def features(p: float) -> float:
            return (math.sin(p) + (math.pi - p) * math.cos(p)) / math.pi

        def tangent(p: float) -> float:
            return features(p) + (math.pi - p) * math.cos(p) / math.pi

        return [(coefficient(tangent, k), coefficient(features, k)) for k in (1, *range(0, 41, 2))]

    def ours() -> Any:
        with precision(sphere_risk.BITS):
            return sphere_risk.degrees(5, 40)

    found, answer = beside(benchmark, ours, plain)
    for one, (tangent, features) in zip(found, answer, strict=True):
        # quad stops at 1.49e-8, its own default
        assert abs(float(one.tangent.mid()) - tangent) < 1.5e-8 and abs(float(one.features.mid()) - features) < 1.5e-8


def test_a_risk_of_the_sequence_model(benchmark: Any) -> None:
    """inf R at n = 10^6, s = 1, beta = 4/3 in a ball: NumPy's sum of 10^5 terms, minimised by SciPy."""
    quantity = best_sequence_risk(10**6, 1, Rational(4, 3))

    def plain() -> Any:
        i = np.arange(1, 10**5 + 1.0)
        eigenvalues, bias = i ** (-4 / 3), i ** (-7 / 3)

        def risk(log_time: float) -> float:
            falling = np.exp(-eigenvalues * math.exp(log_time))
            return float((bias * falling**2).sum() + ((1 - falling) ** 2).sum() / 1e6)

        return minimize_scalar(risk, bounds=(0, 20), method="bounded").fun

    found, answer = beside(benchmark, lambda: sequence_risk.INSTRUMENT.measure(quantity, {}, Budget(), Stream(0)), plain)
    # the terms that NumPy leaves out: the bias's integral from 10^5 on, and t^2 i^(-8/3)/n with t below 10^4
    left_out = 3 / 4 * 1e5 ** (-4 / 3) + 1e8 * 1e5 ** (-5 / 3) * 3 / 5 / 1e6
    assert float(found.value.lower()) - left_out <= answer <= float(found.value.upper()) * (1 + 2**-10)


def test_a_risk_on_a_sphere(benchmark: Any) -> None:
    """inf R on S^5 at n = 128 in a ball, degrees up to 400: the same sum in NumPy at 300 times, then SciPy's minimum."""
    with precision(64):
        known = sphere_risk.degrees(5)
        columns = [(float(one.count), float(one.tangent.mid()), float(one.features.mid())) for one in known]
    count, tangent, features = (np.array(column) for column in zip(*columns, strict=True))

    def plain() -> Any:
        def risk(log_time: float) -> float:
            falling = np.exp(-tangent * math.exp(log_time))
            return float((count * ((tangent**2 + features) * falling**2 + (1 - falling) ** 2 / 512)).sum())

        logs = np.linspace(-2, 10, 300)
        place = int(np.argmin([risk(log_time) for log_time in logs]))
        return minimize_scalar(risk, bounds=(logs[place - 1], logs[place + 1]), method="bounded").fun

    quantity = best_sphere_risk(128, 5, 1)
    found, answer = beside(benchmark, lambda: sphere_risk.INSTRUMENT.measure(quantity, {}, Budget(), Stream(0)), plain)
    assert abs(arb(answer) - found.value).lower() <= 1 - float((count * features).sum())


def test_kernel_flow(benchmark: Any) -> None:
    """24 tasks of 128 samples on S^5 followed for 200 steps: by eigenvectors, and step by step in NumPy."""
    rng = Stream(0).child(5).torch("cpu")
    task = learning_curves.posed(5, 128, 24, rng, "cpu", 128)
    networks = learning_curves.begun(learning_curves.Start.RANDOM, task, 256, rng, "cpu")

    def plain() -> Any:
        best = []
        seen, unseen = networks.outputs(task.x).double().numpy(), networks.outputs(task.unseen).double().numpy()
        for x, z, y, wanted, f, g in zip(task.x, task.unseen, task.y, task.target, seen, unseen, strict=True):
            x, z, y, wanted = (part.double().numpy() for part in (x, z, y, wanted))
            inner, outer = (np.clip(at @ x.T, -1, 1) for at in (x, z))
            inner, outer = ((np.sin(np.arccos(c)) + 2 * (np.pi - np.arccos(c)) * c) / np.pi / 128 for c in (inner, outer))
            least = math.inf
            for _ in range(201):
                least = min(least, float(((g - wanted) ** 2).mean()))
                error = f - y
                f, g = f - inner @ error, g - outer @ error
            best.append(least)
        return np.array(best)

    found, answer = beside(benchmark, lambda: learning_curves.best_kernel_errors(networks, task, 200).numpy(), plain)
    # looked at powers of 5/4 only, errors are never below those looked at after each step, but for rounding in single precision
    assert (found >= answer - 1e4 * np.finfo(np.float32).eps).all()


def test_the_exponent_of_labels(benchmark: Any) -> None:
    """1000 pictures of digits: kernel and eigenvectors, beside arccos on whole matrices and SciPy's eigh."""
    from scipy.linalg import eigh

    from lemmata.numerics.pictures import Pictures

    inputs, labels = label_smoothness.pictures_and_labels(Pictures.DIGITS, np.arange(1000))

    def plain() -> Any:
        lengths = np.linalg.norm(inputs, axis=1)
        cosine = np.clip(inputs @ inputs.T / np.outer(lengths, lengths), -1, 1)
        angle = np.arccos(cosine)
        values, vectors = eigh(np.outer(lengths, lengths) * (np.sin(angle) + 2 * (np.pi - angle) * cosine) / np.pi)
        coefficients = (vectors.T @ (labels - labels.mean(0))) ** 2
        tails = np.cumsum(coefficients.sum(1))[::-1] / 1000 / (1 - np.arange(1000) / 1000)
        return label_smoothness.slope(values[::-1] / 1000, tails)

    found, answer = beside(benchmark, lambda: label_smoothness.exponent(inputs, labels), plain)
    assert abs(found - answer) < 1e-4
