"""The evidence of one call: each answer becomes a consent record with the exact wording and the connection data.

Fields after ISO/IEC TS 27560. The caller's number is in the sealed part `connection`, where the notice keeps one; the
record names the call, the line and the times. A no after a durable yes is a withdrawal: what rests on it is erased.
When the first sound was kept by a yes is evidence of that yes; it is written before any later answer is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.calls.events import Commit, Evidence, Party
from gateway.calls.script import Script
from gateway.channel_kit import ChannelKit
from gateway.rights.acts import Acts
from storage.errors import UnknownSessionError
from storage.records import ConsentRecord, ConsentState, PartKind, Plan, Write
from storage.requests import Proof

_CALLER: Final = "caller"
_RECORD_BY_THEMSELVES: Final = frozenset({"twilio", "vier"})
"""Connectors whose platform tells of recordings that it has made, and hands them out."""
_NOTHING: Final = Plan({})
_HEARD: Final = "first_audio_at"


@dataclass(frozen=True, slots=True)
class Connection:
    """The connection data of a call: its id at the platform, the caller's number, the line that was called."""

    call: str = field(repr=False)
    began_at: datetime
    caller: str | None = field(default=None, repr=False)
    line: str | None = field(default=None, repr=False)

    def sealed(self) -> dict[str, str]:
        """Return what goes into the part `connection`."""
        named = {"call": self.call, "caller": self.caller, "line": self.line, "began_at": self.began_at.isoformat()}
        return {name: value for name, value in named.items() if value}


class Registrar:
    """Makes answers durable, for the calls of one channel."""

    def __init__(self, kit: ChannelKit, script: Script, acts: Acts) -> None:
        """Take the channel's parts, its question, and what carries withdrawals out."""
        self._kit = kit
        self._script = script
        self._acts = acts
        channel = kit.channel
        self._may_fetch = channel.connector in _RECORD_BY_THEMSELVES and PartKind.RECORDING in channel.keep

    async def record(
        self, session: UUID, connection: Connection, party: Party, state: ConsentState, evidence: Evidence,
        language: str, heard: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:  # fmt: skip
        """Write one answer; a caller's no also ends and erases what rested on a yes. Raises StorageError.

        `heard`: what proves the answers of before further (`heard_by`).
        """
        consent = self._script.question if party is Party.CALLER else self._script.agent
        if consent is None:
            return
        now, ends = self._kit.clock.now(), party is Party.CALLER and state is not ConsentState.GIVEN
        told = await self._acts.announce(session, consent, _CALLER, Proof.TOKEN) if ends else None
        record = self._as_record(consent, party, state, evidence, connection, language, now)
        plan = self._kit.rules.decide({consent: state}, disclosed=True).plan
        await self._kit.store.write(Write(session, plan, now, consents=(record,), evidence=heard or {}))
        self._kit.metrics.consents.labels(self._kit.name, consent, state.value).inc()
        if ends:
            await self._acts.withdraw(session, consent, _CALLER, told)

    def heard_by(self, parties: Iterable[Party], at: datetime) -> Mapping[str, Mapping[str, str]]:
        """Return what is said further of the yes of these parties: when the first sound was kept by it."""
        asked = [self._script.question if party is Party.CALLER else self._script.agent for party in parties]
        return {consent: {_HEARD: at.isoformat()} for consent in asked if consent is not None}

    async def add(self, session: UUID, heard: Mapping[str, Mapping[str, str]]) -> None:
        """Write what proves answers further, durably. Raises StorageError."""
        plan = self._kit.rules.decide({}, disclosed=True).plan
        with contextlib.suppress(UnknownSessionError):  # it has been erased
            await self._kit.store.write(Write(session, plan, self._kit.clock.now(), evidence=heard))

    async def stand(self, session: UUID, *, agreed: bool) -> None:
        """Note from when on everybody agrees, or that it is over, where a platform's own recording may be fetched.

        Raises StorageError.
        """
        if not self._may_fetch:
            return
        with contextlib.suppress(UnknownSessionError):  # it has been erased
            await self._kit.store.write(Write(session, _NOTHING, self._kit.clock.now(), agreed=agreed))

    def _as_record(
        self, consent: str, party: Party, state: ConsentState, evidence: Evidence, connection: Connection,
        language: str, now: datetime,
    ) -> ConsentRecord:  # fmt: skip
        notice = self._kit.notice
        wording = notice.consents[consent].ask
        spoken_in = language if language in wording else notice.language
        shown = {
            "party": party.value,
            "call": connection.call,
            "line": connection.line,
            "call_began_at": connection.began_at.isoformat(),
            "key": evidence.key,
            "words": evidence.words,
            "confidence": None if evidence.confidence is None else f"{evidence.confidence:.2f}",
            "reference": evidence.reference,
        }
        return ConsentRecord(
            consent=consent,
            state=state,
            at=now,
            notice=notice.notice,
            notice_version=notice.version,
            notice_digest=self._kit.loaded.digest,
            language=spoken_in,
            wording=notice.wording(wording, spoken_in),
            method=evidence.method,
            purposes=self._kit.rules.purposes_of(self._script.question or consent),
            evidence={name: value for name, value in shown.items() if value},
        )


@dataclass(slots=True)
class CallCommits:
    """`Commits` of one call; `heard` is what is still to be written of first sounds."""

    registrar: Registrar
    session: UUID
    connection: Connection
    _heard: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def commit(self, commit: Commit, language: str) -> None:
        """Write one answer. Raises StorageError where it is not durable."""
        state = ConsentState.GIVEN if commit.given else ConsentState.REFUSED
        async with self._one_by_one:
            heard = self._heard
            await self.registrar.record(
                self.session, self.connection, commit.of, state, commit.evidence, language, heard
            )
            self._written(heard)

    def heard(self, parties: Collection[Party], at: datetime) -> None:
        """Note when the first sound was kept by the yes of these parties; `write_heard` makes it durable."""
        self._heard = {**self.registrar.heard_by(parties, at), **self._heard}

    async def write_heard(self) -> None:
        """Make it durable, where it is not yet. Raises StorageError."""
        if not self._heard:
            return  # an answer that is on its way into the store is not waited for
        async with self._one_by_one:
            if heard := self._heard:
                await self.registrar.add(self.session, heard)
                self._written(heard)

    def _written(self, heard: Mapping[str, Mapping[str, str]]) -> None:
        self._heard = {consent: said for consent, said in self._heard.items() if consent not in heard}

    async def stand(self, *, agreed: bool) -> None:
        """Write that everybody agrees from now on, or not any more. Raises StorageError."""
        await self.registrar.stand(self.session, agreed=agreed)
