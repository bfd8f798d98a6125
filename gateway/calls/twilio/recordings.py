"""What Twilio has recorded by itself: fetched, sealed if everybody had agreed, deleted there, and looked for again.

A recording that the gateway did not ask for can still be made: by a setting of the account, or by a person. Until
Twilio answers that it is gone, the metric says so, and the promise `recorded-with-consent` counts as broken. What is
still to be done is an errand in the store, so that it outlives the process. What another process has taken on is left
to it for a while, and then deleted unheard: who took it on has forgotten the call, and nobody knows who had agreed.

Source: https://www.twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Protocol
from uuid import UUID

from pydantic import SecretStr

from gateway.calls.wav import WavReader
from gateway.clock import Clock
from gateway.errors import UpstreamError
from gateway.upstream import Upstream
from storage.audio import AudioFormat, Frame
from storage.errands import ErrandStore
from storage.errors import StorageError
from storage.recordings import Recorder

_RECORDING: Final = re.compile(r"RE[0-9a-f]{32}")
_ACCOUNT: Final = re.compile(r"AC[0-9a-f]{32}")
_LOOK: Final = timedelta(seconds=30)
_ABANDONED: Final = timedelta(minutes=5)
"""Whoever took an errand on tries it every second: after this time it is dead, or Twilio does not do it for anybody."""
_GONE: Final = 404
_DELETED: Final = frozenset({204, _GONE})
_WELL: Final = 200


class OpensRecordings(Protocol):
    """Opens a recording for a call, if it may be kept."""

    async def open_recording(self, call: str, audio: AudioFormat, began_at: datetime | None) -> Recorder | None:
        """Return where its sound goes; None where nothing may be kept. Raises StorageError."""


@dataclass(slots=True)
class _Pending:
    recording: str
    account: str
    call: str = field(repr=False)
    began_at: datetime | None
    sealed: bool = False


class PlatformRecordings:
    """The recordings that Twilio still has, of one channel."""

    def __init__(
        self, name: str, api: str, token: SecretStr, upstream: Upstream, clock: Clock, errands: ErrandStore,
        show: Callable[[int], None],
    ) -> None:  # fmt: skip
        """Start with those that the store knows; `show` is told how many Twilio still has."""
        self._name = name
        self._errands = errands
        self._looked_at: datetime | None = None
        self._api = api.rstrip("/")
        self._token = token
        self._upstream = upstream
        self._clock = clock
        self._show = show
        self._pending: dict[UUID, _Pending] = {}
        self._others = 0
        self._ticking = asyncio.Lock()
        self.opens: OpensRecordings | None = None

    async def note(self, recording: str, account: str, call: str, began: str) -> bool:
        """Note a recording that Twilio has, durably; False for what is none. Only its ids and times are ever used.

        `began`: when it began, as Twilio writes it (RFC 2822); what does not say so is not kept. Raises StorageError.
        """
        if not (_RECORDING.fullmatch(recording) and _ACCOUNT.fullmatch(account)):
            return False
        if any(pending.recording == recording for pending in self._pending.values()):
            return True
        content = {"recording": recording, "account": account}
        errand = await self._errands.add(self._name, content, self._clock.now())
        self._pending[errand.id] = _Pending(recording, account, call, _moment(began))
        self._show(len(self._pending) + self._others)
        return True

    async def tick(self) -> None:
        """Do what is still to be done, one after the other; what fails is tried again."""
        async with self._ticking:
            await self._tick()

    async def _tick(self) -> None:
        failed: Exception | None = None
        await self._look()
        for errand, pending in list(self._pending.items()):
            try:
                if await self._away(pending):
                    await self._errands.done(errand)
                    del self._pending[errand]
            except (UpstreamError, StorageError) as error:
                failed = error
        self._show(len(self._pending) + self._others)
        if failed is not None:
            raise failed

    async def _look(self) -> None:
        """Look now and then at what others have left: take on what they have had time enough for."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < _LOOK:
            return
        left = [one for one in await self._errands.left(self._name) if one.id not in self._pending]
        for one in left:
            if now - one.at < _ABANDONED:
                continue
            told = one.content
            self._pending[one.id] = _Pending(told["recording"], told["account"], "", None, sealed=True)
        self._others = sum(one.id not in self._pending for one in left)
        self._looked_at = now

    async def _away(self, pending: _Pending) -> bool:
        """Fetch and seal it, delete it, and tell whether it is gone."""
        place = f"{self._api}/2010-04-01/Accounts/{pending.account}/Recordings/{pending.recording}"
        headers = {"Authorization": "Basic " + b64encode(self._credentials(pending)).decode()}
        if not pending.sealed:
            pending.sealed = await self._seal(f"{place}.wav?RequestedChannels=2", headers, pending)
        if not pending.sealed:
            return False
        with await self._upstream.send("DELETE", f"{place}.json", headers, b"") as reply:
            if reply.status not in _DELETED:
                return False
        with await self._upstream.send("GET", f"{place}.json", headers, b"") as reply:
            return reply.status == _GONE

    async def _open(self, pending: _Pending, audio: AudioFormat) -> Recorder | None:
        if self.opens is None:
            return None
        return await self.opens.open_recording(pending.call, audio, pending.began_at)

    def _credentials(self, pending: _Pending) -> bytes:
        return f"{pending.account}:{self._token.get_secret_value()}".encode()

    async def _seal(self, url: str, headers: dict[str, str], pending: _Pending) -> bool:
        """Keep the sound if it may be kept; tells whether there is nothing more to fetch."""
        with await self._upstream.send("GET", url, headers, b"") as reply:
            if reply.status == _GONE:
                return True
            if reply.status != _WELL:
                return False
            reader, recorder = WavReader(), None
            began = self._clock.now()
            try:
                async for sound in reader.read(reply.chunks()):
                    if recorder is None:
                        recorder = await self._open(pending, sound.audio)
                        if recorder is None:
                            return True  # nobody had agreed: it is deleted unheard
                    await _append(recorder, sound.channels, reader.position, began)
            finally:
                if recorder is not None:
                    await recorder.stop(self._clock.now())
            return True


def _moment(written: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


async def _append(recorder: Recorder, channels: tuple[bytes, ...], position: int, now: datetime) -> None:
    for channel, audio in enumerate(channels):
        recorder.append(Frame(channel, position, audio), now)
    await recorder.stored()
