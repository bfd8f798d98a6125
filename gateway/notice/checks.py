"""What must hold between the blocks of a notice, beyond the shape of each.

Each check yields the place of a field and a sentence. What is refused here would make a promise that
can't be kept, or keep something that nobody promised.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import product
from typing import Final

from gateway.notice.call_checks import CONSENT_BASES, check_call, survey_wordings
from gateway.notice.channel import Channel, JsonPaths
from gateway.notice.model import WORDINGS, Notice
from gateway.notice.places import seen_from
from gateway.notice.problems import meant
from gateway.notice.source import Where
from gateway.notice.ticket_checks import check_ticket
from gateway.notice.webhook_checks import check_webhooks
from storage.records import ClassKind, PartKind, StartEvent

Found = Iterator[tuple[Where, str]]


def check(notice: Notice, connectors: Collection[str]) -> Found:
    """Yield all that is wrong; `connectors` are the names of the protocols that the gateway speaks."""
    for one in _CHECKS:
        yield from one(notice)
    for name, channel in notice.channels.items():
        where = ("channels", name)
        yield from _keep(notice, channel, where)
        yield from _channel(channel, where, connectors)
        yield from check_call(notice, channel, where)
        yield from check_ticket(channel, where)
        yield from check_webhooks(channel, where)


def _purposes(notice: Notice) -> Found:
    for name, purpose in notice.purposes.items():
        where = ("purposes", name)
        by_consent = purpose.legal_basis in CONSENT_BASES
        if by_consent and purpose.consent is None:
            yield where, f"rests on consent ({purpose.legal_basis}) but names none; add `consent:`"
        if not by_consent and purpose.consent is not None:
            yield (*where, "consent"), f"does not go with {purpose.legal_basis}; only A6-1-a and A9-2-a rest on consent"
        if purpose.consent is not None and purpose.consent not in notice.consents:
            yield (*where, "consent"), f"names a consent that is not defined{meant(purpose.consent, notice.consents)}"
        if purpose.legal_basis == "A6-1-f" and purpose.interest is None:
            yield where, "rests on a legitimate interest but does not say which (Article 13(1)(d)); add `interest:`"
        if name in notice.not_for:
            yield where, "is ruled out under `not_for`; it can't be a purpose"


def _consents(notice: Notice) -> Found:
    used = {purpose.consent for purpose in notice.purposes.values()}
    agents = {channel.call.agent for channel in notice.channels.values() if channel.call is not None}
    for name in notice.consents:
        if name not in used and name not in agents:
            yield ("consents", name), "is used by no purpose; a consent is asked only for a purpose"


def _classes(notice: Notice) -> Found:
    for name, rule in notice.deletion_classes.items():
        if rule.round_to is not None and rule.kind is not ClassKind.STATUTORY:
            yield ("deletion_classes", name, "round_to"), "goes with `kind: statutory` only"


def _recipients(notice: Notice) -> Found:
    names: set[str] = set()
    for index, recipient in enumerate(notice.recipients):
        # Messages wait for a recipient under this name; where it is missing `_wordings` says so.
        name = recipient.name if isinstance(recipient.name, str) else recipient.name.get(notice.language, "")
        if name in names:
            yield ("recipients", index, "name"), "is the name of another recipient; messages would go astray"
        names |= {name} - {""}
        for place, purpose in enumerate(recipient.purposes):
            if purpose not in notice.purposes:
                yield ("recipients", index, "purposes", place), f"is not a purpose{meant(purpose, notice.purposes)}"
        for place, channel in enumerate(recipient.channels):
            if channel not in notice.channels:
                yield ("recipients", index, "channels", place), f"is not a channel{meant(channel, notice.channels)}"


def _rights(notice: Notice) -> Found:
    keep, where = notice.rights.keep, ("rights", "keep")
    if keep is None:
        if any(recipient.inform is not None for recipient in notice.recipients):
            yield ("rights",), "has recipients to inform but keeps no requests, of which they are told; add `keep:`"
        return
    rule = notice.deletion_classes.get(keep)
    if rule is None:
        yield where, f"names a deletion class that is not defined{meant(keep, notice.deletion_classes)}"
    elif rule.start not in {StartEvent.COLLECTION, StartEvent.MATTER_RESOLVED}:
        yield where, "starts with an event that no request has; use collection or matter-resolved"
    if notice.rights.doubt is None:
        yield ("rights",), "takes requests but does not say what is said if it stays in doubt who asks; add `doubt:`"


def _wordings(notice: Notice) -> Found:
    places: list[tuple[Where, object]] = [((name,), getattr(notice, name)) for name in WORDINGS]
    places.extend((("rights", name), getattr(notice.rights, name)) for name in ("doubt", "authority"))
    for name, purpose in notice.purposes.items():
        places.append((("purposes", name, "interest"), purpose.interest))
        places.append((("purposes", name, "description"), purpose.description))
    places.extend((("consents", name, "ask"), consent.ask) for name, consent in notice.consents.items())
    for index, recipient in enumerate(notice.recipients):
        each = {name: getattr(recipient, name) for name in ("name", "categories", "country", "safeguard")}
        places.extend((("recipients", index, name), wording) for name, wording in each.items())
    for name, channel in notice.channels.items():
        if channel.tell is not None:
            places.append((("channels", name, "tell", "ai_disclosure"), channel.tell.ai_disclosure))
        if channel.call is not None:
            places.append((("channels", name, "call", "unclear"), channel.call.unclear))
            places.append((("channels", name, "call", "not_recorded"), channel.call.not_recorded))
            places.extend(survey_wordings(channel.call, ("channels", name, "call", "survey")))
    for where, wording in places:
        if isinstance(wording, dict) and notice.language not in wording:
            yield where, f"has no wording in the notice's own language, {notice.language}"


_CHECKS: Final[tuple[Callable[[Notice], Found], ...]] = (
    _purposes,
    _consents,
    _classes,
    _recipients,
    _rights,
    _wordings,
)


def _keep(notice: Notice, channel: Channel, where: Where) -> Found:
    by_consent = False
    for kind, assignments in channel.keep.items():
        part = (*where, "keep", kind.value)
        if not assignments:
            yield part, "is kept for no purpose; name a purpose with its deletion class, or leave the part out"
        for purpose, rule in assignments.items():
            here = (*part, purpose)
            if purpose not in notice.purposes:
                yield here, f"is not a purpose of this notice{meant(purpose, notice.purposes)}"
            elif notice.purposes[purpose].consent is not None:
                by_consent = True
                if kind is PartKind.CONSENT:
                    yield here, "rests on consent; the proof of an answer must be kept for a purpose that does not"
            if rule in notice.deletion_classes and _consent_to_a_duty(notice, purpose, rule):
                yield here, "rests on consent, which can be withdrawn; a statutory class goes with a legal obligation"
            if rule not in notice.deletion_classes:
                yield here, f"names a deletion class that is not defined{meant(rule, notice.deletion_classes)}"
    if by_consent and PartKind.CONSENT not in channel.keep:
        yield (
            (*where, "keep"),
            "has a purpose that rests on consent but keeps no proof of it (Article 7(1)); add `consent:`",
        )


def _consent_to_a_duty(notice: Notice, purpose: str, rule: str) -> bool:
    statutory = notice.deletion_classes[rule].kind is ClassKind.STATUTORY
    return statutory and purpose in notice.purposes and notice.purposes[purpose].consent is not None


def _places(paths: JsonPaths, where: Where) -> Found:
    named = paths.speaker
    if named is not None and any(seen_from(named.at, text) is None for text in paths.text):
        yield (*where, "speaker", "at"), "must lie in the same list item as every place under `text`"
    passing = {"pass": paths.passes}
    asked = passing | {name: _given(getattr(paths, name)) for name in ("conversation", "message_id")}
    asked["speaker"] = () if named is None else (named.at,)
    told = passing | {"stream_key": _given(paths.stream_key), "stream_end": tuple(paths.stream_end)}
    rules = (("text", paths.text, asked), ("response", paths.response, passing), ("stream", paths.stream, told))
    for name, texts, others in rules:
        for text, (rule, places) in product(texts, others.items()):
            if any(text == place or text.startswith((place + ".", place + "[")) for place in places):
                yield (*where, name), f"names {text}, which passes unredacted under `{rule}`"


def _given(place: str | None) -> tuple[str, ...]:
    return () if place is None else (place,)


def _readable(channel: Channel, where: Where) -> Found:
    for index, kind in enumerate(channel.keep_types):
        if kind not in channel.asks_for:
            yield (
                (*where, "keep_types", index),
                "is not asked for on this channel; only what is asked for can stay readable",
            )
    for kind in channel.keep_operators:
        if kind in channel.keep_types:
            yield (
                (*where, "keep_operators", kind.value),
                "stays readable under `keep_types`; name the type in one of them",
            )


def _heard(channel: Channel, where: Where) -> Found:
    kept = channel.keep.get(PartKind.RECORDING, {})
    for index, purpose in enumerate(channel.hear_original):
        if purpose not in kept:
            yield (*where, "hear_original", index), f"is no purpose for which a recording is kept{meant(purpose, kept)}"


def _channel(channel: Channel, where: Where, connectors: Collection[str]) -> Found:
    if channel.connector not in connectors:
        yield (*where, "connector"), f"is not a connector of this gateway{meant(channel.connector, connectors)}"
    elif channel.connector == "json" and channel.paths is None:
        yield where, "has the connector json, which needs `paths:`"
    elif channel.connector != "json" and channel.paths is not None:
        yield (*where, "paths"), "goes with the connector json only"
    if channel.connector == "json" and channel.conversation is not None:
        yield (*where, "conversation"), "is given under `paths:` with the connector json"
    if channel.paths is not None:
        yield from _places(channel.paths, (*where, "paths"))
    yield from _readable(channel, where)
    yield from _heard(channel, where)
    if channel.forward == "pseudonyms" and PartKind.PSEUDONYMS not in channel.keep:
        yield where, "forwards pseudonyms but does not keep their table; add `pseudonyms:` under `keep:`"
