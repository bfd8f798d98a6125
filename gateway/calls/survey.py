"""The survey after a call: asked only if the caller agrees, right after the call, answered once, kept by nobody's name.

Answers are numbers and go to a store that knows no session, no number and no time but the week. That an answer has come
is remembered for the call in memory, so that it comes once; it is written nowhere, and no metric counts it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from gateway.clock import Clock
from gateway.errors import RefusedError
from gateway.notice.call import SurveyRules
from gateway.notice.model import Notice
from storage.surveys import SurveyStore, SurveyTerms

_MOST_CALLS: Final = 5_000
_DURATION: Final = TypeAdapter(timedelta)


class SurveyState(StrEnum):
    """Where the survey of a call stands."""

    OFFERED = "offered"
    AGREED = "agreed"
    DECLINED = "declined"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """What is to be asked now: the invitation, and once it was agreed to, the questions.

    A question is its name, its words, and its lowest and highest answer.
    """

    state: SurveyState
    invite: str
    questions: tuple[tuple[str, str, int, int], ...]


@dataclass(slots=True)
class _Asked:
    until: datetime
    language: str
    state: SurveyState = SurveyState.OFFERED


class Survey:
    """The survey of one channel of calls."""

    def __init__(self, notice: Notice, rules: SurveyRules, store: SurveyStore, clock: Clock) -> None:
        """Put it together."""
        self._notice = notice
        self._rules = rules
        self._terms = SurveyTerms(rules.name, rules.at_least, rules.period, notice.time_zone)
        self._within = _DURATION.validate_python(rules.within)
        self._store = store
        self._clock = clock
        self._calls: OrderedDict[str, _Asked] = OrderedDict()

    def offer(self, call: str, language: str) -> None:
        """Note that a call has ended: its caller may be asked from now on, for a while."""
        self._calls[call] = _Asked(self._clock.now() + self._within, language)
        if len(self._calls) > _MOST_CALLS:
            self._calls.popitem(last=False)

    def may_ask(self, call: str) -> bool:
        """Tell whether a call has ended, and not so long ago that its caller can't be asked any more."""
        asked = self._calls.get(call)
        return asked is not None and asked.until >= self._clock.now()

    def forget(self) -> None:
        """Forget the calls that have ended too long ago."""
        while self._calls and not self.may_ask(next(iter(self._calls))):
            self._calls.popitem(last=False)

    def show(self, call: str) -> SurveyPage:
        """Return what is to be asked. Raises RefusedError (404) for a call that is not over, or over for too long."""
        return self._page(self._asked(call))

    def language(self, call: str) -> str:
        """Return the language of a call that has ended. Raises RefusedError (404)."""
        return self._asked(call).language

    def agree(self, call: str, *, agreed: bool) -> SurveyPage:
        """Take the caller's word whether they want to be asked. Raises RefusedError (404, 409)."""
        asked = self._asked(call)
        if asked.state is SurveyState.ANSWERED:
            raise RefusedError("survey_over", 409, "This call's survey has been answered")
        asked.state = SurveyState.AGREED if agreed else SurveyState.DECLINED
        return self._page(asked)

    async def answer(self, call: str, answers: Mapping[str, int]) -> SurveyPage:
        """Keep the answers, once. Raises RefusedError (400, 404, 409) or StoreUnavailableError."""
        asked = self._asked(call)
        if asked.state is not SurveyState.AGREED:
            raise RefusedError("survey_over", 409, "A survey is answered once, after the caller has agreed to it")
        questions = self._rules.questions
        if not answers or any(
            name not in questions or not questions[name].lowest <= number <= questions[name].highest
            for name, number in answers.items()
        ):
            raise RefusedError("bad_body", 400, "answers: each names a question and is one of its numbers")
        asked.state = SurveyState.ANSWERED  # before the wait: said twice at once, it counts once
        try:
            await self._store.answer(self._terms, answers, self._clock.now())
        except BaseException:
            asked.state = SurveyState.AGREED
            raise
        return self._page(asked)

    def _asked(self, call: str) -> _Asked:
        if not self.may_ask(call):
            raise RefusedError("no_call", 404, "No such call has just ended here")
        return self._calls[call]

    def _page(self, asked: _Asked) -> SurveyPage:
        questions = self._rules.questions.items() if asked.state is SurveyState.AGREED else ()
        return SurveyPage(
            asked.state,
            self._notice.wording(self._rules.invite, asked.language),
            tuple(
                (name, self._notice.wording(one.ask, asked.language), one.lowest, one.highest)
                for name, one in questions
            ),
        )
