"""Experiments: random quantities that only code can draw, as nodes of a statement.

A function that draws samples becomes a constructor of random expressions; the node knows the function by a stable name
alone, so that theory holds no tensor library and a worker that re-imports the claim finds the same function again.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import update_wrapper
from typing import Any, Self, overload

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.printing.notation import function_name
from lemmata.theory.quantity import RandomQuantity, random_symbols
from lemmata.theory.stable_names import short_name, stable_name

_REGISTRY: dict[str, Experiment] = {}
_RESERVED = ("size", "rng", "device")

BLOCK = 2**10
"""Samples asked of an experiment at a time where it does not say: what one of them takes in memory is not known."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the author of an experiment vouches for: each a number (bounds: a pair), a function of the parameters, or None.

    bounds         low <= X <= high
    variance       Var X <= variance
    second_moment  E X^2 <= second_moment
    fourth_moment  E X^4 <= fourth_moment
    """

    bounds: Any = None
    variance: Any = None
    second_moment: Any = None
    fourth_moment: Any = None

    def at(self, name: str, parameters: tuple[Any, ...]) -> Declared:
        """The numbers at these values of the parameters; raises ValueError for what is no bound, naming the experiment.

        >>> Declared(bounds=lambda n: (0, n), variance=2).at("draw", (3,))
        Declared(bounds=(0.0, 3.0), variance=2.0, second_moment=None, fourth_moment=None)
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        numbers = {key: value(*parameters) if callable(value) else value for key, value in values.items()}
        bounds, moments = numbers.pop("bounds"), numbers
        return Declared(_range(name, bounds), **{key: _moment(name, key, value) for key, value in moments.items()})


def _range(name: str, bounds: Any) -> tuple[float, float] | None:
    if bounds is None:
        return None
    try:
        low, high = (float(end) for end in bounds)
    except (TypeError, ValueError):
        raise ValueError(f"the experiment {name} declares bounds={bounds!r}: give two numbers, (low, high)") from None
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"the experiment {name} declares bounds=({low:g}, {high:g}): give finite numbers, low <= high")
    return low, high


def _moment(name: str, key: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"the experiment {name} declares {key}={value!r}: give a number or a function of the parameters") from None
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"the experiment {name} declares {key}={number:g}: give a finite number that is not negative")
    return number


class Draw(RandomQuantity):
    """One draw of an experiment: `Draw(key, *parameters)`.

    Equal arguments are the same draw, different ones are independent. Made by calling an `Experiment`, never by hand.
    """

    def __new__(cls, key: Any, *parameters: Any) -> Self:
        marker = key if isinstance(key, Str) else Str(str(key))
        values = [sp.sympify(parameter, strict=True) for parameter in parameters]
        for value in values:
            if random_symbols(value):
                raise TypeError(
                    f"{short_name(marker.name)} was given the random parameter {value}: parameters of an experiment are not random"
                )
        return sp.Expr.__new__(cls, marker, *values)

    @property
    def key(self) -> str:
        """The stable name of the experiment."""
        marker: Any = self.args[0]
        return str(marker.name)

    @property
    def parameters(self) -> tuple[Any, ...]:
        """What the experiment was called with, as SymPy objects."""
        return tuple(self.args[1:])

    @property
    def label(self) -> str:
        """The function's own name, for people."""
        return short_name(self.key)

    def experiment(self) -> Experiment:
        """The experiment that draws this node; raises LookupError when its file has not been imported here."""
        found = _REGISTRY.get(self.key)
        if found is None:
            raise LookupError(f"the experiment {self.label} is not known here: import the file that defines it")
        return found

    def _sympystr(self, printer: Any) -> str:
        return f"{self.label}({', '.join(printer._print(value) for value in self.parameters)})"

    _sympyrepr = _sympystr

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = ", ".join(printer._print(value) for value in self.parameters)
        text = function_name(self.label) + (rf"\left({inner}\right)" if inner else "")
        return text if exp is None else rf"{text}^{{{exp}}}"


