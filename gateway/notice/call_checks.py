"""What must hold for a channel of calls: one question, a way to answer it, and no recording without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.notice.call import CallRules
from gateway.notice.channel import Channel
from gateway.notice.model import Notice
from gateway.notice.problems import meant
from gateway.notice.source import Where
from storage.records import PartKind

CONSENT_BASES: Final = frozenset({"A6-1-a", "A9-2-a"})
CALL_CONNECTORS: Final = frozenset({"audiocodes", "audiohook", "calls", "jambonz", "twilio", "vier"})
"""The connectors of call platforms; a test holds them and the modules together."""
_WITH_A_BOT: Final = frozenset({"audiocodes", "jambonz", "twilio", "vier"})
_ONE_WAY: Final = frozenset({"jambonz", "vier"})


def check_call(notice: Notice, channel: Channel, where: Where) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong with a channel where it is about calls."""
    calls = channel.kind == "call"
    if calls != (channel.connector in CALL_CONNECTORS):
        known = ", ".join(sorted(CALL_CONNECTORS))
        yield (*where, "connector"), f"does not go with this kind; the connectors of calls are: {known}"
    if not calls:
        if channel.call is not None:
            yield (*where, "call"), "goes with the kind call only"
        if PartKind.RECORDING in channel.keep:
            yield (*where, "keep", PartKind.RECORDING.value), "is kept of calls only; there is nothing to record here"
        if channel.upstream is None and channel.kind != "ticket":
            yield where, "has no `upstream:`; only a hotline may be without a bot"
        return
    if channel.connector in _WITH_A_BOT and channel.upstream is None:
        yield where, f"has no `upstream:`; the connector {channel.connector} can't be without a bot"
    if channel.connector in _ONE_WAY and (channel.forward == "pseudonyms" or channel.deliver == "redacted"):
        changed = "has texts of the bot changed (`forward: pseudonyms`, `deliver: redacted`)"
        yield where, f"{changed}; {channel.connector} can't do that"
    yield from _recording(notice, channel, where)
    yield from _question(notice, channel, where)
    yield from _keys(channel, where)
    yield from _survey(channel, where)


def survey_wordings(call: CallRules, where: Where) -> Iterator[tuple[Where, object]]:
    """Yield the wordings of a channel's survey with their places."""
    if call.survey is not None:
        yield (*where, "invite"), call.survey.invite
        if call.survey.thanks is not None:
            yield (*where, "thanks"), call.survey.thanks
        for name, question in call.survey.questions.items():
            yield (*where, "questions", name, "ask"), question.ask


def _survey(channel: Channel, where: Where) -> Iterator[tuple[Where, str]]:
    survey = channel.call.survey if channel.call is not None else None
    answers = survey.answers if survey is not None else None
    if answers is not None and not (answers.dtmf or answers.words):
        yield (*where, "call", "survey", "answers"), "names neither keys nor words"
    for name, question in survey.questions.items() if survey is not None else ():
        if question.lowest >= question.highest:
            yield (*where, "call", "survey", "questions", name), "has no two answers; lowest must be below highest"


def _recording(notice: Notice, channel: Channel, where: Where) -> Iterator[tuple[Where, str]]:
    for purpose in channel.keep.get(PartKind.RECORDING, {}):
        named = notice.purposes.get(purpose)
        if named is not None and named.legal_basis not in CONSENT_BASES:
            here = (*where, "keep", PartKind.RECORDING.value, purpose)
            yield here, "does not rest on consent; the spoken word is recorded with consent only (section 201 StGB)"


def _question(notice: Notice, channel: Channel, where: Where) -> Iterator[tuple[Where, str]]:
    purposes = {purpose for kept in channel.keep.values() for purpose in kept if purpose in notice.purposes}
    asked = {notice.purposes[purpose].consent for purpose in purposes} - {None}
    if len(asked) > 1:
        yield (*where, "keep"), "rests on several consents; a caller is asked one question"
    for name in asked:
        consent = notice.consents.get(name or "")
        if consent is not None and (consent.answers is None or not (consent.answers.dtmf or consent.answers.words)):
            yield ("consents", name or ""), "is asked in calls but has no `answers:`; name keys or words"
    if asked and (channel.call is None or channel.call.not_recorded is None):
        yield (
            where,
            "asks for consent but not what is said where an answer can't be kept; add `call: {not_recorded: ...}`",
        )
    agent = channel.call.agent if channel.call is not None else None
    if agent is not None and agent not in notice.consents:
        yield (*where, "call", "agent"), f"names a consent that is not defined{meant(agent, notice.consents)}"


def _keys(channel: Channel, where: Where) -> Iterator[tuple[Where, str]]:
    if channel.call is None:
        return
    stop, pause = channel.call.stop, channel.call.pause
    rows = [stop.keys if stop else None, *((pause.keys, pause.resume_keys) if pause else ())]
    named = [row for row in rows if row is not None]
    if any(one != other and other.endswith(one) for one in named for other in named) or len(named) != len(set(named)):
        yield (*where, "call"), "has keys for stop, pause and resume that can't be told apart"
