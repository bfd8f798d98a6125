"""Identifiers in their canonical form, so that a session is found by a number however it was typed.

    PHONE               E.164, such as +4935148157720; the channel's `region` where no country is said
    EMAIL               small letters, the domain as in the DNS (IDNA)
    CUSTOMER_NO, other  as the channel's `normalise` says: letters and figures in capitals (otherwise), figures
                        alone, or all of it

What does not fit its form is not indexed. Dictated numbers ("null eins sieben ...") are read as figures first. Only
what the notice lists under `index` is looked at, and only in the customer's own turns, in who writes a ticket, and in
the number of a caller.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import idna
import phonenumbers

from gateway.notice.channel import Channel
from redaction.findings import EntityType
from redaction.normalise import fold
from redaction.spoken import runs, spoken_languages
from storage.records import Identifier

_WORD: Final = re.compile(r"\w+")
_BLANK: Final = re.compile(r"\s")
_LONGEST: Final = 320


class Index:
    """What of a channel's turns is indexed."""

    def __init__(self, channel: Channel) -> None:
        """Take the channel's rules."""
        self._kinds = frozenset(EntityType(kind) for kind in channel.index)
        self._region = channel.region
        self._normalise = {EntityType(kind): form for kind, form in channel.normalise.items()}

    def identifiers(self, values: Iterable[tuple[EntityType, str]]) -> tuple[Identifier, ...]:
        """Return those of the values found in a turn that are indexed, each once."""
        if not self._kinds:
            return ()
        found = (self.identifier(kind, value) for kind, value in values)
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def identifier(self, kind: EntityType, value: str) -> Identifier | None:
        """Return a value in its canonical form; None if its kind is not indexed here, or it has no such form."""
        if kind not in self._kinds or len(value) > _LONGEST:
            return None
        match kind:
            case EntityType.PHONE:
                canonical = self._phone(value)
            case EntityType.EMAIL:
                canonical = _email(value)
            case _:
                canonical = self._number(kind, value)
        return Identifier(kind.value, canonical) if canonical else None

    def _phone(self, value: str) -> str | None:
        text = _read(value).strip()
        text = "+" + text.removeprefix("00") if text.startswith("00") else text
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException:
            return None
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            return None  # also one that lacks its area code
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _number(self, kind: EntityType, value: str) -> str:
        form = self._normalise.get(kind, "alphanumeric")
        if form == "exact":
            return value.strip()
        kept = str.isdigit if form == "digits" else str.isalnum
        return "".join(filter(kept, _read(value))).upper()


def _read(value: str) -> str:
    """Return a value in ASCII, with figures for what was dictated."""
    folded = fold(value)
    words = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(folded.lower)]
    said = [run for code in spoken_languages([word for _, _, word in words]) for run in runs(words, code)]
    dictated = max(said, key=lambda run: run.digits, default=None)
    if dictated is None or dictated.digits <= sum(map(str.isdigit, folded.lower)):
        return folded.cased
    return dictated.text


def _email(value: str) -> str | None:
    local, at, domain = unicodedata.normalize("NFKC", value).strip().lower().rpartition("@")
    if not local or not at or _BLANK.search(local):
        return None
    try:
        return f"{local}@{idna.encode(domain.rstrip('.'), uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return None
