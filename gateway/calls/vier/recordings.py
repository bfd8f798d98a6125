"""Recordings at VIER: what it tells of them, and its Recording and Dialog APIs.

The bot's recordings do not come about (`gateway.calls.vier.commands`); one can still be made on another way. VIER tells
of it when it is processed. When it began is in the dialog's data, as entries of the type `RecordingStart`, with
milliseconds since 1970; it may have stopped and gone on. Its sound is FLAC, the caller left, the bot right. Where VIER
could tell nobody, the same entries say which recordings there are.

Source: the Recording, Dialog and Bot APIs (https://cognitivevoice.io/specs/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from gateway.calls.fetching import Made, PlatformRecordings, Sounds
from gateway.calls.flac import read_flac
from gateway.calls.platform_api import WELL, document_at, is_gone_from
from gateway.errors import UpstreamError
from gateway.upstream import Upstream

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_NAME: Final = 50
_A_SECOND: Final = 1000


async def note(recordings: PlatformRecordings, message: Mapping[str, Any]) -> bool:
    """Note a recording that VIER tells of, durably; False for what is none. Raises StorageError."""
    context, dialog = message.get("projectContext"), str(message.get("dialogId"))
    reseller = context.get("resellerToken") if isinstance(context, dict) else None
    told = {"reseller": str(reseller), "dialog": dialog, "id": str(message.get("recordingId"))}
    if not _is_known(told) or not 1 <= len(told["id"]) <= _LONGEST_NAME:
        return False
    await recordings.note(_name(told), dialog, told)
    return True


async def ask_after(recordings: PlatformRecordings, message: Mapping[str, Any]) -> None:
    """Have VIER asked later what it has recorded of a call. Raises StorageError."""
    context, dialog = message.get("projectContext"), str(message.get("dialogId"))
    told = {"reseller": str(context.get("resellerToken") if isinstance(context, dict) else None), "dialog": dialog}
    if _is_known(told):
        await recordings.ask_after(dialog, told)


def _is_known(told: Mapping[str, str]) -> bool:
    return all(_ID.fullmatch(told[name]) for name in ("reseller", "dialog"))


def _name(told: Mapping[str, str]) -> str:
    return " ".join(told[name] for name in ("reseller", "dialog", "id"))


@dataclass(frozen=True, slots=True)
class VierApi:
    """VIER's recordings: an `AtPlatform`."""

    api: str
    upstream: Upstream

    async def made(self, told: Mapping[str, str], *, over: bool) -> Sequence[Made]:
        """Return what it has recorded of a call that is over; of another it does not tell what is complete."""
        started = await self._started(told) if over else []
        names = [name for name in dict.fromkeys(name for name, _ in started) if 1 <= len(name) <= _LONGEST_NAME]
        found = [{"reseller": told["reseller"], "dialog": told["dialog"], "id": name} for name in names]
        return [Made(_name(one), one) for one in found]

    async def is_complete(self, told: Mapping[str, str]) -> bool:
        """Tell that it is: VIER tells of no others."""
        del told
        return True

    async def began(self, told: Mapping[str, str]) -> datetime | None:
        """Return when it began, as the dialog's data say."""
        return min((at for name, at in await self._started(told) if name == told["id"]), default=None)

    async def _started(self, told: Mapping[str, str]) -> list[tuple[str, datetime]]:
        """Return which recordings of a dialog have begun, and when, as its data say; none where VIER has none."""
        place = f"{self.api.rstrip('/')}/dialog/{told['reseller']}/{told['dialog']}"
        dialog = await document_at(self.upstream, place, {})
        try:
            return [
                (str(entry["recordingId"]), datetime.fromtimestamp(entry["timestamp"] / _A_SECOND, UTC))
                for entry in (dialog or {"data": []})["data"]
                if entry["type"] == "RecordingStart"
            ]
        except (KeyError, TypeError, ValueError, OverflowError):
            raise UpstreamError("answer_unreadable", 502) from None

    async def sounds(self, told: Mapping[str, str]) -> Sounds:
        """Fetch it as FLAC, from where VIER says that it is."""
        found = await document_at(self.upstream, self._place(told), {})
        if found is None:
            return
        place = str(found.get("lossless", ""))
        if not self._may_lead_to(place):
            raise UpstreamError("answer_unreadable", 502)
        with await self.upstream.send("GET", place, {}, b"") as reply:
            if reply.status != WELL:
                raise UpstreamError("upstream_status", 502)
            async for piece in read_flac(reply.chunks()):
                yield piece

    async def is_gone(self, told: Mapping[str, str]) -> bool:
        """Delete it, and look for it."""
        return await is_gone_from(self.upstream, self._place(told), {})

    def _place(self, told: Mapping[str, str]) -> str:
        place = f"{self.api.rstrip('/')}/recording/{told['reseller']}/{told['dialog']}"
        return f"{place}?{urlencode({'id': told['id']})}"

    def _may_lead_to(self, url: str) -> bool:
        """Tell whether a recording may be fetched there: over https, or where VIER's own API is."""
        there, api = urlsplit(url), urlsplit(self.api)
        return there.scheme == "https" or there[:2] == api[:2]
