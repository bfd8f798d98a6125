"""Codes and letters to those who have sent a request, in their language.

A code is sent while somebody waits for it. Letters are kept in the outbox, in one transaction with what they tell of,
and sent until they have gone; the reason why a request takes longer is sent at once as well.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from gateway.notice.model import Notice
from gateway.rights.letters import Courier, Letter, undelivered
from gateway.rights.words import RightsWords, words_in
from storage.ids import uuid7
from storage.requests import SENDER, Matter, MessageKind, NewMessage, Request, RequestState

ANSWERED: Final = "answered"
REFUSED: Final = "refused"
EXTENDED: Final = "extended"
LIFTING: Final = "lifting"


def remedies_in(notice: Notice, words: RightsWords) -> str:
    """Return what who is refused something can do (Art. 12(4))."""
    authority = notice.rights.authority
    named = "" if authority is None else f" ({notice.wording(authority, words.language)})"
    return words.letters.remedies.format(authority=named)


class Correspondence:
    """What is written to people."""

    def __init__(self, notice: Notice, courier: Courier | None) -> None:
        """Take what brings letters, if anything does."""
        self._notice = notice
        self._courier = courier

    def reaches(self, contact: str) -> bool:
        """Tell whether letters can go there."""
        return self._courier is not None and self._courier.reaches(contact)

    async def code(self, contact: str, code: str, language: str) -> None:
        """Send a code. Raises RefusedError (503)."""
        words = words_in(language, self._notice.language)
        said = {"controller": self._notice.controller.name, "code": code}
        subject, text = words.letters.code_subject.format(**said), words.letters.code.format(**said)
        if self._courier is not None:
            await self._courier.send(Letter(contact, "code", words.language, subject, text, said))

    def to_send(
        self,
        matter: Matter,
        kind: str,
        now: datetime,
        text: str = "",
        *,
        lifts: bool = False,
        waits_until: datetime | None = None,
    ) -> tuple[NewMessage, ...]:
        """Return a letter for the outbox, none where nothing goes there; `lifts`: a restriction ends with it.

        `waits_until`: until then who asks for it sends it.
        """
        if not self.reaches(matter.contact):
            return ()
        content = json.dumps({"kind": kind, "text": text, "lifts": lifts})
        return (NewMessage(uuid7(now), SENDER, content, MessageKind(kind), waits_until),)

    async def send(self, request: Request, matter: Matter, content: str) -> None:
        """Send a letter of the outbox. Raises RefusedError (503), also for one that is no longer true."""
        said = json.loads(content)
        if said["kind"] == EXTENDED and request.state is not RequestState.EXTENDED:
            raise undelivered()  # that was taken back, or it is answered already
        await self.letter(request, matter, said["kind"], said["text"], lifts=said["lifts"])

    async def letter(self, request: Request, matter: Matter, kind: str, text: str = "", *, lifts: bool = False) -> None:
        """Send a letter of a kind, some with a text of their own. Raises as `code`, also where nothing goes there."""
        if self._courier is None or not self._courier.reaches(matter.contact):
            raise undelivered()
        words = words_in(request.language, self._notice.language)
        said = {"id": str(request.id), "controller": self._notice.controller.name}
        own = {
            ANSWERED: (words.letters.answered_subject, words.letters.answered),
            REFUSED: (words.letters.refused_subject, "{text}\n\n{remedies}"),
            EXTENDED: (words.letters.extended_subject, "{text}"),
            LIFTING: (words.letters.lifting_subject, words.letters.lifting),
        }
        remedies = remedies_in(self._notice, words)
        subject, body = (each.format(**said, text=text, remedies=remedies) for each in own[kind])
        whole = f"{body}\n\n{words.letters.lifts}" if lifts else body
        await self._courier.send(Letter(matter.contact, kind, words.language, subject, whole, said))
