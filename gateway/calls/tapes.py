"""The recordings of one channel's calls: where sound goes, by what plan, and who hears it."""

from __future__ import annotations

from uuid import UUID

from gateway.calls.book import Registrar
from gateway.calls.events import Party
from gateway.calls.quiet import Quiet
from gateway.calls.script import asked_in
from gateway.calls.tape import Tape
from gateway.channel_kit import ChannelKit
from storage.audio import AudioFormat
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.recordings import Recorder
from storage.records import ConsentState, ErasureReason, PartKind, Plan

_FETCHER = "call-platform"


class Tapes:
    """Makes the tapes of one channel; `plan` is None where its notice keeps no sound."""

    def __init__(self, kit: ChannelKit, registrar: Registrar) -> None:
        """Take the channel's parts, and what notes that sound was kept."""
        self._kit = kit
        self._registrar = registrar
        self._whole_for = kit.channel.hear_original
        self._redact = not set(kit.channel.keep.get(PartKind.RECORDING, {})) <= set(kit.channel.hear_original)
        self.plan = _plan(kit)

    def tape(self, session: UUID, quiet: Quiet) -> Tape | None:
        """Return where the audio of a call goes; None where the notice keeps none."""
        if self.plan is None:
            return None
        return Tape(
            self._kit.store.recordings, session, self.plan, whole_for=self._whole_for, redact=self._redact, quiet=quiet,
            count=self._kit.counts.audio,
        )  # fmt: skip

    async def open_fetched(self, session: UUID, audio: AudioFormat) -> Recorder | None:
        """Open a recording for sound that the platform has recorded by itself; None where no consent stands.

        Nobody says when its words were spoken: only those who hear it as it was hear it, until a person has looked.
        """
        if self.plan is None:
            return None
        try:
            return await self._kit.store.recordings.open(
                session, self.plan, audio, self._kit.clock.now(), redact=self._redact, whole_for=self._whole_for
            )
        except (PurposeRefusedError, UnknownSessionError):
            return None

    async def hear_fetched(self, session: UUID) -> None:
        """Note on the answers that stand that sound is kept by them from now on. Raises StorageError."""
        given = await self._kit.store.consent_states(session)
        heard = self._registrar.heard_by(Party, self._kit.clock.now())
        theirs = {consent: said for consent, said in heard.items() if given.get(consent) is ConsentState.GIVEN}
        await self._registrar.add(session, theirs)

    async def discard(self, part: UUID) -> None:
        """Erase a recording that is to be fetched anew. Raises StorageError."""
        await self._kit.store.erase([part], ErasureReason.ADMIN, self._kit.clock.now(), _FETCHER)


def _plan(kit: ChannelKit) -> Plan | None:
    question = asked_in(kit.notice, kit.channel)
    if PartKind.RECORDING not in kit.channel.keep or question is None:
        return None
    return kit.rules.decide({question: ConsentState.GIVEN}, disclosed=True).plan
