"""The survey as it is spoken: what is asked when, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.calls.survey import Survey
from gateway.calls.survey_talk import Reply, Step, SurveyTalks, talks_of
from gateway.errors import RefusedError
from gateway.notice.load import parse_notice
from storage.memory import MemoryStore
from storage.surveys import SurveyStore
from tests.fakes import FakeClock
from tests.integration.call_shop import NOTICE

TWO = NOTICE.replace(
    'questions: {happy: {ask: {de: "Wie zufrieden, eins bis fünf?"}}}',
    'questions: {happy: {ask: {de: "Wie zufrieden?"}}, '
    'likely: {ask: {de: "Wie wahrscheinlich?"}, lowest: 0, highest: 10}}',
)


class Line:
    """A call that has just ended, and its talk."""

    def __init__(self, notice: str = TWO) -> None:
        self.clock = FakeClock()
        self.store: SurveyStore = MemoryStore().surveys
        parsed = parse_notice(notice.encode(), Path("notice")).notice
        channel = parsed.channels["chat"]
        assert channel.call is not None
        assert channel.call.survey is not None
        self.survey = Survey(parsed, channel.call.survey, self.store, self.clock)
        talks = talks_of(parsed, channel, self.survey)
        assert talks is not None
        self.talks: SurveyTalks = talks
        self.survey.offer("c", "de")

    async def hear(self, *replies: Reply) -> Step:
        return [await self.talks.hear("c", reply) for reply in replies][-1]

    async def kept(self) -> list[dict[str, int]]:
        self.survey.offer("d", "de")
        self.survey.agree("d", agreed=True)
        await self.survey.answer("d", {"happy": 5, "likely": 10})  # one more, so that two can be released
        self.clock.move(days=8)
        await self.store.release(self.clock.now())
        return [
            dict(one.answers) for one in await self.store.results(self.clock.now()) if one.answers.get("likely") != 10
        ]


YES, NONE = Reply("1"), Reply()


async def test_it_asks_in_order_and_keeps_the_numbers() -> None:
    line = Line()
    assert [one.text for one in line.talks.step("c").prompts] == ["Dürfen wir noch etwas fragen?"]
    asked = await line.hear(YES)
    assert ([one.text for one in asked.prompts], asked.most_keys) == (["Wie zufrieden?"], 1)
    asked = await line.hear(Reply(words="vier"))
    assert ([one.text for one in asked.prompts], asked.most_keys) == (["Wie wahrscheinlich?"], 2)
    done = await line.hear(Reply("7"))
    assert (done.over, [one.text for one in done.prompts]) == (True, ["Danke!"])
    assert await line.hear(Reply("1"), NONE) == done
    assert await line.kept() == [{"happy": 4, "likely": 7}]


async def test_what_is_not_clear_is_asked_once_more_and_then_left_out() -> None:
    line = Line()
    again = await line.hear(YES, Reply("9"))
    assert [one.text for one in again.prompts] == ["Das habe ich nicht verstanden.", "Wie zufrieden?"]
    asked = await line.hear(NONE)
    assert [one.text for one in asked.prompts] == ["Wie wahrscheinlich?"]
    assert (await line.hear(Reply(words="null"))).over
    assert await line.kept() == [{"likely": 0}]


@pytest.mark.parametrize(
    "replies",
    [[Reply("2")], [NONE, NONE], [Reply(words="nein danke")], [Reply(words="ja, aber erst mein Paket")] * 2,
     [YES, NONE, NONE, NONE, NONE], [YES, Reply("5")]],
    ids=["no", "silence", "a spoken no", "carrying on", "no question answered", "broken off"],
)  # fmt: skip
async def test_without_a_yes_and_a_whole_answer_nothing_is_kept(replies: list[Reply]) -> None:
    line = Line()
    await line.hear(*replies)
    assert await line.kept() == []


async def test_nobody_is_asked_in_a_call_or_late() -> None:
    line = Line()
    with pytest.raises(RefusedError):
        line.talks.step("another")
    line.clock.move(minutes=11)
    with pytest.raises(RefusedError):
        line.talks.step("c")


async def test_a_talk_that_breaks_off_leaves_no_answer_in_memory_either() -> None:
    line = Line()
    await line.hear(YES, Reply("5"))
    line.talks.forget()
    assert "'happy': 5" in _remembered(line), "it goes on"
    line.clock.move(minutes=11)
    line.talks.forget()
    assert "'happy': 5" not in _remembered(line)
    assert line.talks.knows("c"), "what its platform tells later begins no call"


def _remembered(line: Line) -> str:
    return str([talk.answers for talk in line.talks._talks.values()])


async def test_what_the_platform_has_asked_by_itself_is_not_asked_again() -> None:
    line = Line()
    line.survey.agree("c", agreed=False)
    assert line.talks.step("c").over


def test_a_notice_that_does_not_say_how_is_not_talked_through() -> None:
    silent = "\n".join(
        line
        for line in TWO.splitlines()
        if not line.strip().startswith('answers: {dtmf: {"1": given, "2": refused}, words: {de: {given: [ja, gern]')
    )
    parsed = parse_notice(silent.encode(), Path("notice")).notice
    channel = parsed.channels["chat"]
    assert channel.call is not None
    assert channel.call.survey is not None
    assert talks_of(parsed, channel, Survey(parsed, channel.call.survey, MemoryStore().surveys, FakeClock())) is None
