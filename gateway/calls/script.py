"""What a notice says of the calls of one channel: the question, the answers to it, and what stops or pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import TypeAdapter

from gateway.notice.answers import Words
from gateway.notice.call import CallRules, PauseRules, StopRules
from gateway.notice.channel import Channel
from gateway.notice.fields import Localised
from gateway.notice.model import Consent, Notice

_DURATION = TypeAdapter(timedelta)
_OPEN_TICKET = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Script:
    """The rules of one channel's calls.

    Attributes:
        question: the consent that the caller is asked for; None where nothing rests on consent, so nothing is asked.
        agent: the consent that a person of the service gives at the desk; None where the notice has none.
        keys: what each key of the telephone answers.
        words: the words that answer, for each language.
        confidence: below it a spoken yes is not clear.
        stop_keys, pause_keys, resume_keys: keys in a row that stop, pause and resume; empty where there are none.
        stop_words: what is said to stop the recording.
        card_numbers: whether a card's number that is coming pauses by itself.
    """

    question: str | None = None
    agent: str | None = None
    keys: Mapping[str, bool] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)
    confidence: float = 0.0
    stop_keys: str = ""
    pause_keys: str = ""
    resume_keys: str = ""
    stop_words: tuple[str, ...] = ()
    card_numbers: bool = True

    @property
    def most_keys(self) -> int:
        """How many keys have to be remembered to see the longest row."""
        return max(map(len, (self.stop_keys, self.pause_keys, self.resume_keys)), default=0)


@dataclass(frozen=True, slots=True)
class Prompts:
    """What a caller is told and asked, in each language of the notice."""

    notice: Notice
    ask: Localised | None
    unclear: Localised | None
    not_recorded: Localised | None

    def question(self, language: str | None, *, again: bool) -> str:
        """Return the question as it is put."""
        lead = self.notice.wording(self.unclear, language) + " " if again and self.unclear else ""
        return lead + (self.notice.wording(self.ask, language) if self.ask else "")

    def language(self, asked_for: str | None) -> str:
        """Return the language that the question is put in: the caller's where the notice has it, else its own."""
        return asked_for if asked_for is not None and asked_for in (self.ask or {}) else self.notice.language


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited: for an answer, in a pause, for any sign of the platform, and for the end of the call."""

    answer: timedelta
    pause: timedelta
    silence: timedelta
    longest: timedelta


def script_of(notice: Notice, channel: Channel) -> Script:
    """Return the rules of a channel; the notice's checks have seen to it that they fit together."""
    rules = channel.call or CallRules()
    stop, pause = rules.stop or StopRules(), rules.pause or PauseRules()
    question = asked_in(notice, channel)
    answers = notice.consents[question].answers if question is not None else None
    return Script(
        question=question,
        agent=rules.agent,
        keys={key: answer == "given" for key, answer in answers.dtmf.items()} if answers else {},
        words=answers.words if answers else {},
        confidence=rules.confidence,
        stop_keys=stop.keys or "",
        pause_keys=pause.keys or "",
        resume_keys=pause.resume_keys or "",
        card_numbers=pause.card_numbers,
        stop_words=tuple(phrase for phrases in stop.words.values() for phrase in phrases),
    )


def prompts_of(notice: Notice, channel: Channel) -> Prompts:
    """Return what callers of a channel are told and asked."""
    rules = channel.call or CallRules()
    question = asked_in(notice, channel)
    consent: Consent | None = notice.consents[question] if question is not None else None
    return Prompts(notice, consent.ask if consent else None, rules.unclear, rules.not_recorded)


def patience_of(channel: Channel) -> Patience:
    """Return how long is waited in the calls of a channel."""
    rules = channel.call or CallRules()
    times = (rules.answer_within, (rules.pause or PauseRules()).longest, rules.silence, rules.longest)
    return Patience(*map(_DURATION.validate_python, times))


def idle_of(channel: Channel) -> timedelta:
    """Return after which silence a session of a channel has ended; a call may go on without a word that is kept.

    A ticket waits for its resolution, unless its channel says how long.
    """
    if channel.kind == "ticket" and "session_idle" not in channel.model_fields_set:
        return _OPEN_TICKET
    idle = _DURATION.validate_python(channel.session_idle)
    return max(idle, patience_of(channel).longest) if channel.kind == "call" else idle


def asked_in(notice: Notice, channel: Channel) -> str | None:
    """Return the one consent that callers of a channel are asked for; None where nothing rests on one."""
    named = (notice.purposes[purpose].consent for kept in channel.keep.values() for purpose in kept)
    return next((consent for consent in named if consent is not None), None)
