"""Puts new texts into a walked body, and takes them out again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.engine.names import FieldNames
from gateway.engine.numerals import Numeral, written
from gateway.engine.walk import Place

Undo = list[tuple[Any, Any]]

_NOT_IN_IDENTIFIERS: Final = re.compile(r"[^\w-]+", re.ASCII)
_LONGEST_IDENTIFIER: Final = 64


def put(changes: Sequence[tuple[Place, str | Numeral]], dropped: Iterable[tuple[dict[str, Any], str]] = ()) -> Undo:
    """Put each text in its place, and drop what repeats text. Returns what `restore` needs.

    Time grows linearly with the changes, however many of them lie in one list or object.
    """
    embedded = {place.embedded for place, _ in changes if place.embedded is not None}
    gone = list(dropped)
    touched = [
        *(place.container for place, _ in changes),
        *(one.container for one in embedded),
        *(one for one, _ in gone),
    ]
    undo = [(container, container.copy()) for container in {id(one): one for one in touched}.values()]
    renamed: dict[int, tuple[dict[str, Any], dict[str, str]]] = {}
    for place, text in changes:
        if not place.is_name:
            _set(place, text)
        elif isinstance(text, str):
            renamed.setdefault(id(place.container), (place.container, {}))[1][place.key] = text
    for container, names in renamed.values():
        _rename(container, names)
    for one in embedded:
        one.container[one.key] = written(one.root[0]).decode()
    for container, key in gone:
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


def _set(place: Place, text: str | Numeral) -> None:
    if isinstance(text, str) and place.rule is not None and place.rule.form == "identifier":
        text = _NOT_IN_IDENTIFIERS.sub("_", text).strip("_")[:_LONGEST_IDENTIFIER]
        if not text:
            place.container.pop(place.key, None)
            return
    place.container[place.key] = text


def _rename(container: dict[str, Any], names: Mapping[str, str]) -> None:
    """Give fields other names, in their places; those that would get the same name are told apart."""
    items = list(container.items())
    told_apart = FieldNames(container.keys() - names.keys())
    container.clear()
    for name, value in items:
        container[told_apart.given(names[name]) if name in names else name] = value
