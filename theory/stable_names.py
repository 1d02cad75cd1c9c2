"""Names by which a user's function is known: equal in every process that imports its file, other when the file changes."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any


def stable_name(function: Callable[..., Any], known: Mapping[str, Any]) -> str:
    """module:qualname:digest of the file's text, equal on every machine; a second file of equal text gets its path hashed in.

    `known` maps the names given so far to objects whose `function` has them.

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
    return name


def short_name(name: str) -> str:
    """The function's own name out of a stable one.

    >>> short_name("a.b:outer.<locals>.event:1234")
    'event'
    """
    return name.split(":")[1].rsplit(".", 1)[-1] if ":" in name else name


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
