"""Recordings at Twilio: what its callbacks tell of them, and its API.

What is said to be under way is left alone until Twilio says that it is over, by a callback or when it is asked, for
callbacks do not come again. They may not come at all, so Twilio is asked as well what it has recorded of each call.

Source: https://www.twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pydantic import SecretStr

from gateway.calls.fetching import Made, PlatformRecordings, Sounds
from gateway.calls.platform_api import GONE, WELL, document_at, is_gone_from
from gateway.calls.wav import read_wav
from gateway.errors import UpstreamError
from gateway.upstream import Upstream

_RECORDING: Final = re.compile(r"RE[0-9a-f]{32}")
_ACCOUNT: Final = re.compile(r"AC[0-9a-f]{32}")
_GOING_ON: Final = frozenset({"in-progress", "paused", "processing"})
_CALL: Final = re.compile(r"[A-Za-z0-9]{1,64}")
_TOGETHER: Final = 400
_MOST: Final = 1000


async def note(recordings: PlatformRecordings, call: str, fields: Mapping[str, str]) -> bool:
    """Note a recording that Twilio tells of, durably; False for what is none. Raises StorageError.

    Only its ids and its time (RFC 2822) are ever used.
    """
    recording, account = fields["RecordingSid"], fields.get("AccountSid", "")
    if not (_RECORDING.fullmatch(recording) and _ACCOUNT.fullmatch(account)):
        return False
    complete = fields.get("RecordingStatus") not in _GOING_ON
    began = fields.get("RecordingStartTime", "")
    told = {"recording": recording, "account": account} | ({"began": began} if began else {})
    await recordings.note(recording, call, told, complete=complete)
    return True


async def ask_after(recordings: PlatformRecordings, call: str, fields: Mapping[str, str]) -> None:
    """Have Twilio asked later what it has recorded of a call. Raises StorageError."""
    account = fields.get("AccountSid", "")
    if _ACCOUNT.fullmatch(account) and _CALL.fullmatch(call):
        await recordings.ask_after(call, {"account": account})


@dataclass(frozen=True, slots=True)
class TwilioApi:
    """Twilio's recordings: an `AtPlatform`."""

    api: str
    token: SecretStr
    upstream: Upstream

    async def made(self, told: Mapping[str, str], *, over: bool) -> Sequence[Made]:
        """Return what it has recorded of a call, what is under way among it."""
        del over
        place = f"{self._account(told)}/Calls/{told['call']}/Recordings.json?PageSize={_MOST}"
        document = await document_at(self.upstream, place, self._shown(told)) or {"recordings": []}
        try:
            return [_made(one, told["account"]) for one in document["recordings"]]
        except (KeyError, TypeError):
            raise UpstreamError("answer_unreadable", 502) from None

    async def is_complete(self, told: Mapping[str, str]) -> bool:
        """Tell whether it is over, or gone."""
        return (await self._asked(told)).get("status") not in _GOING_ON

    async def began(self, told: Mapping[str, str]) -> datetime | None:
        """Return when it began, as the callback has said, or the API says."""
        try:
            moment = parsedate_to_datetime(told.get("began") or str((await self._asked(told)).get("start_time")))
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else None

    async def sounds(self, told: Mapping[str, str]) -> Sounds:
        """Fetch it as WAV, both sides apart, or as it was made where Twilio has them together (error 16113)."""
        url, shown = f"{self._place(told)}.wav", self._shown(told)
        reply = await self.upstream.send("GET", f"{url}?RequestedChannels=2", shown, b"")
        if reply.status == _TOGETHER:
            reply.close()
            reply = await self.upstream.send("GET", url, shown, b"")
        with reply:
            if reply.status == GONE:
                return
            if reply.status != WELL:
                raise UpstreamError("upstream_status", 502)
            async for piece in read_wav(reply.chunks()):
                yield piece

    async def is_gone(self, told: Mapping[str, str]) -> bool:
        """Delete it, and look for it."""
        return await is_gone_from(self.upstream, f"{self._place(told)}.json", self._shown(told))

    async def _asked(self, told: Mapping[str, str]) -> dict[str, Any]:
        """Return what Twilio knows of it; nothing where it is gone."""
        return await document_at(self.upstream, f"{self._place(told)}.json", self._shown(told)) or {}

    def _place(self, told: Mapping[str, str]) -> str:
        return f"{self._account(told)}/Recordings/{told['recording']}"

    def _account(self, told: Mapping[str, str]) -> str:
        return f"{self.api.rstrip('/')}/2010-04-01/Accounts/{told['account']}"

    def _shown(self, told: Mapping[str, str]) -> dict[str, str]:
        credentials = f"{told['account']}:{self.token.get_secret_value()}".encode()
        return {"Authorization": "Basic " + b64encode(credentials).decode()}


def _made(one: Mapping[str, Any], account: str) -> Made:
    recording, began = str(one["sid"]), one.get("start_time")
    if not _RECORDING.fullmatch(recording):
        raise UpstreamError("answer_unreadable", 502)
    told = {"recording": recording, "account": account} | ({"began": str(began)} if began else {})
    return Made(recording, told, complete=one.get("status") not in _GOING_ON)
