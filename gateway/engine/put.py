"""Puts new texts into a walked body, and takes them out again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.engine.numerals import Numeral, written
from gateway.engine.walk import Place

Undo = list[tuple[Any, Any]]

_NOT_IN_IDENTIFIERS: Final = re.compile(r"[^\w-]+", re.ASCII)
_LONGEST_IDENTIFIER: Final = 64


def put(changes: Sequence[tuple[Place, str | Numeral]], dropped: Iterable[tuple[dict[str, Any], str]] = ()) -> Undo:
    """Put each text in its place, and drop what repeats text. Returns what `restore` needs."""
    undo: Undo = []
    for place, _ in changes:
        _save(place.container, undo)
        if place.embedded is not None:
            _save(place.embedded.container, undo)
    for place, text in changes:
        if not place.is_name:
            _set(place, text)
    for place, text in changes:
        if place.is_name and isinstance(text, str):
            _rename(place.container, place.key, text)
    for embedded in {place.embedded for place, _ in changes if place.embedded is not None}:
        embedded.container[embedded.key] = written(embedded.root[0])
    for container, key in dropped:
        _save(container, undo)
        container.pop(key, None)
    return undo


def restore(undo: Undo) -> None:
    """Bring the body back to what was read."""
    for container, before in reversed(undo):
        if type(container) is dict:
            container.clear()
            container.update(before)
        else:
            container[:] = before


def _save(container: Any, undo: Undo) -> None:  # noqa: ANN401 - a value out of JSON
    undo.append((container, container.copy()))


def _set(place: Place, text: str | Numeral) -> None:
    if isinstance(text, str) and place.rule is not None and place.rule.form == "identifier":
        text = _NOT_IN_IDENTIFIERS.sub("_", text).strip("_")[:_LONGEST_IDENTIFIER]
        if not text:
            place.container.pop(place.key, None)
            return
    place.container[place.key] = text


def _rename(container: dict[str, Any], name: str, new: str) -> None:
    """Give a field another name, in its place; two that would get the same name are told apart."""
    items = list(container.items())
    while new in container:
        new += "_"
    container.clear()
    container.update({new if key == name else key: value for key, value in items})
