"""Recordings at jambonz: its REST API, which is asked after each call whether there is one; jambonz tells of none.

Where the account or the application records all calls, jambonz begins when one is answered, before anybody was asked:
that is never fetched, only deleted. Where it lies is in the call's record (`recording_url`), which comes
when the call is over.

Source: `lib/routes/api/recent-calls.js` of jambonz-api-server and `lib/call-session.js` of sbc-inbound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr

from gateway.calls.fetching import Made, PlatformRecordings, Sounds
from gateway.calls.platform_api import document_at, is_gone_from
from gateway.calls.sound import Sound
from gateway.errors import UpstreamError
from gateway.upstream import Upstream

_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_WHERE: Final = re.compile(r"/Accounts/([\w-]+)/RecentCalls/([\w-]+)/record/\d{4}/\d{2}/\d{2}/(?:mp3|wav)", re.ASCII)
_MOST: Final = 500
_DAYS: Final = 2
"""Of so many days calls are looked through, all of the account's; newer versions look for one (`filter`)."""


async def ask_after(recordings: PlatformRecordings, message: Mapping[str, Any]) -> None:
    """Have jambonz asked later what it has recorded of a call. Raises StorageError."""
    call, account = str(message["call_sid"]), str(message["data"].get("account_sid"))
    if _ID.fullmatch(call) and _ID.fullmatch(account):
        await recordings.ask_after(call, {"account": account})


@dataclass(frozen=True, slots=True)
class JambonzApi:
    """jambonz' recordings: an `AtPlatform`. `api` is its address with the version, `key` an API key of the account."""

    api: str
    key: SecretStr
    upstream: Upstream

    async def made(self, told: Mapping[str, str], *, over: bool) -> Sequence[Made]:
        """Return what it has recorded of a call that is over. Raises UpstreamError where it does not know the call."""
        if not over:
            return ()
        for page in range(1, _MOST):
            rows = await self._calls(told, page)
            row = next((one for one in rows if one.get("call_sid") == told["call"]), None)
            if row is not None:
                return _made(row, told)
            if len(rows) < _MOST:
                break
        raise UpstreamError("answer_unreadable", 502)  # nobody can say that nothing was recorded

    async def is_complete(self, told: Mapping[str, str]) -> bool:
        """Tell that it is: jambonz is asked when the call is over."""
        del told
        return True

    async def began(self, told: Mapping[str, str]) -> datetime | None:
        """Return that nobody had agreed when it began."""
        del told
        return None

    async def sounds(self, told: Mapping[str, str]) -> Sounds:
        """Fetch nothing: what was said before the question is in it."""
        del told
        nothing: tuple[tuple[int, Sound], ...] = ()
        for piece in nothing:
            yield piece

    async def is_gone(self, told: Mapping[str, str]) -> bool:
        """Delete it, and look for it."""
        return await is_gone_from(self.upstream, f"{self.api.rstrip('/')}{told['place']}", self._shown())

    async def _calls(self, told: Mapping[str, str], page: int) -> list[dict[str, Any]]:
        query = f"page={page}&count={_MOST}&days={_DAYS}&filter={told['call']}"
        place = f"{self.api.rstrip('/')}/Accounts/{told['account']}/RecentCalls?{query}"
        rows = (await document_at(self.upstream, place, self._shown()) or {}).get("data")
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise UpstreamError("answer_unreadable", 502)
        return rows

    def _shown(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key.get_secret_value()}"}


def _made(row: Mapping[str, Any], told: Mapping[str, str]) -> list[Made]:
    place = row.get("recording_url")
    if not place:
        return []
    found = _WHERE.fullmatch(str(place))
    if found is None or found.groups() != (told["account"], told["call"]):
        raise UpstreamError("answer_unreadable", 502)
    return [Made(str(place), {"account": told["account"], "place": str(place)})]
