"""Parts of sentences that both texts need: periods, legal bases, wordings in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from gateway.notice.channel import Channel
from gateway.notice.model import WORDINGS, DeletionRule, Notice
from gateway.rendering.words.model import NoticeWords
from storage.records import PartKind, StartEvent

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


def full_period(rule: DeletionRule, words: NoticeWords) -> str:
    """Return what a deletion class says, and when a part goes whose event does not come (`maximum_open`)."""
    told = period(rule, words)
    if rule.start is StartEvent.COLLECTION:
        return told
    return words.waits_for.format(told, length(rule.maximum_open, words))


def named_uses(names: Iterable[str], words: NoticeWords) -> str:
    """Return uses that are ruled out, in words where the language has them."""
    return ", ".join(words.uses.get(name, name) for name in names)


def part_name(kind: PartKind, channel: Channel, words: NoticeWords) -> str:
    """Return what a part is; who got in touch is known by other data in a call than in a letter."""
    return words.connections[channel.kind] if kind is PartKind.CONNECTION else words.parts[kind]


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
    places: dict[str, Mapping[str, str] | str | None] = {
        **{name: getattr(notice, name) for name in WORDINGS},
        "rights.authority": notice.rights.authority,
    }
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
        if channel.call is not None and channel.call.survey is not None:
            survey = channel.call.survey
            places[f"channels.{name}.call.survey.invite"] = survey.invite
            for question, asked in survey.questions.items():
                places[f"channels.{name}.call.survey.questions.{question}.ask"] = asked.ask
    return tuple(place for place, text in places.items() if isinstance(text, Mapping) and language not in text)


def purpose_name(name: str, notice: Notice, words: NoticeWords) -> str:
    """Return a purpose in words for customers; its name in the file where it has none."""
    return wording(notice.purposes[name].description, notice, words) or name


def kept_rows(channel: Channel, notice: Notice, words: NoticeWords) -> tuple[tuple[str, str, str, str], ...]:
    """Return what a channel keeps: part, purpose, legal basis, period; one row for each assignment."""
    return tuple(
        (
            part_name(kind, channel, words),
            purpose_name(purpose, notice, words),
            basis(notice.purposes[purpose].legal_basis, words),
            full_period(notice.deletion_classes[rule], words),
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
    return tuple(part_name(kind, channel, words) for kind in PartKind if kind in channel.keep) + asked


def kept_requests(notice: Notice, words: NoticeWords) -> str:
    """Return how long requests of data subjects are kept; nothing where the gateway takes none."""
    keep = notice.rights.keep
    return "" if keep is None else period(notice.deletion_classes[keep], words)


def limit_rows(notice: Notice, words: NoticeWords) -> tuple[tuple[str, str, str, str], ...]:
    """Return every time limit for erasure: activity, part, purpose, period; the last are the requests themselves."""
    said = words.information
    rows = tuple(
        (said.channel[channel.kind].format(name), part, purpose, limit)
        for name, channel in notice.channels.items()
        for part, purpose, _, limit in kept_rows(channel, notice, words)
    )
    limit, told = kept_requests(notice, words), words.register
    return (*rows, (told.requests, told.requests_part, told.requests_for, limit)) if limit else rows
