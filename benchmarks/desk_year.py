"""A year of traffic in a store, by the gateway's own writes and rules, on a clock of its own.

Of a hundred sessions 75 are chats and 25 tickets of an app; 40 were asked whether quality may be assured with them,
30 of them agreed, 2 withdrew. One of a thousand is a repair, with a purpose of its own. Nothing is past its last day
at the end of the year, so all that was not erased is kept: the most that a store of so many sessions can hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.access import Role
from gateway.consent import Rules
from gateway.notice.load import Loaded
from gateway.tokens import new_token
from storage.access import ApiToken, Approval, new_secret
from storage.holds import Ground, HoldTerms
from storage.ids import uuid7
from storage.records import (
    ConsentRecord,
    ConsentState,
    ErasureReason,
    NewSession,
    SessionEvent,
    Speaker,
    Turn,
    Write,
)
from storage.requests import Matter, NewRequest, Proof, RequestState, RequestStep, Right
from storage.sql import SqlStore

YEAR: Final = timedelta(days=365)
_ASKED, _GIVEN, _WITHDRAWN = 40, 30, 2
_REPAIRS, _REPAIR = 1000, 50
_AT_ONCE: Final = 256
_SEALED_EVERY: Final = 20  # batches: the leader of a gateway signs what was logged since
_QUESTION: Final = "Mein Gerät lässt sich seit gestern nicht mehr einschalten, was kann ich tun?"
_ANSWER: Final = "Halten Sie bitte die Taste zehn Sekunden lang gedrückt und laden Sie es dann eine Stunde."

NOTICE: Final = """
notice: a-year
version: "1"
language: de
controller: {name: Shop GmbH, address: Köln, email: ds@shop.example}
purposes:
  improve: {legal_basis: A6-1-f, interest: bessere Antworten}
  defend: {legal_basis: A6-1-f, interest: Abwehr von Ansprüchen, legal_claims: true}
  quality: {legal_basis: A6-1-a, consent: quality}
  prove-consent: {legal_basis: A6-1-c}
  repair: {legal_basis: A6-1-b}
deletion_classes:
  months-13: {start: collection, period: P13M}
  years-3: {start: collection, period: P3Y}
consents:
  quality: {ask: {de: "Dürfen wir den Verlauf für die Qualität nutzen?"}, required: false}
channels:
  chat:
    kind: chat
    connector: openai
    upstream: http://127.0.0.1:1
    tell: {ai_disclosure: {de: "Hier antwortet ein Chatbot."}, deliver: prepend}
    keep:
      transcript: {improve: months-13, defend: years-3, quality: months-13}
      facts: {improve: months-13}
      consent: {prove-consent: years-3}
  app:
    kind: ticket
    connector: tickets
    keep:
      transcript: {improve: months-13, defend: years-3, quality: months-13}
      facts: {improve: months-13}
      consent: {prove-consent: years-3}
  repairs:
    kind: ticket
    connector: tickets
    keep:
      transcript: {repair: months-13}
      facts: {repair: months-13}
