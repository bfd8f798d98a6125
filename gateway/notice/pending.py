"""What a notice may say already, though nothing acts on it yet: the one list of it.

`sordino check` names each place, `sordino serve` warns, and `docs/notice.md` has the list as a table. What comes
into effect leaves the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.notice.model import Notice
from gateway.notice.source import Where


@dataclass(frozen=True, slots=True)
class Pending:
    """A field that is read and not acted on: `*` in its place stands for any name; without values, all are meant."""

    place: str
    meanwhile: str
    values: frozenset[str] = frozenset()


PENDING: Final[tuple[Pending, ...]] = ()


def pending(notice: Notice, entries: Iterable[Pending] = PENDING) -> Iterator[tuple[Where, str]]:
    """Yield the place of each field that nothing acts on yet, and what happens meanwhile."""
    for entry in entries:
        for where, value in _found(notice, tuple(entry.place.split(".")), ()):
            if value in entry.values if entry.values else value:
                yield where, entry.meanwhile


def _found(value: object, steps: Where, where: Where) -> Iterator[tuple[Where, object]]:
    if not steps:
        yield where, value
        return
    step, left = steps[0], steps[1:]
    if not isinstance(value, Mapping):
        yield from _found(getattr(value, str(step)), left, (*where, step))
        return
    for name, below in value.items():
        if step in {"*", name}:
            yield from _found(below, left, (*where, str(name)))
