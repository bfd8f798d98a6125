"""How much one may say at once: a few pages, whatever fits into a body."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.engine import Parsed
from gateway.errors import BodyUnreadableError, RefusedError, UpstreamError
from storage.records import Speaker

OTHERS = 10
"""A bot's answer, a system prompt or what a tool returned may be this many times as long as a customer's message."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most characters of one message of a customer."""

    message_characters: int = 20_000

    def check(self, parsed: Parsed) -> None:
        """Raise RefusedError (413) where a text is too long, BodyUnreadableError (400) where nobody says anything."""
        if not (parsed.attached or parsed.silent) and all(slot.speaker is None for slot in parsed.slots):
            raise BodyUnreadableError("Nobody says anything in this body.")
        for slot in parsed.slots:
            most = self.message_characters * (1 if slot.speaker is Speaker.SUBJECT else OTHERS)
            if len(slot.text) > most:
                raise RefusedError("message_too_long", 413, f"A text of this message is longer than {most} characters")

    def check_answer(self, characters: int) -> None:
        """Raise UpstreamError (502) for a bot's answer that is longer than anybody reads."""
        if characters > self.message_characters * OTHERS:
            raise UpstreamError("answer_too_large", 502)
