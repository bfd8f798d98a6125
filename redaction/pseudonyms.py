"""One session's pseudonyms: value -> ``<PERSON_1>`` and back.

The same value gets the same number whatever its case, spacing or accents (a password only as it is);
a person keeps one number whether called by given name, family name or both; a number keeps it with or
without country prefix.
"""

# ruff: noqa: E501 - a set of kinds reads best in a row

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redaction.errors import PseudonymTableError
from redaction.findings import EntityType
from redaction.normalise import identity, is_part

if TYPE_CHECKING:
    from collections.abc import Container

_FORMAT = 1
_SUBSCRIBER_DIGITS = 9
_NUMBERS = frozenset({EntityType.IBAN, EntityType.CARD, EntityType.NATIONAL_ID, EntityType.DEVICE_ID, EntityType.CUSTOMER_NO,
                      EntityType.MAC, EntityType.PLATE, EntityType.PHONE})  # fmt: skip
_ENDINGS = ("owi", "iem", "em", "a", "e", "y", "s")
_SHORTEST_STEM = 4
LONGEST_PLACEHOLDER = 32
"""No placeholder is longer than this."""


@dataclass
class _Entry:
    type: EntityType
    number: int
    value: str
    keys: set[str] = field(default_factory=set)

    @property
    def placeholder(self) -> str:
        return f"<{self.type}_{self.number}>"


