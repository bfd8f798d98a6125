"""What Twilio has recorded by itself: fetched, sealed if everybody had agreed, deleted there, and looked for again.

A recording that the gateway did not ask for can still be made: by a setting of the account, or by a person. Until
Twilio answers that it is gone, the metric says so, and the promise `recorded-with-consent` counts as broken. What is
still to be done is an errand in the store, so that it outlives the process. Whether everybody had agreed is written
into it when Twilio says that the recording is complete, while the call is still known here; whether the consent
stands is looked up when the sound is sealed. A part that a broken fetch has left is erased before the next.

What is said to be under way is left alone until Twilio says that it is over, or no call can be as long: another process
may have the call.

Source: https://www.twilio.com/docs/voice/api/recording; a call takes 24 hours at most (its `TimeLimit`).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Protocol
from uuid import UUID

from pydantic import SecretStr

from gateway.calls.errands import Rounds
from gateway.calls.wav import WavReader
from gateway.clock import Clock
from gateway.upstream import Upstream
from storage.audio import AudioFormat, Frame
from storage.errands import Errand, ErrandStore
from storage.recordings import Recorder

_RECORDING: Final = re.compile(r"RE[0-9a-f]{32}")
_ACCOUNT: Final = re.compile(r"AC[0-9a-f]{32}")
_UNDER_WAY: Final = frozenset({"in-progress", "paused"})
_LONGEST_CALL: Final = timedelta(hours=24)
_GONE: Final = 404
_DELETED: Final = frozenset({204, _GONE})
_WELL: Final = 200


class OpensTapes(Protocol):
    """Where fetched sound goes."""

    async def open_fetched(self, session: UUID, audio: AudioFormat) -> Recorder | None:
        """Return where sound goes that was agreed to; None where the consent does not stand. Raises StorageError."""

    async def discard(self, part: UUID) -> None:
        """Erase what a broken fetch has left. Raises StorageError."""


class KnowsCalls(Protocol):
    """Knows the calls of a channel, and what of them may be kept."""

    def knows(self, call: str) -> bool:
        """Tell whether a call is going on here."""

    def agreed_in(self, call: str, began_at: datetime | None) -> UUID | None:
        """Return the session of a call in which what began then, and is complete, was agreed to; None if not."""

    @property
    def tapes(self) -> OpensTapes:
        """Where sound goes."""


class PlatformRecordings:
    """The recordings that Twilio still has, of one channel. Any process may fetch them and have them deleted."""

    def __init__(
        self, name: str, api: str, token: SecretStr, upstream: Upstream, clock: Clock, errands: ErrandStore,
        show: Callable[[int], None],
    ) -> None:  # fmt: skip
        """Start with those that the store knows; `show` is told how many Twilio still has."""
        self._errands = errands
        self._rounds = Rounds(name, errands, clock, show)
        self._api = api.rstrip("/")
        self._token = token
        self._upstream = upstream
        self._clock = clock
        self.opens: KnowsCalls | None = None

    async def note(self, call: str, fields: Mapping[str, str]) -> bool:
        """Note a recording that Twilio tells of, durably; False for what is none. Raises StorageError.

        Only its ids and times are ever used; one that does not say when it began (RFC 2822) is not kept.
        """
        recording, account = fields["RecordingSid"], fields.get("AccountSid", "")
        if not (_RECORDING.fullmatch(recording) and _ACCOUNT.fullmatch(account)):
            return False
        under_way = fields.get("RecordingStatus") in _UNDER_WAY
        state = "under way" if under_way else "complete"
        content = {"recording": recording, "account": account, "call": call, "state": state}
        if not under_way and self.opens is not None:
            session = self.opens.agreed_in(call, _moment(fields.get("RecordingStartTime", "")))
            content |= {"session": str(session)} if session is not None else {}
        await self._rounds.add(recording, content)
        return True

    async def tick(self) -> None:
        """Do what is still to be done, one after the other; what fails is tried again."""
        await self._rounds.tick(self._away)

    async def _away(self, errand: Errand) -> bool:
        """Fetch and seal it, delete it, and tell whether it is gone."""
        told = errand.content
        if told["state"] == "under way" and self._may_go_on(errand):
            return False
        place = f"{self._api}/2010-04-01/Accounts/{told['account']}/Recordings/{told['recording']}"
        credentials = f"{told['account']}:{self._token.get_secret_value()}".encode()
        headers = {"Authorization": "Basic " + b64encode(credentials).decode()}
        if "session" in told and "sealed" not in told:
            if not await self._seal(f"{place}.wav?RequestedChannels=2", headers, errand):
                return False
            await self._errands.amend(errand.id, {"sealed": "yes"})
        with await self._upstream.send("DELETE", f"{place}.json", headers, b"") as reply:
            if reply.status not in _DELETED:
                return False
        with await self._upstream.send("GET", f"{place}.json", headers, b"") as reply:
            return reply.status == _GONE

    def _may_go_on(self, errand: Errand) -> bool:
        """Tell whether a call may be going on, here or in another process; Twilio says when its recording is over."""
        here = self.opens is not None and self.opens.knows(errand.content["call"])
        return here or self._clock.now() < errand.at + _LONGEST_CALL

    async def _seal(self, url: str, headers: dict[str, str], errand: Errand) -> bool:
        """Keep the sound if it may be kept; tells whether there is nothing more to fetch."""
        if self.opens is None:
            return False
        if "part" in errand.content:
            await self.opens.tapes.discard(UUID(errand.content["part"]))
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
                        recorder = await self.opens.tapes.open_fetched(UUID(errand.content["session"]), sound.audio)
                        if recorder is None:
                            return True  # withdrawn, or erased: it is deleted unheard
                        await self._errands.amend(errand.id, {"part": str(recorder.part_id)})
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
