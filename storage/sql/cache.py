"""A bounded map that forgets what has not been used for longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Keeps the values used last. Safe to use from several threads."""

    def __init__(self, size: int) -> None:
        """Keep at most `size` values."""
        self._size = size
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._banned: OrderedDict[Key, None] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """Return the value, or None if it is not kept."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, unless it was banned."""
        with self._lock:
            if key in self._banned:
                return
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)

    def take(self, key: Key) -> Value | None:
        """Return the value and forget it."""
        with self._lock:
            return self._values.pop(key, None)

    def ban(self, keys: Iterable[Key]) -> None:
        """Forget values, and do not take them again from a thread that had read them before."""
        with self._lock:
            for key in keys:
                self._values.pop(key, None)
                self._banned[key] = None
            while len(self._banned) > self._size:
                self._banned.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()
