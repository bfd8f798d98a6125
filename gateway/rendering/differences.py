"""What a new version of a notice changes, for whom, in sentences.

Texts and questions are compared, not shown: both stand in the files. A period that is longer never touches what is
stored; a shorter one makes stored parts expire earlier, which happens only by a plan that is applied.
A consent stands for what was asked: another wording, another use, another basis or a purpose that is described
otherwise needs a new one, and so does what rested on none before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from gateway.notice.block import Block
from gateway.notice.channel import Channel
from gateway.notice.model import WORDINGS, DeletionRule, Notice
from gateway.rendering.documents import Items, Paragraph, Section
from gateway.rendering.phrases import basis, full_period, named_uses, period, purpose_name, wording
from gateway.rendering.words.model import NoticeWords
from storage.records import PartKind, StartEvent
from storage.retention import add_period

_ANY_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TOLD_OF_NOTICE: Final = ("notice", "language", "time_zone")
_TOLD_ELSEWHERE: Final = frozenset({"keep", "tell"})


@dataclass(frozen=True, slots=True)
class Differences:
    """What changes: a section for everybody and one for each channel, then what follows from it.

    `sooner`: stored parts that would expire earlier, as (channel, part, purpose).
    `consents`: consents that have to be asked for again.
    """

    title: str
    sections: tuple[Section, ...]
    sooner: tuple[tuple[str, PartKind, str], ...]
    consents: tuple[str, ...]


def differences(old: Notice, new: Notice, words: NoticeWords) -> Differences:
    """Compare two versions of a notice."""
    said = words.changes
    sections: list[Section] = []
    general = tuple(_general(old, new, words))
    if general:
        sections.append(Section("all", said.for_all, (Items(general),)))
    sooner: list[tuple[str, PartKind, str]] = []
    for name in dict.fromkeys((*new.channels, *old.channels)):
        lines = tuple(_channel(name, old, new, words))
        sooner += [(name, kind, purpose) for kind, purpose in _sooner(name, old, new)]
        if lines:
            sections.append(Section(f"channel-{name}", said.for_channel.format(name), (Items(lines),)))
    consents = tuple(name for name in new.consents if _asked_anew(name, old, new))
    if sooner:
        went = tuple(
            f"{name}: {words.parts[kind]}, {_purpose(purpose, old, new, words)}" for name, kind, purpose in sooner
        )
        sections.append(Section("sooner", said.sooner, (Items(went),)))
    if consents:
        sections.append(Section("consents", said.consent_again, (Items(consents),)))
    if not sections:
        sections.append(Section("nothing", said.nothing, (Paragraph(said.nothing),)))
    title = said.title.format(old=f"{old.notice} {old.version}", new=f"{new.notice} {new.version}")
    return Differences(title, tuple(sections), tuple(sooner), consents)


def sections_in_text(found: Differences) -> str:
    """Return the differences as plain text for a terminal."""
    lines = [found.title]
    for section in found.sections:
        lines += ["", section.heading]
        for block in section.blocks:
            if isinstance(block, Items):
                lines += [f"  - {item}" for item in block.items]
    return "\n".join(lines)


def _general(old: Notice, new: Notice, words: NoticeWords) -> Iterator[str]:
    said = words.changes
    blocks = ((said.controller, old.controller, new.controller), (said.rights, old.rights, new.rights))
    for sentence, before, after in blocks:
        if fields := _changed_fields(before, after):
            yield sentence.format(", ".join(fields))
    for field in _TOLD_OF_NOTICE:
        if getattr(old, field) != getattr(new, field):
            yield said.channel_field.format(field=field, old=_said(old, field), new=_said(new, field))
    if any(getattr(old, name) != getattr(new, name) for name in WORDINGS):
        yield said.wording
    yield from _purposes(old, new, words)
    yield from _consents(old, new, words)
    yield from _recipients(old, new, words)
    kept, keeps = _requests_kept(old), _requests_kept(new)
    if kept is not None and keeps is not None and kept != keeps:
        yield said.requests_kept.format(**_periods(kept, keeps, words))
    if ruled_out := [name for name in new.not_for if name not in old.not_for]:
        yield said.ruled_out.format(named_uses(ruled_out, words))
    if allowed := [name for name in old.not_for if name not in new.not_for]:
        yield said.allowed.format(named_uses(allowed, words))


def _purposes(old: Notice, new: Notice, words: NoticeWords) -> Iterator[str]:
    said = words.changes
    for name in (name for name in new.purposes if name in old.purposes):
        before, after = old.purposes[name], new.purposes[name]
        told = _purpose(name, old, new, words)
        if before.legal_basis != after.legal_basis:
            yield said.basis.format(
                purpose=told, old=basis(before.legal_basis, words), new=basis(after.legal_basis, words)
            )
        if before.interest != after.interest:
            yield said.interest.format(purpose=told)
        if before.description != after.description:
            yield said.described.format(old=purpose_name(name, old, words), new=told)
        for field in ("consent", "legal_claims"):
            if getattr(before, field) != getattr(after, field):
                yield said.purpose_field.format(
                    purpose=told, field=field, old=_said(before, field), new=_said(after, field)
                )


def _consents(old: Notice, new: Notice, words: NoticeWords) -> Iterator[str]:
    said = words.changes
    for name in (name for name in new.consents if name in old.consents):
        before, after = old.consents[name], new.consents[name]
        if before.ask != after.ask:
            yield said.consent_wording.format(consent=name)
        if others := [field for field in _changed_fields(before, after) if field != "ask"]:
            yield said.consent_field.format(consent=name, fields=", ".join(others))


def _requests_kept(notice: Notice) -> DeletionRule | None:
    return None if notice.rights.keep is None else notice.deletion_classes[notice.rights.keep]


def _recipients(old: Notice, new: Notice, words: NoticeWords) -> Iterator[str]:
    said = words.changes
    before = {wording(each.name, old, words): each for each in old.recipients}
    after = {wording(each.name, new, words): each for each in new.recipients}
    yield from (said.recipient_added.format(name) for name in after if name not in before)
    yield from (said.recipient_gone.format(name) for name in before if name not in after)
    yield from (said.recipient_changed.format(name) for name in after if before.get(name, after[name]) != after[name])


def _channel(name: str, old: Notice, new: Notice, words: NoticeWords) -> Iterator[str]:
    before, after = old.channels.get(name), new.channels.get(name)
    if after is None:
        yield words.changes.channel_gone
        return
    if before is None:
        yield words.changes.channel_added
    else:
        yield from _settings(before, after, words)
    kept_before, kept_after = _kept(before, old), _kept(after, new)
    for where in dict.fromkeys((*kept_after, *kept_before)):
        sentence = _keeping(kept_before.get(where), kept_after.get(where), words)
        kind, purpose = where
        if sentence:
            yield sentence.format(
                part=words.parts[kind],
                purpose=_purpose(purpose, old, new, words),
                **_periods(kept_before.get(where), kept_after.get(where), words),
            )


def _periods(before: DeletionRule | None, after: DeletionRule | None, words: NoticeWords) -> dict[str, str]:
    """Return both periods; where what they wait for is the only difference, with that."""
    told = {name: period(rule, words) if rule else "" for name, rule in (("old", before), ("new", after))}
    if before is not None and after is not None and told["old"] == told["new"]:
        return {"old": full_period(before, words), "new": full_period(after, words)}
    return told


def _settings(before: Channel, after: Channel, words: NoticeWords) -> Iterator[str]:
    said = words.changes
    for field, was, becomes in _changes(before, after, _TOLD_ELSEWHERE):
        yield said.channel_field.format(field=field, old=was, new=becomes)
    if before.tell != after.tell:
        yield said.disclosure


def _changes(before: Block, after: Block, without: Collection[str] = ()) -> Iterator[tuple[str, str, str]]:
    """Yield the fields that change, those of blocks with the block's name, and both values."""
    for field in _changed_fields(before, after):
        if field in without:
            continue
        was, becomes, name = getattr(before, field), getattr(after, field), _name(before, field)
        if isinstance(was, Block) and isinstance(becomes, Block):
            yield from ((f"{name}.{inner}", old, new) for inner, old, new in _changes(was, becomes))
        else:
            yield name, _told(was), _told(becomes)


