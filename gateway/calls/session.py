r"""The state of one call, and what each event makes of it: pure, so that its order can be tested by the thousand.

    offered -> asked -> given -> armed <-> paused          ended from anywhere
                  \-> refused

Recording a spoken word without authority is a crime (section 201 StGB). Audio is kept while `armed` is true and at no
other time, and `armed` is no step that somebody takes but what follows from the answers: the caller's yes and, where a
person of the service speaks, their own yes are durable, nothing has stopped or paused it, and the call goes on.

Silence, hanging up and carrying on are no consent (DSK, resolution of 23 March 2018). An answer that is not clear is
asked for once more, then it is a no. Who comes into the call has not been asked: everything waits for a new answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from gateway.calls.answers import Understood, says, understood
from gateway.calls.events import (
    Arm,
    Ask,
    Command,
    Commit,
    CommitFailed,
    Committed,
    Desk,
    Disarm,
    Ended,
    Event,
    Evidence,
    Heard,
    Joined,
    Leave,
    Offered,
    Party,
    Pause,
    Pressed,
    Resume,
    Silent,
    Stop,
    TellNotRecorded,
)
from gateway.calls.script import Script

_MOST_ASKED = 2


class State(StrEnum):
    """Where a call stands, in one word."""

    OFFERED = "offered"
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    ARMED = "armed"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        language: the caller's.
        agent_speaks: whether a person of the service is in the call, whose consent is needed as well.
        answered: the caller's answer; None while there is none.
        asked: how often the question was put in this round.
        round, agent_round: rise whenever an answer of before, the caller's or the agent's, no longer counts.
        durable: whether the caller's yes of this round is durable.
        agent: whether the agent's yes of this round is durable.
        recorded: whether a yes was durable at any time of the call.
        stopped, ended: what they say.
        held, card: whether somebody has paused it, and whether a card's number is coming.
        left: whether the process that knows the call ends. What was agreed to stands, and nothing is recorded any more.
        keys: the last keys that were pressed, no more than the longest row of the notice.
    """

    language: str
    agent_speaks: bool
    answered: bool | None = None
    asked: int = 0
    round: int = 0
    agent_round: int = 0
    durable: bool = False
    agent: bool = False
    recorded: bool = False
    stopped: bool = False
    held: bool = False
    card: bool = False
    left: bool = False
    ended: bool = False
    keys: str = field(default="", repr=False)

    @property
    def paused(self) -> bool:
        """Whether nothing is kept for a while."""
        return self.held or self.card

    @property
    def allowed(self) -> bool:
        """Whether everybody who speaks has consented, durably, and nothing has stopped it."""
        gone = self.stopped or self.left or self.ended
        return self.durable and (self.agent or not self.agent_speaks) and not gone

    @property
    def armed(self) -> bool:
        """Whether audio is kept now."""
        return self.allowed and not self.paused

    @property
    def state(self) -> State:
        """Where the call stands."""
        if self.ended:
            return State.ENDED
        if self.stopped or self.left or self.answered is False:
            return State.REFUSED
        if self.allowed:
            return State.PAUSED if self.paused else State.ARMED
        if self.answered:
            return State.GIVEN
        return State.ASKED if self.asked else State.OFFERED


def advance(script: Script, call: Call, event: Event) -> tuple[Call, tuple[Command, ...]]:
    """Return the call after an event and what is to be done, in this order: what stops audio comes first."""
    if call.ended:
        return call, ()
    after, commands = _after(script, call, event)
    if call.armed and not after.armed:
        commands = (Disarm(), *commands)
    if after.armed and not call.armed:
        commands = (*commands, Arm())
    return after, commands


def _after(script: Script, call: Call, event: Event) -> tuple[Call, tuple[Command, ...]]:  # noqa: C901, PLR0911 - a line an event
    match event:
        case Offered():
            return _ask(script, call) if not call.asked else (call, ())
        case Pressed():
            return _pressed(script, call, event)
        case Heard():
            return _heard(script, call, event)
        case Silent():
            return _unclear(call) if waits(call) else (call, ())
        case Desk():
            return _desk(script, call, event)
        case Joined():
            return _joined(script, call, agent=event.agent)
        case Stop():
            return _stop(call)
        case Leave():
            return replace(call, left=True), ()
        case Pause() | Resume():
            return _paused(call, event), ()
        case Committed() | CommitFailed():
            return _written(call, event)
        case Ended():
            return replace(call, ended=True, keys=""), ()
        case _:
            assert_never(event)


def _paused(call: Call, event: Pause | Resume) -> Call:
    if isinstance(event, Pause):
        return replace(call, card=True) if event.card else replace(call, held=True)
    return replace(call, card=False, held=call.held and event.card)


def waits(call: Call) -> bool:
    """Return whether the question has been put and no answer is there."""
    return call.asked > 0 and call.answered is None and not call.stopped and not call.left


def interrupts(before: Call, after: Call) -> bool:
    """Tell whether something has come between what everybody had agreed to, whether it was recorded here or not."""
    paused, stopped = after.paused and not before.paused, after.stopped and not before.stopped
    agent = after.agent_speaks and after.agent_round != before.agent_round
    return paused or stopped or agent or after.round != before.round


