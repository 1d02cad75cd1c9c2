"""What a file of claims is called in a report, what is said before its claims, and in which part of the report it stands.

Title and introduction are those that the file gives itself: its docstring, read as text and never run.
"""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from functools import cache

LONGEST_TITLE = 70

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Random networks as kernels",
        ("relu", "erf", "kernels", "random_networks_as_kernels", "random_features", "deep_kernels", "code_listings"),
    ),
    (
        "Signals and gradients in wide random networks",
        ("signal_propagation", "finite_width", "depth", "backward", "deep_gradients"),
    ),
    (
        "Training in the kernel regime",
        (
            "tangent_kernel",
            "lazy_training",
            "every_width",
            "kernel_flow",
            "kernel_rates",
            "sphere_spectra",
            "cube_spectra",
            "sequence_model",
            "real_data",
        ),
    ),
    (
        "Gradients and gradient descent",
        (
            "losses_and_gradients",
            "backpropagation",
            "descent",
            "worst_cases",
            "momentum",
            "critical_points",
            "saddle_traps",
            "shallow_descent",
            "satisfiability",
        ),
    ),
    (
        "Linear networks",
        (
            "linear_networks",
            "near_identity",
            "near_identity_bounds",
            "linear_landscape",
            "convex_losses",
            "linear_dynamics",
            "linear_every_depth",
            "linear_flow_every_depth",
            "linear_polynomials",
            "linear_modes",
        ),
    ),
    (
        "Landscapes of nonlinear networks",
        ("nonlinear_networks", "memorisation", "loss_surfaces", "loss_spread", "spurious_minima", "mean_field", "paths", "connection"),
    ),
    (
        "Basins and decreasing paths",
        (
            "initial_loss",
            "initial_loss_by_signs",
            "decreasing_paths",
            "basins",
            "basin_laws",
            "basin_starts",
            "basin_clusters",
            "basin_programs",
        ),
    ),
)
"""The parts of a report on the register, each with its files in the order of reading."""

_ORDER = {stem: (number, index) for number, (_, stems) in enumerate(PARTS) for index, stem in enumerate(stems)}


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, and paragraphs as plain text."""

    title: str
    paragraphs: tuple[str, ...]


@cache
def heading(file: str) -> Heading:
    """The heading of a file: from its docstring where there is one, else from its name.

    >>> heading("/nowhere/my_claims.py")
    Heading(title='My claims', paragraphs=())
    """
    text = _docstring(file)
    if not text:
        return Heading(_from_name(file), ())
    first, *others = re.split(r"\n\s*\n", text)
    return Heading(_title(first) or _from_name(file), tuple(" ".join(part.split()) for part in (first, *others)))


def part_of(file: str) -> str:
    """The part of the report in which a file of the register stands; empty for any other file."""
    stem = _stem(file)
    return PARTS[_ORDER[stem][0]][0] if _in_register(file) and stem in _ORDER else ""


def place_in_report(file: str) -> tuple[int, int]:
    """Sorts files into the order of reading; those that are in no part come last, in the order given."""
    return _ORDER.get(_stem(file), (len(PARTS), 0)) if _in_register(file) else (len(PARTS), 0)


def _stem(file: str) -> str:
    return os.path.splitext(os.path.basename(file))[0]


def _in_register(file: str) -> bool:
    return os.path.basename(os.path.dirname(file)) == "register"


def _from_name(file: str) -> str:
    words = _stem(file).replace("_", " ").strip() or "Claims"
    return words[0].upper() + words[1:]


def _docstring(file: str) -> str:
    """The docstring of the file, or of the register's file of that name where the records were made on another machine."""
    here = os.path.join(os.path.dirname(os.path.dirname(__file__)), "verify", "register", os.path.basename(file))
    for path in (file, here) if _in_register(file) else (file,):
        try:
            with open(path, encoding="utf-8") as stream:
                return ast.get_docstring(ast.parse(stream.read())) or ""
        except (OSError, SyntaxError, ValueError):
            continue
    return ""


def _title(paragraph: str) -> str:
    """What stands before the first colon or full stop, or before the first comma, if that is short enough for a heading."""
    text = " ".join(paragraph.split())
    told = [re.split(marks, text, maxsplit=1)[0] for marks in (r"[:.](?:\s|$)", r"[:.,](?:\s|$)")]
    return next((title for title in told if 0 < len(title) <= LONGEST_TITLE), "")