def _keeping(before: DeletionRule | None, after: DeletionRule | None, words: NoticeWords) -> str:
    """Return the sentence for one part and purpose, or nothing where nothing changes."""
    said = words.changes
    if before is None:
        return said.keeps_more
    if after is None:
        return said.keeps_no_more
    if before == after:
        return ""
    if not _same_but_period(before, after):
        return said.other_start
    return said.shorter if _shorter(before, after) else said.longer


def _sooner(name: str, old: Notice, new: Notice) -> Iterator[tuple[PartKind, str]]:
    before, after = _kept(old.channels.get(name), old), _kept(new.channels.get(name), new)
    for where, earlier in before.items():
        rule = after.get(where)
        if rule is None:
            if name in new.channels:  # what it no longer keeps ends at once; of a channel that is gone it says nothing
                yield where
        elif earlier.kind is rule.kind and (_is_shorter(earlier, rule) or _waits_no_longer(earlier, rule)):
            yield where


def _is_shorter(before: DeletionRule, after: DeletionRule) -> bool:
    return _same_but_period(before, after) and _shorter(before, after)


def _waits_no_longer(before: DeletionRule, after: DeletionRule) -> bool:
    """Tell whether a part ends earlier because it waits less, or not at all, for what starts its period."""
    waits_less = after.model_copy(update={"maximum_open": before.maximum_open}) == before
    if waits_less and before != after:
        return add_period(_ANY_DAY, after.maximum_open, "UTC") < add_period(_ANY_DAY, before.maximum_open, "UTC")
    at_once = before.start is not StartEvent.COLLECTION and after.start is StartEvent.COLLECTION
    return at_once and not _shorter(after, before)


