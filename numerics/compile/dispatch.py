"""Functions by class of node: the rule of the nearest base class, looked up once a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

Way = TypeVar("Way", bound=Callable[..., Any])


class ByClass(Generic[Way]):
    """A table from classes to functions; a class without an entry takes that of its nearest base class.

    >>> table: ByClass = ByClass()
    >>> @table.rule(int)
    ... def whole(node): return "a whole number"
    >>> table.nearest(bool)(True), table.nearest(str)
    ('a whole number', None)
    """

    def __init__(self) -> None:
        self._ways: dict[type, Way] = {}
        self._resolved: dict[type, Way | None] = {}

    def rule(self, *kinds: type) -> Callable[[Any], Any]:
        """Register a function as the way to treat nodes of these classes (subclasses included)."""

        def register(way: Any) -> Any:
            self.add(kinds, way)
            return way

        return register

    def add(self, kinds: Iterable[type], way: Way) -> None:
        """Register one function for several classes."""
        self._ways.update(dict.fromkeys(kinds, way))
        self._resolved.clear()

    def nearest(self, kind: type) -> Way | None:
        """The function for a class, or None."""
        if kind not in self._resolved:
            self._resolved[kind] = next((self._ways[base] for base in kind.__mro__ if base in self._ways), None)
        return self._resolved[kind]

    def __len__(self) -> int:
        return len(self._ways)