def _may_still_refuse(call: Call) -> bool:
    """Whether a yes is on its way into the store: a no overtakes it."""
    return call.answered is True and not call.durable and not call.stopped


def _ask(script: Script, call: Call) -> tuple[Call, tuple[Command, ...]]:
    if script.question is None:
        return call, ()
    return replace(call, asked=call.asked + 1), (Ask(again=call.asked > 0),)


def _unclear(call: Call) -> tuple[Call, tuple[Command, ...]]:
    if call.asked < _MOST_ASKED:
        return replace(call, asked=call.asked + 1), (Ask(again=True),)
    # Who agreed before somebody joined and now says nothing has not withdrawn: it stops, and nothing is recorded of it.
    return _refuse(call, None if call.recorded else Evidence("none"))


def _refuse(call: Call, evidence: Evidence | None) -> tuple[Call, tuple[Command, ...]]:
    after = replace(call, answered=False, durable=False, round=call.round + 1)
    commit = (Commit(Party.CALLER, given=False, round=after.round, evidence=evidence),) if evidence else ()
    return after, commit


def _answer(call: Call, evidence: Evidence, *, given: bool) -> tuple[Call, tuple[Command, ...]]:
    if not given:
        return _refuse(call, evidence)
    return replace(call, answered=True), (Commit(Party.CALLER, given=True, round=call.round, evidence=evidence),)


def _pressed(script: Script, call: Call, event: Pressed) -> tuple[Call, tuple[Command, ...]]:
    commands: tuple[Command, ...] = ()
    for key in event.keys:
        call, more = _key(script, call, key, answers=event.answers)
        commands += more
    return call, commands


def _key(script: Script, call: Call, key: str, *, answers: bool) -> tuple[Call, tuple[Command, ...]]:
    row = (call.keys + key)[-script.most_keys :] if script.most_keys else ""
    call = replace(call, keys=row)
    for keys, event in ((script.stop_keys, Stop()), (script.pause_keys, Pause()), (script.resume_keys, Resume())):
        if keys and row.endswith(keys):
            return _after(script, replace(call, keys=""), event)
    meaning = script.keys.get(key)
    if meaning is None or not answers or not (waits(call) or (_may_still_refuse(call) and not meaning)):
        return call, ()
    return _answer(call, Evidence("dtmf", key=key), given=meaning)


def reading(script: Script, call: Call, text: str, confidence: float | None) -> Understood | None:
    """Return what an utterance answers; None where that is not clear, or the recognition is not sure of a yes."""
    own = script.words.get(call.language)
    refused = [phrase for words in script.words.values() for phrase in words.refused]
    answer = understood(text, own.given if own else (), refused)
    unsure = confidence is not None and confidence < script.confidence
    return None if answer is not None and answer.given and unsure else answer


def _heard(script: Script, call: Call, event: Heard) -> tuple[Call, tuple[Command, ...]]:
    if says(event.text, script.stop_words):
        return _stop(call)
    answer = reading(script, call, event.text, event.confidence)
    refuses = answer is not None and not answer.given and _may_still_refuse(call)
    if not event.answers or not (waits(call) or refuses):
        return call, ()
    if answer is None:
        return _unclear(call)
    evidence = Evidence("speech", words=answer.words, confidence=event.confidence)
    return _answer(call, evidence, given=answer.given)


def _stop(call: Call) -> tuple[Call, tuple[Command, ...]]:
    after = replace(call, stopped=True)
    if call.durable or call.answered is False:
        return after, ()
    # Nothing is durable yet: a yes that is still on its way is followed by a no. Who is asked anew has not withdrawn.
    return _refuse(after, None if call.answered is None and call.recorded else Evidence("none"))


def _joined(script: Script, call: Call, *, agent: bool) -> tuple[Call, tuple[Command, ...]]:
    after = replace(
        call,
        agent_speaks=call.agent_speaks or agent,
        agent=False,
        durable=False,
        round=call.round + 1,
        agent_round=call.agent_round + 1,
    )
    if call.answered is False or call.stopped or call.left or not call.asked:
        return after, ()
    return _ask(script, replace(after, answered=None, asked=0))


def _desk(script: Script, call: Call, event: Desk) -> tuple[Call, tuple[Command, ...]]:
    evidence = Evidence("desk", reference=event.reference)
    if event.of is Party.CALLER:
        if waits(call) or (_may_still_refuse(call) and not event.given):
            return _answer(call, evidence, given=event.given)
        return _stop(call) if call.durable and not event.given else (call, ())
    if script.agent is None:
        return call, ()
    if not event.given:
        call = replace(call, agent=False, agent_round=call.agent_round + 1)
    return call, (Commit(Party.AGENT, event.given, call.agent_round, evidence),)


def _written(call: Call, event: Committed | CommitFailed) -> tuple[Call, tuple[Command, ...]]:
    caller = event.of is Party.CALLER
    if event.round != (call.round if caller else call.agent_round):
        return call, ()
    if isinstance(event, CommitFailed):
        if caller and call.answered:
            return replace(call, answered=False, round=call.round + 1), (TellNotRecorded(),)
        return call, (TellNotRecorded(),) if not caller and call.answered else ()
    if not event.given or (caller and not call.answered):
        return call, ()
    return (replace(call, durable=True, recorded=True) if caller else replace(call, agent=True)), ()
