"""What a notice says of the calls of a channel, beside what holds for every channel."""

from __future__ import annotations

from pydantic import Field

from gateway.notice.answers import Answers
from gateway.notice.block import Block
from gateway.notice.fields import Address, KeysPressed, Language, Localised, Pause, Period, Slug, Text


class StopRules(Block):
    """How a caller stops the recording at any time."""

    keys: KeysPressed | None = Field(default=None, description="Keys of the telephone in a row, such as `*9`.")
    words: dict[Language, tuple[Text, ...]] = Field(
        default={}, description="Words that stop it, wherever they stand in what is said."
    )


class PauseRules(Block):
    """How recording and transcript pause while card data are taken; the API does it as well."""

    keys: KeysPressed | None = Field(default=None, description="Keys of the telephone that begin a pause.")
    resume_keys: KeysPressed | None = Field(default=None, description="Keys of the telephone that end it.")
    card_numbers: bool = Field(
        default=True, description="Whether a pause begins by itself when a card's number is asked for or begun."
    )
    longest: Pause = Field(default="PT5M", description="After this time a pause ends by itself.")


class SurveyQuestion(Block):
    """A question that is answered by a number, such as a key of the telephone."""

    ask: Localised = Field(description="The question, in each language.")
    lowest: int = Field(default=1, ge=0, le=100, description="The lowest answer.")
    highest: int = Field(default=5, ge=0, le=100, description="The highest answer.")


class SurveyRules(Block):
    """A survey right after the call; its answers are kept without anything that leads to a caller."""

    name: Slug = Field(description="The survey's name; answers of one name are released together.")
    invite: Localised = Field(description="What is asked first: whether the caller wants to be asked.")
    answers: Answers | None = Field(
        default=None, description="How the invitation is answered; with it the gateway asks by itself."
    )
    questions: dict[Slug, SurveyQuestion] = Field(
        min_length=1, max_length=20, description="The questions, asked in this order."
    )
    thanks: Localised | None = Field(default=None, description="What is said once all has been answered.")
    at_least: int = Field(
        default=5, ge=2, le=1000, description="How many answers there must be before any of them can be seen."
    )
    period: Period = Field(default="P1Y", description="How long answers are kept after their week.")
    within: Pause = Field(default="PT10M", description="How long after the call it can be asked and answered.")


class CallRules(Block):
    """How consent is asked in a call, and how long is waited."""

    agent: Slug | None = Field(
        default=None,
        description="The consent of the person at the desk; without it a call with an agent in it is not recorded.",
    )
    unclear: Localised | None = Field(
        default=None, description="What is said before the question is put again, after an answer that was not clear."
    )
    not_recorded: Localised | None = Field(
        default=None, description="What a caller is told whose answer could not be kept, so that nothing is recorded."
    )
    confidence: float = Field(
        default=0.6, ge=0, le=1, description="Least confidence of the speech recognition in a spoken yes, 0 to 1."
    )
    answer_within: Pause = Field(
        default="PT30S",
        description="How long an answer is waited for, from the moment at which the question is given out.",
    )
    silence: Pause = Field(default="PT5M", description="After this time without any sign of it a call has ended.")
    longest: Pause = Field(default="PT2H", description="After this time a call has ended in any case.")
    bot_addresses: tuple[Address, ...] = Field(
        default=(),
        description="Further addresses by which the bot calls itself in its answers; they lead through the gateway.",
    )
    stop: StopRules | None = Field(default=None, description="How a caller stops the recording.")
    survey: SurveyRules | None = Field(default=None, description="What is asked after the call, if the caller agrees.")
    pause: PauseRules | None = Field(default=None, description="How recording and transcript pause.")
