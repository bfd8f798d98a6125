"""The survey as it is spoken: the gateway asks whether the caller wants to be asked, then question after question.

An answer comes by keys or in words. One that is not clear, and silence, is asked once more; then an invitation counts
as declined, and a question as not answered. What is said here is in no transcript and no recording, for the call is
over; of an answer nothing is kept but its number. A talk that breaks off leaves nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from gateway.calls.answers import understood
from gateway.calls.live import Prompt
from gateway.calls.numbers import number_pressed, number_said
from gateway.calls.survey import Survey, SurveyState
from gateway.notice.call import SurveyRules
from gateway.notice.channel import Channel
from gateway.notice.fields import Localised
from gateway.notice.model import Notice

_MOST_TALKS: Final = 5_000
_MOST_ASKED: Final = 2


@dataclass(frozen=True, slots=True)
class Step:
    """What is spoken now. `number` rises with each; `most_keys` is that of the longest answer, 0 where it is over."""

    number: int
    prompts: tuple[Prompt, ...]
    most_keys: int

    @property
    def over(self) -> bool:
        """Whether nothing more is asked: the line may be left."""
        return self.most_keys == 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller did: keys, or words; neither where nothing came."""

    keys: str | None = field(default=None, repr=False)
    words: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Talk:
    language: str
    left: list[str]
    invited: bool = False
    asked: int = 1
    number: int = 1
    answers: dict[str, int] = field(default_factory=dict, repr=False)
    over: bool = False


def talks_of(notice: Notice, channel: Channel, survey: Survey | None) -> SurveyTalks | None:
    """Return the talks of a channel; None where its notice does not say how the invitation is answered."""
    rules = channel.call.survey if channel.call is not None else None
    if channel.call is None or rules is None or rules.answers is None or survey is None:
        return None
    return SurveyTalks(notice, rules, channel.call.unclear, survey)


class SurveyTalks:
    """The talks of one channel, each about a call that has ended."""

    def __init__(self, notice: Notice, rules: SurveyRules, unclear: Localised | None, survey: Survey) -> None:
        """Take the notice's words; `survey` keeps what comes of it."""
        self._notice = notice
        self._rules = rules
        self._unclear = unclear
        self._survey = survey
        self._talks: OrderedDict[str, _Talk] = OrderedDict()

    def knows(self, call: str) -> bool:
        """Tell whether a call is over and its survey is being talked through."""
        return call in self._talks

    def forget(self) -> None:
        """Forget what was answered in talks that have broken off; the call stays known, as over."""
        for call, talk in self._talks.items():
            if not talk.over and not self._survey.may_ask(call):
                talk.answers.clear()
                talk.over = True

    def step(self, call: str) -> Step:
        """Return what is to be spoken now; the talk begins with it. Raises RefusedError (404)."""
        language = self._survey.language(call)
        if call not in self._talks:
            over = self._survey.show(call).state is not SurveyState.OFFERED
            self._talks[call] = _Talk(language, list(self._rules.questions), over=over)
            if len(self._talks) > _MOST_TALKS:
                self._talks.popitem(last=False)
        return self._said(self._talks[call])

    async def hear(self, call: str, reply: Reply) -> Step:
        """Take an answer; returns what is to be spoken then. Raises RefusedError (404), StoreUnavailableError."""
        self.step(call)
        talk = self._talks[call]
        if talk.over:
            return self._said(talk)
        if not talk.invited:
            agreed = self._agrees(talk, reply)
            if agreed is None and talk.asked < _MOST_ASKED:
                return self._again(talk)
            self._survey.agree(call, agreed=bool(agreed))
            talk.invited, talk.over = True, not agreed
        else:
            name = talk.left[0]
            number = self._number(talk, name, reply)
            if number is None and talk.asked < _MOST_ASKED:
                return self._again(talk)
            if len(talk.left) == 1:
                answers = talk.answers | ({name: number} if number is not None else {})
                if answers:
                    await self._survey.answer(call, answers)
                talk.answers.clear()  # from here on nothing in memory leads from them to the call
                talk.over = True
            elif number is not None:
                talk.answers[name] = number
            del talk.left[:1]
        talk.asked, talk.number = 1, talk.number + 1
        return self._said(talk)

    def _again(self, talk: _Talk) -> Step:
        talk.asked, talk.number = talk.asked + 1, talk.number + 1
        return self._said(talk)

    def _agrees(self, talk: _Talk, reply: Reply) -> bool | None:
        answers = self._rules.answers
        if answers is None:
            return None
        if reply.keys is not None:
            meaning = answers.dtmf.get(reply.keys[:1])
            return None if meaning is None else meaning == "given"
        own = answers.words.get(talk.language)
        refused = [phrase for words in answers.words.values() for phrase in words.refused]
        found = understood(reply.words or "", own.given if own else (), refused)
        return None if found is None else found.given

    def _number(self, talk: _Talk, name: str, reply: Reply) -> int | None:
        pressed = reply.keys is not None
        number = number_pressed(reply.keys or "") if pressed else number_said(reply.words or "", talk.language)
        rules = self._rules.questions[name]
        return number if number is not None and rules.lowest <= number <= rules.highest else None

    def _said(self, talk: _Talk) -> Step:
        if talk.over:
            thanks = None if talk.left else self._rules.thanks
            said = (self._prompt("notice", thanks, talk),) if thanks is not None else ()
            return Step(talk.number, said, 0)
        ask = self._rules.questions[talk.left[0]] if talk.invited else None
        lead = (self._prompt("notice", self._unclear, talk),) if talk.asked > 1 and self._unclear is not None else ()
        question = self._prompt("question", self._rules.invite if ask is None else ask.ask, talk)
        return Step(talk.number, (*lead, question), 1 if ask is None else len(str(ask.highest)))

    def _prompt(self, kind: str, wording: Localised, talk: _Talk) -> Prompt:
        text = self._notice.wording(wording, talk.language)
        return Prompt("question" if kind == "question" else "notice", text, talk.language)
