"""Codes and letters to those who have sent a request, in their language."""

from __future__ import annotations

import contextlib
from typing import Final

from gateway.errors import RefusedError
from gateway.notice.model import Notice
from gateway.rights.letters import Courier, Letter
from gateway.rights.words import words_in
from storage.requests import Matter, Request

_SUBJECTS: Final = {"answered": "answered_subject", "refused": "refused_subject", "extended": "extended_subject"}


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

    async def letter(self, request: Request, matter: Matter, kind: str, text: str = "") -> None:
        """Send a letter of a kind, `answered` without a text; none where nothing goes there. Raises as `code`."""
        if self._courier is None or not self._courier.reaches(matter.contact):
            return
        words = words_in(request.language, self._notice.language)
        said = {"id": str(request.id), "controller": self._notice.controller.name}
        subject: str = getattr(words.letters, _SUBJECTS[kind])
        body = text or words.letters.answered.format(**said)
        await self._courier.send(Letter(matter.contact, kind, words.language, subject.format(**said), body, said))

    async def word(self, request: Request, matter: Matter, kind: str, text: str = "") -> None:
        """Do as `letter`, but let it be if that fails: the page shows an answer in any case."""
        with contextlib.suppress(RefusedError):
            await self.letter(request, matter, kind, text)
