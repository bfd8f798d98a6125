"""Answers requests in a chat in the gateway's own words: they reach no bot, and nothing of them is kept as a turn.

Where a client sends them again with its history, the bot reads them, but no reference that was given; they are not kept
then either. Who owns the session has proven who asks; an erasure is asked for twice. Anybody else is told where to ask.
"""

from __future__ import annotations

from typing import Final

import orjson

from gateway.connector import OWN_TEXT, Connector
from gateway.engine import Parsed, Slot
from gateway.errors import GatewayError
from gateway.exchange import Answer, Begin, Head, Incoming
from gateway.notice.model import Notice
from gateway.rendering.words import all_words
from gateway.rights.commands import Command, aside_in, command_in, said_now, without_references
from gateway.rights.office import Asked, Office, View
from gateway.rights.words import rights_words
from gateway.rights.words.model import CommandWords
from storage.errors import StorageError
from storage.records import ConsentState, Session, Speaker
from storage.requests import Right

_LOOKED_AT_LATER: Final = frozenset({Right.OBJECTION, Right.PORTABILITY, Right.RESTRICTION})


class ChatRequests:
    """The requests in the chats of one channel."""

    def __init__(self, notice: Notice, name: str, connector: Connector, office: Office, public_url: str = "") -> None:
        """Take the channel and the office, and where customers reach the gateway, if that is known."""
        self._notice = notice
        self._name = name
        self._page = f"{public_url.rstrip('/')}/{name}/rights"
        self._office = office
        self._connector = connector

    def command(self, parsed: Parsed) -> Command | None:
        """Return the request that a body is; None for an ordinary message, and where the notice takes no requests."""
        return command_in(said_now(parsed)) if self._taken else None

    def asides(self, parsed: Parsed) -> frozenset[int]:
        """Return the slots of a history that are requests and their answers: they are no turns of the conversation."""
        return aside_in(parsed) if self._taken else frozenset()

    def for_bot(self, slot: Slot, text: str) -> str:
        """Return the text of a slot as the bot may have it: without the references that the gateway has given."""
        return without_references(text) if self._taken and slot.speaker is Speaker.BOT else text

    @property
    def _taken(self) -> bool:
        return self._connector.own is not None and self._office.open

    async def reply(
        self, command: Command, session: Session | None, incoming: Incoming, begin: Begin, *, streams: bool
    ) -> Answer | None:
        """Answer as the protocol has it, streamed into `begin(head)` where a stream was asked for."""
        text = await self.answer(command, session, incoming.connection.get("address", ""))
        own = self._connector.own
        if streams and own is not None and own.events:
            sink = await begin(Head(200, {"Content-Type": "text/event-stream"}, None))
            await sink.write(own_events(self._connector, text))
            await sink.finish()
            return None
        return Answer(Head(200, {"Content-Type": "application/json"}, None), own_answer(self._connector, text))

    async def answer(self, command: Command, session: Session | None, address: str) -> str:
        """Return what is answered to a command; `session` is the one that its sender owns."""
        words = rights_words()[command.language].commands
        said = {"page": self._page, "contact": self._notice.rights.contact}
        if session is None or command.right is Right.RECTIFICATION:  # what is wrong has to be said as well
            return words.not_the_owner.format(**said)
        if command.right is Right.ERASURE and not command.confirmed:
            return words.confirm
        given = [name for name, state in session.consents.items() if state is ConsentState.GIVEN]
        if command.right is Right.WITHDRAWAL and not given:
            return words.nothing_to_withdraw
        asked = Asked(command.right, command.language, self._name, session.id, address=address)
        try:
            _, reference = await self._office.ask(asked)
            view = await self._office.view(reference)
        except (GatewayError, StorageError):
            return words.failed.format(**said)
        if command.right in _LOOKED_AT_LATER:
            return words.taken.format(page=said["page"], reference=reference)
        return self._told(command, view, words, given, said["page"])

    def _told(self, command: Command, view: View, words: CommandWords, given: list[str], page: str) -> str:
        match command.right:
            case Right.WITHDRAWAL:
                return words.withdrawn.format(
                    consents=" ".join(self._asked(name, words, command.language) for name in given)
                )
            case Right.ACCESS:
                parts = all_words()[command.language].parts
                facts = dict.fromkeys(
                    f"{parts[fact.kind]} ({fact.until:%Y-%m-%d})" if fact.until else parts[fact.kind]
                    for fact in view.facts
                )
                return words.access.format(facts="; ".join(facts) or rights_words()[command.language].none, page=page)
            case _:
                receipts = ", ".join(str(each.id) for each in view.receipts) or "-"
                if view.erasure.blocked:
                    return words.erased_partly.format(receipts=receipts)
                clean_by = view.erasure.backups_clean_by
                return words.erased.format(receipts=receipts, clean_by=f"{clean_by:%Y-%m-%d}" if clean_by else "-")

    def _asked(self, consent: str, words: CommandWords, language: str) -> str:
        asked = self._notice.consents.get(consent)
        return words.quoted.format(consent if asked is None else self._notice.wording(asked.ask, language))


def own_answer(connector: Connector, text: str) -> bytes:
    """Return a whole answer with a text of the gateway's own, as the protocol has it."""
    return orjson.dumps(_filled(connector.own.answer, text)) if connector.own is not None else b""


def own_events(connector: Connector, text: str) -> bytes:
    """Return a streamed answer with a text of the gateway's own, its end included."""
    events = connector.own.events if connector.own is not None else ()
    data = [orjson.dumps(_filled(event, text)) for event in events]
    data += [mark.encode() for mark in connector.end_marks]
    return b"".join(b"data: " + each + b"\n\n" for each in data)


def _filled(template: object, text: str) -> object:
    if template == OWN_TEXT:
        return text
    if isinstance(template, dict):
        return {name: _filled(value, text) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, text) for value in template]
    return template
