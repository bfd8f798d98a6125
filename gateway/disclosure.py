"""The AI disclosure (AI Act Art. 50(1)): put before the first answer, and taken out of histories sent again."""

from __future__ import annotations

from gateway.consent import Telling
from gateway.engine import Slot
from gateway.notice.channel import Channel
from gateway.notice.model import Notice
from gateway.sessions import Opened
from storage.records import Speaker


class Disclosure:
    """A channel's disclosure, where the gateway itself delivers it."""

    def __init__(self, notice: Notice, channel: Channel) -> None:
        """Take the wordings of a channel whose notice says `tell.deliver: prepend`; none for any other."""
        tell = channel.tell if channel.tell is not None and channel.tell.deliver == "prepend" else None
        self._wordings = tell.ai_disclosure if tell is not None else {}
        self._default = self._wordings.get(notice.language, "")

    def before_answer(self, language: str | None) -> str:
        """Return what is put before the first answer, with the blank line behind it."""
        return self._wordings.get(language or "", self._default) + "\n\n"

    def without(self, slot: Slot) -> str:
        """Return a slot's text without the disclosure, which is the gateway's word and not the bot's."""
        if slot.speaker is Speaker.BOT:
            for wording in self._wordings.values():
                if slot.text.startswith(wording):
                    return slot.text.removeprefix(wording).lstrip("\n")
        return slot.text

    def is_due(self, telling: Telling, opened: Opened, repeated: int | None) -> bool:
        """Whether it is put before the answer: before the first one, and again where that one is asked for again.

        `repeated` is the number of the stored turn that a request repeats. What a client's history shows is no proof:
        the session knows whether its customer was told.
        """
        if telling is Telling.PREPEND or repeated is None or opened.session is None or not self._wordings:
            return telling is Telling.PREPEND
        return all(ref.sequence > repeated for ref in opened.session.history if ref.speaker is Speaker.BOT)