rights: {contact: ds@shop.example, articles: ["15", "16", "17"]}
"""


@dataclass
class YearClock:
    """A clock that stands until it is set."""

    at: datetime

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self.at


@dataclass
class Year:
    """What was made: sessions and requests by their ids, and the part of a receipt."""

    sessions: list[UUID] = field(default_factory=list)
    requests: list[UUID] = field(default_factory=list)
    erased: UUID | None = None


async def fill(store: SqlStore, loaded: Loaded, clock: YearClock, sessions: int) -> Year:
    """Store a year's sessions from the clock's time on, and what a desk has done with some of them."""
    made, begin = Year(), clock.at
    rules = {name: Rules(loaded.notice, channel) for name, channel in loaded.notice.channels.items()}
    for batch, first in enumerate(range(0, sessions, _AT_ONCE)):
        numbers = range(first, min(first + _AT_ONCE, sessions))
        clock.at = begin + YEAR * numbers[-1] / sessions
        writes = [_conversation(loaded, rules, number, clock.at) for number in numbers]
        await asyncio.gather(*(store.write(each) for each in writes))
        made.sessions += [each.session_id for each in writes]
        await asyncio.gather(*(store.write(_withdrawal(loaded, each, clock.at)) for each in _some(numbers, writes)))
        for name in rules:  # as the sweeper does; half an hour later all of them are idle
            await store.end_idle(clock.at - timedelta(minutes=30), name, clock.at)
        if batch % _SEALED_EVERY == 0:
            await store.ledger.seal(clock.at)
    await _deeds(store, made, clock.at)
    await store.ledger.seal(clock.at)
    return made


def _some(numbers: range, writes: list[Write]) -> Iterator[Write]:
    return (write for number, write in zip(numbers, writes, strict=True) if number % 100 < _WITHDRAWN)


def _conversation(loaded: Loaded, rules: dict[str, Rules], number: int, now: datetime) -> Write:
    """Return the write of a whole conversation: opened, told, asked, answered."""
    of_hundred, token = number % 100, new_token(now)
    channel = "repairs" if number % _REPAIRS == _REPAIR else "chat" if of_hundred % 4 else "app"
    said = {}
    if of_hundred < _ASKED:
        said["quality"] = ConsentState.GIVEN if of_hundred < _GIVEN else ConsentState.REFUSED
    return Write(
        token.id,
        rules[channel].decide(said, disclosed=True).plan,
        now,
        new=NewSession(token.id, channel, loaded.notice.version, loaded.digest, now, token.secret, language="de"),
        turns=(Turn(Speaker.SUBJECT, _QUESTION, now, match=_QUESTION), Turn(Speaker.BOT, _ANSWER, now, match=_ANSWER)),
        consents=tuple(_record(loaded, state, now) for state in said.values()),
        events=(SessionEvent.AI_DISCLOSED,) if channel == "chat" else (),
        ratings=(True,) if of_hundred % 10 == 0 else (),
    )


def _record(loaded: Loaded, state: ConsentState, now: datetime) -> ConsentRecord:
    notice = loaded.notice
    wording = notice.consents["quality"].ask["de"]
    return ConsentRecord(
        "quality", state, now, notice.notice, notice.version, loaded.digest, "de", wording, "click", ("quality",)
    )


def _withdrawal(loaded: Loaded, write: Write, now: datetime) -> Write:
    """Return the write that ends the consent of a conversation; other purposes keep all of its parts."""
    return Write(write.session_id, write.plan, now, consents=(_record(loaded, ConsentState.WITHDRAWN, now),))


async def _deeds(store: SqlStore, made: Year, now: datetime) -> None:
    """Erase one session of 200, hold and restrict one of 2,000, and let one customer of 500 ask for something."""
    gone = made.sessions[::200]
    parts = [part for session in gone for part in await store.part_ids(session)]
    for first in range(0, len(parts), _AT_ONCE):
        await store.erase(parts[first : first + _AT_ONCE], ErasureReason.REQUESTED, now, "dpo")
    made.erased = parts[0]
    left = [session for number, session in enumerate(made.sessions) if number % 200]
    made.sessions = left
    for number, session in enumerate(left[::2000] + left[1:2]):
        await store.retention.place_hold(session, HoldTerms(f"case-{number}", "legal", now + timedelta(days=60)), now)
    for session in left[7::2000]:
        await store.retention.restrict(session, Ground.ACCURACY, now)
    for number, session in enumerate(left[11::500]):
        made.requests.append(await _ask(store, session, now, answered=number % 10 != 0))
    await _people(store, now)


async def _ask(store: SqlStore, session: UUID, now: datetime, *, answered: bool) -> UUID:
    matter = Matter(contact="ds@shop.example", sessions=(session,), statement="Das Gerät war ein anderes.")
    until, secret = now + timedelta(days=30), new_secret()
    new = NewRequest(
        uuid7(now), Right.RECTIFICATION, "de", until, now + timedelta(days=1000), secret, matter, proof=Proof.DESK,
        state=RequestState.OPEN,
    )  # fmt: skip
    await store.requests.open(new, now)
    if answered:
        step = RequestStep((RequestState.OPEN,), RequestState.ANSWERED, "answered", "dpo")
        await store.requests.take(new.id, step, now)
    return new.id


async def _people(store: SqlStore, now: datetime) -> None:
    for number in range(50):
        token = ApiToken(uuid7(now), f"agent-{number}", (Role.AGENT.value,), "command-line", now, now + YEAR)
        await store.access.create_token(token, new_secret())
        facts = {"session": str(uuid7(now)), "purpose": "defend"}
        await store.access.ask(Approval(uuid7(now), "export", facts, f"case-{number}", f"token:{token.id}", now))
