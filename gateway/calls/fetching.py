"""What a call platform has recorded by itself: fetched, sealed if everybody had agreed, deleted there, and looked for.

A recording that the gateway did not ask for can still be made: by a setting at the platform, or by a person. Until the
platform answers that it is gone, the metric says so, and the promise `recorded-with-consent` counts as broken. What is
still to be done is an errand in the store, so that it outlives the process, and any process can do it. Since when
everybody has agreed is looked up, in the store, when the platform tells of a recording, and written into the errand;
whether the consent stands, when the sound is sealed. A part that a broken fetch has left is erased before the next.

A platform may tell of a recording when nobody is there to hear it, or not at all. So each call is an errand as well,
which asks the platform what it has recorded of it: now and then while it goes on, and once some time after its end. If
the platform does not answer that, nobody knows, and the errand counts as a recording that is left.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from gateway.calls.errands import AGAIN, Rounds
from gateway.calls.sound import Sound
from gateway.clock import Clock
from gateway.errors import UpstreamError
from storage.audio import AudioFormat, Frame
from storage.errands import Errand, ErrandStore
from storage.recordings import Recorder

_COMPLETE: Final = "complete"
_ASKS: Final = "asks"
_NAME: Final = "name"
ASK_AFTER: Final = timedelta(minutes=10)
"""How often is asked what a platform has recorded of a call, and how long after its end for the last time."""
Sounds = AsyncGenerator[tuple[int, Sound], None]
"""Pieces of a recording, each with the sample at which it begins."""


@dataclass(frozen=True, slots=True)
class Made:
    """A recording that a platform has, under a name of its own, and what it is asked for by."""

    name: str = field(repr=False)
    told: Mapping[str, str] = field(repr=False)
    complete: bool = True


class OpensTapes(Protocol):
    """Where fetched sound goes."""

    async def open_fetched(self, session: UUID, audio: AudioFormat) -> Recorder | None:
        """Return where sound goes that was agreed to; None where the consent does not stand. Raises StorageError."""

    async def hear_fetched(self, session: UUID) -> None:
        """Note on the answers that sound is kept by them from now on. Raises StorageError."""

    async def discard(self, part: UUID) -> None:
        """Erase what a broken fetch has left. Raises StorageError."""


class KnowsCalls(Protocol):
    """Knows the calls of a channel, and what of them may be kept."""

    async def agreed_since(self, call: str) -> tuple[UUID, datetime] | None:
        """Return a call's session, and since when it may be kept without a break; else None. Raises StorageError."""

    async def is_over(self, call: str, since: timedelta) -> bool:
        """Tell whether a call is over, and has been for so long. Raises StorageError."""

    @property
    def tapes(self) -> OpensTapes:
        """Where sound goes."""


class AtPlatform(Protocol):
    """The recordings of one channel at its platform. All raise UpstreamError where it does not answer as it should."""

    async def made(self, told: Mapping[str, str], *, over: bool) -> Sequence[Made]:
        """Return what it has recorded of a call; while that is not over, as far as it tells."""

    async def is_complete(self, told: Mapping[str, str]) -> bool:
        """Tell whether a recording that was told of while it was made is over, or gone; else it is left alone."""

    async def began(self, told: Mapping[str, str]) -> datetime | None:
        """Return when a recording began; None where the platform does not know."""

    def sounds(self, told: Mapping[str, str]) -> Sounds:
        """Fetch a recording; nothing comes of one that is gone."""

    async def is_gone(self, told: Mapping[str, str]) -> bool:
        """Delete a recording, and tell whether the platform answers that it is gone."""


class PlatformRecordings:
    """The recordings that a platform still has, of one channel. Any process may fetch them and have them deleted."""

    def __init__(
        self, channel: str, platform: AtPlatform, calls: KnowsCalls, clock: Clock, errands: ErrandStore,
        show: Callable[[int], None],
    ) -> None:  # fmt: skip
        """Start with those that the store knows; `show` is told how many the platform still has."""
        self._platform = platform
        self._calls = calls
        self._clock = clock
        self._errands = errands
        self._rounds = Rounds(channel, errands, clock, show)

    async def note(self, name: str, call: str, told: Mapping[str, str], *, complete: bool = True) -> None:
        """Note a recording that the platform tells of, durably, under a name of its own. Raises StorageError."""
        known = await self._completed(call) if complete else {}
        await self._rounds.add(name, {**told, "call": call, _NAME: name, **known})

    async def ask_after(self, call: str, told: Mapping[str, str]) -> None:
        """Have the platform asked, later, what it has recorded of a call, durably. Raises StorageError."""
        await self._rounds.ask_later(f"{_ASKS} {call}", {**told, "call": call, _ASKS: "yes"}, ASK_AFTER)

    async def tick(self) -> None:
        """Do what is still to be done, one after the other; what fails is tried again."""
        await self._rounds.tick(self._do)

    async def _do(self, errand: Errand) -> timedelta | None:
        if _ASKS in errand.content:
            return await self._ask(errand)
        return None if await self._away(errand) else AGAIN

    async def _ask(self, errand: Errand) -> timedelta | None:
        """Note what the platform has recorded of a call and has not been noted yet."""
        call = errand.content["call"]
        over = await self._calls.is_over(call, ASK_AFTER)
        try:
            found = await self._platform.made(errand.content, over=over)
        except UpstreamError:
            await self._errands.amend(errand.id, {}, counts=over)
            raise
        known = await self._errands.left(errand.channel) if found else ()
        complete = {one.content.get(_NAME) for one in known if _COMPLETE in one.content}
        for one in found:
            if one.name not in complete:
                await self.note(one.name, call, one.told, complete=one.complete)
        return None if over else ASK_AFTER

    async def _away(self, errand: Errand) -> bool:
        """Fetch and seal it, delete it, and tell whether it is gone."""
        told = errand.content
        if _COMPLETE not in told:  # the platform may have said that it is over to nobody
            if not await self._platform.is_complete(told):
                return False
            known = await self._completed(told["call"])
            await self._errands.amend(errand.id, known)
            told = {**told, **known}
        if "session" in told and "sealed" not in told:
            began = await self._platform.began(told)
            if began is not None and began >= datetime.fromisoformat(told["agreed"]):
                await self._seal(errand.id, told, self._calls.tapes)
            await self._errands.amend(errand.id, {"sealed": "yes"})
        return await self._platform.is_gone(told)

    async def _completed(self, call: str) -> dict[str, str]:
        """Return what is known of a recording that is over, while nothing else has come in between."""
        agreed = await self._calls.agreed_since(call)
        known = {"session": str(agreed[0]), "agreed": agreed[1].isoformat()} if agreed is not None else {}
        return {_COMPLETE: "yes", **known}

    async def _seal(self, errand: UUID, told: Mapping[str, str], tapes: OpensTapes) -> None:
        """Keep the sound, if the consent still stands."""
        if "part" in told:
            await tapes.discard(UUID(told["part"]))
        recorder, began = None, self._clock.now()
        async with aclosing(self._platform.sounds(told)) as sounds:
            try:
                async for position, sound in sounds:
                    if recorder is None:
                        recorder = await tapes.open_fetched(UUID(told["session"]), sound.audio)
                        if recorder is None:
                            return  # withdrawn, or erased: it is deleted unheard
                        await self._errands.amend(errand, {"part": str(recorder.part_id)})
                        await tapes.hear_fetched(recorder.session_id)
                    for channel, audio in enumerate(sound.channels):
                        recorder.append(Frame(channel, position, audio), began)
                    await recorder.stored()
            finally:
                if recorder is not None:
                    await recorder.stop(self._clock.now())
