"""SymPy expressions as NumPy functions over a batch; complex arguments are carried through for complex-step derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, ClassVar

import numpy as np
import scipy.special

from lemmata.numerics.compile import tape_matrices, tape_rules
from lemmata.numerics.compile.array_backend import ArrayBackend, in_blocks, large_batch
from lemmata.numerics.compile.numpy_plan import plan
from lemmata.numerics.compile.tape import Tape, record

assert tape_matrices and tape_rules


def compile_numpy(expr: Any, symbols: Sequence[Any]) -> Callable[..., np.ndarray]:
    """A function of arrays, one for each of `symbols` in order, to the array of an expression.

    Shapes and conventions are those of `compile_torch`. Real input gives float64 (float32 where all input is float32); complex
    input gives the analytic continuation (Max, Abs, sign and conditions follow the real part), so that Im f(x + ih)/h is the
    derivative without cancellation. What is undefined is nan, without a warning.

    Raises CannotEvaluate for what cannot be compiled.

    >>> from sympy import Symbol, tanh
    >>> x = Symbol("x", real=True)
    >>> compile_numpy(tanh(x), [x])(np.array([0.0, 1e-200j])).imag / 1e-200
    array([0., 1.])
    """
    tape = record(expr, list(symbols))
    planned = None if tape.matrix else plan(tape, NumpyBackend.functions)

    def evaluate(*values: Any) -> np.ndarray:
        given = [np.asarray(value) for value in values]
        given = [value if value.dtype.kind in "fc" else value.astype(np.float64) for value in given]
        backend = NumpyBackend(given)
        with np.errstate(all="ignore"):
            if planned is not None and (shape := large_batch(given)) is not None and len({(v.dtype, v.dtype.kind) for v in given}) == 1:
                if given[0].dtype.kind == "f":
                    return planned.play([v.reshape(-1) if v.shape == shape else v.reshape(()) for v in given], prod(shape)).reshape(shape)
            result = in_blocks(tape, given, lambda part, size: np.empty(size, part.dtype), play := _player(tape, backend))
            return play(given) if result is None else np.asarray(result)

    return evaluate


def _player(tape: Tape, backend: NumpyBackend) -> Callable[[list[np.ndarray]], np.ndarray]:
    def play(values: list[np.ndarray]) -> np.ndarray:
        result: np.ndarray = backend.finish(tape, tape.play(backend, values), values)
        return result

    return play


def _abs(x: np.ndarray) -> np.ndarray:
    return np.where(x.real < 0, -x, x) if np.iscomplexobj(x) else np.abs(x)


def _on_real_part(function: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: function(x.real)


def _sinc(x: np.ndarray) -> np.ndarray:
    return np.where(x == 0, 1.0, np.sin(x) / np.where(x == 0, 1.0, x))


class NumpyBackend(ArrayBackend):
    """Tapes on NumPy arrays."""

    xp: ClassVar[Any] = np
    functions: ClassVar[Mapping[str, Callable[..., Any]]] = {
        **{name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
        **{f"a{name}": getattr(np, f"arc{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
        **{name: getattr(scipy.special, name) for name in ("erf", "erfc", "erfi", "erfinv", "gamma", "digamma", "zeta", "beta")},
        "Abs": _abs,
        "sign": _on_real_part(np.sign),
        "floor": _on_real_part(np.floor),
        "ceiling": _on_real_part(np.ceil),
        "loggamma": lambda x: scipy.special.loggamma(x) if np.iscomplexobj(x) else scipy.special.gammaln(x),
        "digamma": scipy.special.psi,
        "polygamma": lambda n, x: scipy.special.polygamma(n, x),
        "zeta": lambda s, a=1.0: scipy.special.zeta(s, a),
        "sinc": _sinc,
        "atan2": np.arctan2,
        "besselj": scipy.special.jv,
        "bessely": scipy.special.yv,
        "besseli": scipy.special.iv,
        "besselk": scipy.special.kv,
        "uppergamma": lambda s, x: scipy.special.gammaincc(s, x) * scipy.special.gamma(s),
        "lowergamma": lambda s, x: scipy.special.gammainc(s, x) * scipy.special.gamma(s),
        "logistic": scipy.special.expit,
        "softplus": lambda u: np.logaddexp(u, np.zeros_like(u)),
    }

    def __init__(self, values: Sequence[np.ndarray]) -> None:
        single = bool(values) and all(value.dtype in (np.float32, np.complex64) for value in values)
        self.dtype = np.dtype(np.float32 if single else np.float64)

    def array(self, value: Any) -> np.ndarray:
        return np.asarray(value, dtype=self.dtype) if isinstance(value, (float, int, list)) else np.asarray(value)

    def is_complex(self, value: Any) -> bool:
        return np.iscomplexobj(value)

    def from_truth(self, payload: None, condition: Any) -> np.ndarray:
        return np.asarray(condition).astype(self.dtype)

    def detach(self, value: Any) -> np.ndarray:
        return value

    def expand(self, value: Any, shape: tuple[int, ...]) -> np.ndarray:
        return np.broadcast_to(value, shape)

    def extreme(self, left: Any, right: Any, largest: bool) -> np.ndarray:
        return np.maximum(left, right) if largest else np.minimum(left, right)
