"""What each event makes of a call, told as conversations."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
from gateway.calls.session import Call, State, advance
from gateway.notice.answers import Words

SCRIPT = Script(
    question="recording",
    agent="agent",
    keys={"1": True, "2": False},
    words={"de": Words(given=("ja",), refused=("nein",)), "en": Words(given=("yes",), refused=("no",))},
    confidence=0.6,
    stop_keys="*9",
    pause_keys="*1",
    resume_keys="*2",
    stop_words=("Aufnahme beenden",),
)
BOT = Call("de", agent_speaks=False)
AGENT = Call("de", agent_speaks=True)


def given(of: Party = Party.CALLER, round_: int = 0) -> Committed:
    return Committed(of, given=True, round=round_)


def play(call: Call, *events: Event, script: Script = SCRIPT) -> tuple[Call, list[Command]]:
    said: list[Command] = []
    for event in events:
        call, commands = advance(script, call, event)
        said += commands
    return call, said


def test_the_recorder_is_armed_only_when_the_answer_is_durable() -> None:
    call, said = play(BOT, Offered(), Pressed("1"))
    yes = Commit(Party.CALLER, given=True, round=0, evidence=Evidence("dtmf", key="1"))
    assert (said, call.state, call.armed) == ([Ask(), yes], State.GIVEN, False)
    call, said = play(call, given())
    assert (said, call.state, call.armed) == ([Arm()], State.ARMED, True)


@pytest.mark.parametrize("order", [(given(), given(Party.AGENT)), (given(Party.AGENT), given())])
def test_where_a_person_answers_their_own_consent_is_needed_too(order: tuple[Committed, Committed]) -> None:
    call, _ = play(AGENT, Offered(), Pressed("1"), Desk(given=True), order[0])
    assert not call.armed
    call, said = play(call, order[1])
    assert (said, call.state) == ([Arm()], State.ARMED)


def test_an_agent_who_takes_it_back_stops_it_at_once() -> None:
    call, _ = play(AGENT, Offered(), Pressed("1"), given(), Desk(given=True), given(Party.AGENT))
    call, said = play(call, Desk(given=False, reference="7"))
    no = Commit(Party.AGENT, given=False, round=1, evidence=Evidence("desk", reference="7"))
    assert (said, call.armed) == ([Disarm(), no], False)
    assert play(call, given(Party.AGENT))[0].armed is False
    assert play(call, Committed(Party.AGENT, given=False, round=1))[0].armed is False


def test_a_notice_without_an_agents_consent_never_records_an_agent() -> None:
    script = replace(SCRIPT, agent=None)
    call, said = play(AGENT, Offered(), Desk(given=True), Pressed("1"), given(), script=script)
    assert (call.armed, [one for one in said if isinstance(one, Commit) and one.of is Party.AGENT]) == (False, [])


@pytest.mark.parametrize(
    ("text", "confidence", "state"),
    [
        ("Ja.", 0.9, State.GIVEN),
        ("ja bitte gern", None, State.GIVEN),
        ("Ja!", 0.3, State.ASKED),
        ("Ja, ich habe eine Frage zu meiner Waschmaschine", 0.9, State.ASKED),
        ("Nein", 0.1, State.REFUSED),
        ("No, thank you", 0.9, State.REFUSED),
        ("ja nein", 0.9, State.REFUSED),
        ("yes", 0.9, State.ASKED),
        ("", None, State.ASKED),
    ],
)
def test_spoken_answers(text: str, confidence: float | None, state: State) -> None:
    call, _ = play(BOT, Offered(), Heard(text, confidence))
    assert call.state is state


@pytest.mark.parametrize("event", [Heard("Ich rufe wegen meines Pakets an"), Silent()])
def test_an_unclear_answer_is_asked_for_once_more_then_it_is_a_no(event: Event) -> None:
    call, said = play(BOT, Offered(), event)
    assert (said, call.state) == ([Ask(), Ask(again=True)], State.ASKED)
    call, said = play(call, event)
    no = Commit(Party.CALLER, given=False, round=1, evidence=Evidence("none"))
    assert (said, call.state) == ([no], State.REFUSED)
    assert play(call, Pressed("1"), Heard("ja"), given())[0].state is State.REFUSED


def test_hanging_up_is_no_consent_and_nothing_happens_afterwards() -> None:
    call, said = play(BOT, Offered(), Ended(), Pressed("1"), given(), Heard("ja"), Joined(agent=False))
    assert (said, call.state, call.armed) == ([Ask()], State.ENDED, False)


def test_the_end_of_a_call_stops_the_recorder() -> None:
    _, said = play(BOT, Offered(), Pressed("1"), given(), Ended())
    assert said[-1] == Disarm()


@pytest.mark.parametrize("event", [Stop(), Pressed("*9"), Heard("bitte die Aufnahme beenden")])
def test_stop_works_at_any_time_and_for_good(event: Event) -> None:
    armed, _ = play(BOT, Offered(), Pressed("1"), given())
    call, said = play(armed, event)
    assert (said, call.state) == ([Disarm()], State.REFUSED)
    assert not play(call, Resume(), Pressed("1"), given(), Joined(agent=False))[0].armed
    paused, _ = play(armed, Pause(), event, Resume())
    assert not paused.armed


def test_a_stop_overtakes_a_yes_that_is_on_its_way() -> None:
    call, said = play(BOT, Offered(), Pressed("1"), Stop())
    assert said[-1] == Commit(Party.CALLER, given=False, round=1, evidence=Evidence("none"))
    assert not play(call, given())[0].armed


@pytest.mark.parametrize("event", [Pressed("2"), Heard("nein, doch nicht")])
def test_a_no_overtakes_a_yes_that_is_on_its_way(event: Event) -> None:
    call, said = play(BOT, Offered(), Pressed("1"), event)
    assert isinstance(said[-1], Commit)
    assert said[-1].given is False
    call, _ = play(call, given())
    assert (call.state, call.armed) == (State.REFUSED, False)


def test_keys_for_the_bot_change_nothing_once_it_is_answered() -> None:
    call, said = play(BOT, Offered(), Pressed("1"), given(), Pressed("2"), Pressed("221"))
    assert (call.state, said[-1]) == (State.ARMED, Arm())


def test_somebody_who_comes_in_stops_it_until_the_caller_is_asked_again() -> None:
    armed, _ = play(BOT, Offered(), Pressed("1"), given())
    call, said = play(armed, Joined(agent=True))
    assert (said, call.state) == ([Disarm(), Ask()], State.ASKED)
    call, said = play(call, given(), Pressed("1"))
    assert (said[-1], call.armed) == (
        Commit(Party.CALLER, given=True, round=1, evidence=Evidence("dtmf", key="1")),
        False,
    )
    call, _ = play(call, given(round_=1))
    assert (call.state, call.armed) == (State.GIVEN, False)
    assert play(call, Desk(given=True), given(Party.AGENT, 1))[0].armed


def test_who_agreed_before_and_is_silent_after_a_transfer_has_not_withdrawn() -> None:
    call, said = play(BOT, Offered(), Pressed("1"), given(), Joined(agent=False), Silent(), Silent())
    assert call.state is State.REFUSED
    assert [one for one in said if isinstance(one, Commit) and not one.given] == []


@pytest.mark.parametrize("event", [Stop(), Heard("Aufnahme beenden", 0.9, answers=True)])
def test_who_agreed_before_and_stops_when_asked_anew_has_not_withdrawn(event: Event) -> None:
    call, said = play(replace(BOT, recorded=True), Offered(), event)
    assert (said, call.state, call.armed) == ([Ask()], State.REFUSED, False)


@pytest.mark.parametrize("before", [(), (Pressed("1"),), (Pressed("1"), given())])
def test_no_answer_counts_once_the_process_ends(before: tuple[Event, ...]) -> None:
    call, _ = play(BOT, Offered(), *before)
    armed = call.armed
    call, said = play(call, Leave(), Pressed("1"), given(), Resume())
    assert (said, call.state, call.armed) == ([Disarm()] if armed else [], State.REFUSED, False)


def test_who_has_refused_is_not_asked_again_by_a_transfer() -> None:
    call, said = play(BOT, Offered(), Pressed("2"), Joined(agent=True))
    assert (call.state, said.count(Ask())) == (State.REFUSED, 1)


def test_an_answer_that_cannot_be_kept_means_no_recording_and_the_caller_is_told() -> None:
    call, said = play(BOT, Offered(), Pressed("1"), CommitFailed(Party.CALLER, 0))
    assert (said[-1], call.state) == (TellNotRecorded(), State.REFUSED)
    assert not play(call, given())[0].armed


def test_an_agents_answer_that_cannot_be_kept_means_no_recording() -> None:
    call, said = play(AGENT, Offered(), Pressed("1"), given(), Desk(given=True), CommitFailed(Party.AGENT, 0))
    assert (said[-1], call.armed) == (TellNotRecorded(), False)


def test_a_pause_stops_and_goes_on() -> None:
    call, said = play(BOT, Offered(), Pressed("1"), given(), Pressed("*1"))
    assert (said[-1], call.state) == (Disarm(), State.PAUSED)
    call, said = play(call, Pause(), Pressed("4711"), Pressed("*"), Pressed("2"))
    assert (said, call.state) == ([Arm()], State.ARMED)


def test_a_pause_before_the_answer_holds_when_the_answer_comes() -> None:
    call, said = play(BOT, Offered(), Pause(), Pressed("1"), given())
    assert (call.state, Arm() in said) == (State.PAUSED, False)


def test_where_nothing_rests_on_consent_nothing_is_asked_and_nothing_recorded() -> None:
    call, said = play(BOT, Offered(), Pressed("1"), Heard("ja"), given(), Joined(agent=True), script=Script())
    assert (said, call.armed) == ([], False)
    assert not play(call, given(round_=1))[0].armed


def test_no_keys_and_words_are_in_what_is_shown() -> None:
    call, _ = play(BOT, Offered(), Pressed("47*"))
    assert "47" not in repr(call) + repr(Pressed("47")) + repr(Heard("Geheim 47"))


def test_before_the_question_was_spoken_nothing_answers_it_but_it_can_be_stopped() -> None:
    early = (Pressed("1", answers=False), Heard("ja", answers=False), Heard("nein", answers=False))
    call, said = play(BOT, Offered(), *early)
    assert (call.state, said) == (State.ASKED, [Ask()])
    for stop in (Pressed("*9", answers=False), Heard("bitte die Aufnahme beenden", answers=False)):
        assert play(call, stop)[0].state is State.REFUSED


def test_an_agent_tells_what_the_caller_has_answered_them() -> None:
    yes = Desk(given=True, reference="7", of=Party.CALLER)
    call, said = play(AGENT, Offered(), yes)
    commit = Commit(Party.CALLER, given=True, round=0, evidence=Evidence("desk", reference="7"))
    assert (said, call.state) == ([Ask(), commit], State.GIVEN)
    call, _ = play(call, given(), Desk(given=True), given(Party.AGENT))
    assert call.armed
    assert play(call, yes) == (call, []), "nobody has asked"
    call, said = play(call, Desk(given=False, of=Party.CALLER))
    assert (said, call.state) == ([Disarm()], State.REFUSED)


def test_a_no_that_an_agent_tells_overtakes_a_yes_that_is_not_durable() -> None:
    call, said = play(BOT, Offered(), Pressed("1"), Desk(given=False, of=Party.CALLER))
    assert (call.state, said[-1]) == (
        State.REFUSED, Commit(Party.CALLER, given=False, round=1, evidence=Evidence("desk", reference=""))
    )  # fmt: skip
    assert not play(call, given())[0].armed


def test_an_agents_word_for_a_caller_whom_nobody_has_asked_counts_for_nothing() -> None:
    for event in (Desk(given=True, of=Party.CALLER), Desk(given=False, of=Party.CALLER)):
        assert play(AGENT, event) == (AGENT, [])