class Pseudonyms:
    """A session's table. Mutable; never shared between sessions; its text form is secret and is sealed by the store."""

    def __init__(self) -> None:
        """Make an empty table."""
        self._entries: list[_Entry] = []
        self._by_key: dict[tuple[EntityType, str], _Entry] = {}
        self._by_placeholder: dict[str, _Entry] = {}
        self._counts: Counter[EntityType] = Counter()
        self._numbers: dict[tuple[str, str], str] = {}
        self._version = 0
        self._first = 1

    def __len__(self) -> int:
        """Returns how many values have a stand-in."""
        return len(self._entries)

    def __repr__(self) -> str:
        """Returns the size only: a table must not be printed by accident."""
        return f"<Pseudonyms: {len(self)} entries>"

    @property
    def version(self) -> int:
        """A count that grows with each change, for "is it durable yet"."""
        return self._version

    def placeholders(self) -> frozenset[str]:
        """Returns every placeholder of the session."""
        return frozenset(self._by_placeholder)

    def values(self) -> tuple[tuple[EntityType, str], ...]:
        """Returns kind and value of every entry."""
        return tuple((entry.type, entry.value) for entry in self._entries)

    def number_from(self, first: int) -> None:
        """Number what is new from ``first`` on: in a table that is not kept, so that another's numbers mean nothing else."""
        self._first = first

    def stand_in(self, type: EntityType, value: str) -> str:  # noqa: A002
        """Returns the placeholder of ``value``, a new one where it has none yet."""
        keys = _keys(type, value)
        entries = [self._by_key[type, key] for key in (*keys, " ".join(keys)) if (type, key) in self._by_key]
        entry = next((one for one in entries if type is not EntityType.PERSON or _one_person(one, keys)), None)
        if entry is None:
            entry = self._add(type, value)
            self._version += 1
        if type is EntityType.PERSON and len(keys) > len(_keys(type, entry.value)):
            entry.value = value
            self._version += 1
        self._learn(entry, [*keys, " ".join(keys)])
        return entry.placeholder

    def _add(self, type: EntityType, value: str) -> _Entry:  # noqa: A002
        """Adds an entry with its kind's next number."""
        self._counts[type] = max(self._counts[type] + 1, self._first)
        entry = _Entry(type, self._counts[type], value)
        self._entries.append(entry)
        self._by_placeholder[entry.placeholder] = entry
        return entry

    def _learn(self, entry: _Entry, keys: list[str]) -> None:
        for key in keys:
            if key and (entry.type, key) not in self._by_key:
                self._by_key[entry.type, key] = entry
                entry.keys.add(key)
                self._version += 1

    def restore(self, text: str, *, only: Container[str] | None = None) -> str:
        """Returns ``text`` with the session's placeholders turned back into values.

        Args:
            text: any text; what looks like a placeholder and is none of this session stays.
            only: the placeholders that may be restored; None for all of the session's.
        """
        pieces, place = [], 0
        while (start := text.find("<", place)) >= 0:
            end = text.find(">", start, start + LONGEST_PLACEHOLDER)
            found = text[start : end + 1] if end > 0 else ""
            entry = self._by_placeholder.get(found)
            if entry is None or (only is not None and found not in only):
                pieces.append(text[place : start + 1])
                place = start + 1
                continue
            pieces += [text[place:start], entry.value]
            place = end + 1
        pieces.append(text[place:])
        return "".join(pieces)

    def value(self, placeholder: str) -> str | None:
        """Returns the value behind ``placeholder``; None where this session has none."""
        entry = self._by_placeholder.get(placeholder)
        return None if entry is None else entry.value

    @property
    def has_numbers(self) -> bool:
        """Whether a placeholder stands for what was written as a number of JSON."""
        return bool(self._numbers)

    def note_number(self, placeholder: str, field: str, number: str) -> None:
        """Remember that in the field of this name ``placeholder`` stands for a number, written like this."""
        if (placeholder, field) not in self._numbers:
            self._numbers[placeholder, field] = number
            self._version += 1

    def number(self, placeholder: str, field: str) -> str | None:
        """Returns the number that ``placeholder`` stands for in the field of this name; None where it is none."""
        return self._numbers.get((placeholder, field))

    def to_json(self) -> bytes:
        """Returns the table as JSON (UTF-8); secret."""
        rows = [[entry.type, entry.value, sorted(entry.keys)] for entry in self._entries]
        numbers = [[*where, number] for where, number in self._numbers.items()]
        table = {"format": _FORMAT, "version": self._version, "entries": rows, "numbers": numbers}
        return json.dumps(table, ensure_ascii=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Pseudonyms:
        """Returns the table that ``to_json`` wrote.

        Raises:
            PseudonymTableError: the bytes are no such table.
        """
        table = cls()
        try:
            content = json.loads(data)
            if content["format"] != _FORMAT:
                raise PseudonymTableError("a pseudonym table of another format; migrate it")
            for kind, value, keys in content["entries"]:
                entry = table._add(EntityType(kind), str(value))
                table._learn(entry, [str(key) for key in keys])
            for placeholder, field_name, number in content.get("numbers", ()):
                table.note_number(str(placeholder), str(field_name), str(number))
            table._version = int(content["version"])
        except (ValueError, KeyError, TypeError):
            raise PseudonymTableError("these bytes are no pseudonym table") from None
        return table


def _keys(type: EntityType, value: str) -> list[str]:  # noqa: A002
    """Returns the forms by which a value is known again; for a person one for each word of the name."""
    if type is EntityType.PASSWORD:
        return [value]
    folded = identity(value)
    if type is EntityType.PERSON:
        words = "".join(
            character if is_part(character) else " " for character in folded.replace("'s", " ").replace("'", "")
        ).split()
        return [_stem(word) for word in words if len(word) > 1] or words
    if type in _NUMBERS:
        compact = "".join(filter(is_part, folded))
        if type is EntityType.PHONE and compact.isdigit() and len(compact) >= _SUBSCRIBER_DIGITS:
            return [compact[-_SUBSCRIBER_DIGITS:]]
        return [compact or folded]
    return [" ".join(folded.split())]


def _stem(word: str) -> str:
    """Returns a name without a case ending (``Kowalskis``, ``Aneta``/``Anety``), if enough of it is left."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def _one_person(entry: _Entry, keys: list[str]) -> bool:
    """Tells whether a name can be the entry's person: it adds words or leaves some out, but contradicts none."""
    known = set(_keys(EntityType.PERSON, entry.value))
    return known <= set(keys) or set(keys) <= known