class Experiment:
    """What `@experiment` makes of a function: call it with parameters to get its draw as a random expression."""

    def __init__(self, function: Callable[..., Any], declares: Declared | None = None, block: int = BLOCK) -> None:
        self.function = function
        self.declares = declares or Declared()
        self.block = block
        self.signature = _parameters(function)
        self.key = stable_name(function, _REGISTRY)
        update_wrapper(self, function)
        _REGISTRY[self.key] = self

    def __call__(self, *args: Any, **kwargs: Any) -> Draw:
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"experiment {short_name(self.key)}: {error}") from None
        bound.apply_defaults()
        return Draw(self.key, *bound.args)

    def sample(self, parameters: tuple[Any, ...], *, size: int, rng: Any, device: str) -> Any:
        """Whatever the function returns for these parameter values; checking it is the instrument's part."""
        return self.function(*parameters, size=size, rng=rng, device=device)

    def declared(self, parameters: tuple[Any, ...]) -> Declared:
        """What is declared of the samples at these parameter values, as numbers; raises ValueError for what is no bound."""
        return self.declares.at(short_name(self.key), parameters)

    def __repr__(self) -> str:
        return f"<experiment {short_name(self.key)}>"


@overload
def experiment(function: Callable[..., Any], /) -> Experiment:
    """Plain `@experiment`."""


@overload
def experiment(
    *, bounds: Any = None, variance: Any = None, second_moment: Any = None, fourth_moment: Any = None, block: int = BLOCK
) -> Callable[[Callable[..., Any]], Experiment]:
    """With what is certain of its samples."""


def experiment(
    function: Callable[..., Any] | None = None,
    /,
    *,
    bounds: Any = None,
    variance: Any = None,
    second_moment: Any = None,
    fourth_moment: Any = None,
    block: int = BLOCK,
) -> Any:
    """Make a random quantity of a function that draws it.

    The function takes its parameters by position and `size`, `rng`, `device` by keyword, and returns `size` samples: a
    tensor of shape (size,) on that device, drawn with the Torch generator `rng` alone; booleans count as 0 and 1.
    Integer parameters arrive as int, other numbers as float, matrices as float64 tensors. Called with numbers or
    symbols it gives a random expression, to be used as those of `sympy.stats`. Raises TypeError where the function does
    not take the three keywords, ValueError for a declaration that is no bound and a block that is no number of samples.

    What a function may return is known to nobody but its samples, and no finite number of them bounds a mean: a value
    of 1e9 with probability 1e-9 is missed. For booleans nothing more is needed. For other values say what is certain,
    `@experiment(bounds=(low, high))`, `variance=`, `second_moment=` (E X^2 at most that) or `fourth_moment=`, each a number or
    a function of the parameters; verdicts list it among what they assume, and samples out of bounds are an error.

    `size` is at most `block` where means are sampled, but for a pilot run of 2**10: what draws small things in microseconds is faster
    with `block=2**14`, what fills the memory with less.

    >>> from sympy import Symbol
    >>> from sympy.stats import Expectation, Probability
    >>> @experiment
    ... def largest(n, *, size, rng, device):
    ...     import torch
    ...     return torch.rand(size, n, generator=rng, device=device).amax(1)
    >>> n = Symbol("n", integer=True, positive=True)
    >>> 1 - Expectation(largest(n))
    1 - Expectation(largest(n))
    >>> Probability(largest(3) < 1)
    Probability(largest(3) < 1)
    >>> largest(2) == largest(2), largest(2) == largest(3)
    (True, False)
    >>> @experiment(bounds=(0, 1))
    ... def share(n, *, size, rng, device):
    ...     import torch
    ...     return torch.rand(size, n, generator=rng, device=device).amin(1)
    >>> share.declared((3,)).bounds
    (0.0, 1.0)
    """
    declares = Declared(bounds, variance, second_moment, fourth_moment)
    if isinstance(block, bool) or not isinstance(block, int) or block < 1:
        raise ValueError(f"block is how many samples are asked for at a time: a whole number, at least 1, not {block!r}")

    def make(of: Callable[..., Any]) -> Experiment:
        constants = Declared(*(None if callable(value) else value for value in (bounds, variance, second_moment, fourth_moment)))
        constants.at(getattr(of, "__name__", repr(of)), ())
        return Experiment(of, declares, block)

    return make if function is None else make(function)


def _parameters(function: Callable[..., Any]) -> inspect.Signature:
    """The signature without size, rng, device; raises TypeError when one of them is missing."""
    signature = inspect.signature(function)
    missing = [name for name in _RESERVED if name not in signature.parameters]
    if missing:
        name = getattr(function, "__name__", repr(function))
        raise TypeError(f"the experiment {name} does not take {', '.join(missing)}: write def {name}(..., *, size, rng, device)")
    kept = [parameter for name, parameter in signature.parameters.items() if name not in _RESERVED]
    for parameter in kept:
        if parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD):
            raise TypeError(f"the parameter {parameter.name} of an experiment must be positional, so that equal calls are the same draw")
    return signature.replace(parameters=kept, return_annotation=inspect.Signature.empty)