def _asked_anew(name: str, old: Notice, new: Notice) -> bool:
    """Tell whether customers have to be asked: for other words, another use or basis, a purpose described otherwise.

    In a channel that is new nobody has been asked, so what it uses the consent for is no other use.
    """
    before, after = _uses(name, old), _uses(name, new)
    if any(channel in old.channels for channel, *_ in after - before):
        return True
    stay = after & before
    described = any(old.purposes[p].description != new.purposes[p].description for _, _, p, _ in stay)
    return described or (bool(stay) and old.consents[name].ask != new.consents[name].ask)


def _uses(consent: str, notice: Notice) -> set[tuple[str, PartKind, str, str]]:
    """Return what rests on a consent: channel, part, purpose and legal basis. On an agent's all recording of calls."""
    return {
        (name, kind, purpose, notice.purposes[purpose].legal_basis)
        for name, channel in notice.channels.items()
        for kind, purposes in channel.keep.items()
        for purpose in purposes
        if notice.purposes[purpose].consent == consent or (kind is PartKind.RECORDING and _of_agents(consent, channel))
    }


def _of_agents(consent: str, channel: Channel) -> bool:
    return channel.call is not None and channel.call.agent == consent


def _kept(channel: Channel | None, notice: Notice) -> Mapping[tuple[PartKind, str], DeletionRule]:
    if channel is None:
        return {}
    return {
        (kind, purpose): notice.deletion_classes[rule]
        for kind, assignments in channel.keep.items()
        for purpose, rule in assignments.items()
    }


def _same_but_period(before: DeletionRule, after: DeletionRule) -> bool:
    return before.model_copy(update={"period": after.period}) == after


def _shorter(before: DeletionRule, after: DeletionRule) -> bool:
    return add_period(_ANY_DAY, after.period, "UTC") < add_period(_ANY_DAY, before.period, "UTC")


def _purpose(name: str, old: Notice, new: Notice, words: NoticeWords) -> str:
    return purpose_name(name, new if name in new.purposes else old, words)


def _changed_fields(before: Block, after: Block) -> list[str]:
    return [name for name in type(before).model_fields if getattr(before, name) != getattr(after, name)]


def _name(block: Block, field: str) -> str:
    return type(block).model_fields[field].alias or field


def _said(block: Block, field: str) -> str:
    return _told(getattr(block, field))


def _told(value: object) -> str:
    """Return a value as the file has it, on one line."""
    if isinstance(value, Block):
        value = {_name(value, field): getattr(value, field) for field in _set(value)}
    if isinstance(value, Mapping):
        value = [f"{key}: {_told(inner)}" for key, inner in value.items()]
    if isinstance(value, list | tuple):
        return ", ".join(map(_told, value)) or "-"
    return "-" if value in (None, "") else str(value)


def _set(block: Block) -> list[str]:
    return [field for field in type(block).model_fields if field in block.model_fields_set]
