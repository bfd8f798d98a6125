"""Parts of sentences that both texts need: periods, legal bases, wordings in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gateway.notice.channel import Channel
from gateway.notice.model import DeletionRule, Notice
from gateway.rendering.words.model import NoticeWords
from storage.records import PartKind

_PERIOD: Final = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII
)
_DAYS_A_WEEK: Final = 7


def length(period: str, words: NoticeWords) -> str:
    """Return an ISO 8601 period in words, such as "1 year and 6 months"; a week is told as its days."""
    match = _PERIOD.fullmatch(period)
    years, months, weeks, days, *clock = (int(number or 0) for number in (match.groups() if match else ()))
    units = words.units
    named = (units.years, units.months, units.days, units.hours, units.minutes, units.seconds)
    numbers = (years, months, weeks * _DAYS_A_WEEK + days, *clock)
    return units.joined.join(
        one if number == 1 else many.format(number)
        for number, (one, many) in zip(numbers, named, strict=True)
        if number
    )


def period(rule: DeletionRule, words: NoticeWords) -> str:
    """Return what a deletion class says, such as "30 days from the first message"."""
    text = f"{length(rule.period, words)} {words.starts[rule.start]}"
    return text if rule.round_to is None else f"{text} ({words.year_end})"


def basis(name: str, words: NoticeWords) -> str:
    """Return a legal basis (`A6-1-f`) in words."""
    return words.bases.get(name) or words.bases["A9"].format(name[-1])


def wording(text: Mapping[str, str] | str | None, notice: Notice, words: NoticeWords) -> str:
    """Return a text in the reader's language, or in the notice's own where it has no other; without text, nothing."""
    if not text:
        return ""
    return notice.wording(text if isinstance(text, str) else dict(text), words.language)


def missing_wordings(notice: Notice, language: str) -> tuple[str, ...]:
    """Return the places of the notice that have wordings, but none in this language."""
    places: dict[str, Mapping[str, str] | str | None] = {"text": notice.text}
    for name, purpose in notice.purposes.items():
        places[f"purposes.{name}.interest"] = purpose.interest
        places[f"purposes.{name}.description"] = purpose.description
    for index, recipient in enumerate(notice.recipients):
        for name in ("name", "categories", "country", "safeguard"):
            places[f"recipients[{index}].{name}"] = getattr(recipient, name)
    places |= {f"consents.{name}.ask": consent.ask for name, consent in notice.consents.items()}
    for name, channel in notice.channels.items():
        if channel.tell is not None:
            places[f"channels.{name}.tell.ai_disclosure"] = channel.tell.ai_disclosure
    return tuple(place for place, text in places.items() if isinstance(text, Mapping) and language not in text)


def purpose_name(name: str, notice: Notice, words: NoticeWords) -> str:
    """Return a purpose in words for customers; its name in the file where it has none."""
    return wording(notice.purposes[name].description, notice, words) or name


def kept_rows(channel: Channel, notice: Notice, words: NoticeWords) -> tuple[tuple[str, str, str, str], ...]:
    """Return what a channel keeps: part, purpose, legal basis, period; one row for each assignment."""
    return tuple(
        (
            words.parts[kind],
            purpose_name(purpose, notice, words),
            basis(notice.purposes[purpose].legal_basis, words),
            period(notice.deletion_classes[rule], words),
        )
        for kind, assignments in channel.keep.items()
        for purpose, rule in assignments.items()
    )


def consents_of(channel: Channel, notice: Notice) -> tuple[str, ...]:
    """Return the consents on which something that the channel keeps rests, in the order of the file."""
    used = {notice.purposes[purpose].consent for purposes in channel.keep.values() for purpose in purposes}
    return tuple(name for name in notice.consents if name in used)


def kinds_of(channel: Channel, words: NoticeWords) -> tuple[str, ...]:
    """Return the kinds of data that a channel keeps or asks for, in words."""
    asked = tuple(words.types[kind.value] for kind in channel.asks_for)
    return tuple(words.parts[kind] for kind in PartKind if kind in channel.keep) + asked
