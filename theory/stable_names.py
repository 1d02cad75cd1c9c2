"""Names by which a user's function is known: equal in every process that imports its file, other when the file changes."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

PLAIN = (bool, int, float, complex, str, bytes, type(None))
"""Values that a function may hold and that are told apart by their text."""


def stable_name(function: Callable[..., Any], known: Mapping[str, Any]) -> str:
    """module:qualname:digest of the file's text, equal on every machine; what has that name already gets a digest of its own.

    `known` maps the names given so far to objects whose `function` has them. Two functions of one file may share a name (lambdas,
    a definition in a loop): they are told apart by their code, place, defaults and the plain values they close over. A second file
    of equal text gets its path hashed in. Raises ValueError for two that differ only in other things that they close over.

    >>> stable_name(stable_name, {}).split(":")[1]
    'stable_name'
    """
    home: Any = inspect.getmodule(function) or function
    try:
        text = inspect.getsource(home)
    except (OSError, TypeError):
        text = function.__code__.co_code.hex() + repr(function.__code__.co_names)
    name = f"{function.__module__}:{function.__qualname__}:{_digest(text)}"
    other = known.get(name)
    if other is not None and other.function.__code__.co_filename != function.__code__.co_filename:
        name = f"{name}.{_digest(function.__code__.co_filename)}"
        other = known.get(name)
    if other is not None and not _is_again(function, other.function) and _print_of(function) != _print_of(other.function):
        name = f"{name}.{_digest(_print_of(function))}"
        other = known.get(name)
    if other is not None and not _is_again(function, other.function):
        what = f"two functions named {function.__qualname__} differ only in objects that they close over"
        raise ValueError(f"{what}: give each a name of its own")
    return name


def short_name(name: str) -> str:
    """The function's own name out of a stable one.

    >>> short_name("a.b:outer.<locals>.event:1234")
    'event'
    """
    return name.split(":")[1].rsplit(".", 1)[-1] if ":" in name else name


def _is_again(function: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether a function is one that is known, or its file was imported again and this is what it became."""
    if function.__code__.co_filename != other.__code__.co_filename or _print_of(function) != _print_of(other):
        return False
    held = zip(_held(function), _held(other), strict=True)
    return function.__globals__ is not other.__globals__ or all(a is b or isinstance(a, PLAIN) for a, b in held)


def _print_of(function: Callable[..., Any]) -> str:
    """All that makes a function, as text: its line, its code and the plain values that it holds."""
    held = (repr(value) if isinstance(value, PLAIN) else type(value).__name__ for value in _held(function))
    return "\x1f".join((str(function.__code__.co_firstlineno), *_code(function.__code__), *held))


def _code(code: Any) -> list[str]:
    """The instructions of a code object and of those inside it, with their constants and names."""
    found = [code.co_code.hex(), repr(code.co_names)]
    for constant in code.co_consts:
        found += _code(constant) if inspect.iscode(constant) else [_text(constant)]
    return found


def _text(constant: Any) -> str:
    """A constant in text; sets in an order that does not change from one process to the next."""
    return repr(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)


def _held(function: Callable[..., Any]) -> list[Any]:
    """The defaults of a function and the values it closes over."""
    cells = function.__closure__ or ()
    named = function.__kwdefaults__ or {}
    return [*(function.__defaults__ or ()), *named.values(), *(_content(cell) for cell in cells)]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return "not yet bound"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
