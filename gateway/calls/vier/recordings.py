"""What VIER has recorded by itself: deleted there unheard, and looked for again.

The bot's recordings do not come about (`gateway.calls.vier.commands`); one can still be made on another way. It comes
as FLAC or MP3 and says nothing of who had agreed, so that none is kept. Until VIER answers that it is gone, the metric
says so, and the promise `recorded-with-consent` counts as broken; what is to be done is an errand in the store.

Source: the Recording API (https://cognitivevoice.io/specs/): `/recording/{resellerToken}/{dialogId}?id=...`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from gateway.calls.errands import Rounds
from gateway.clock import Clock
from gateway.upstream import Upstream
from storage.errands import Errand, ErrandStore

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_NAME: Final = 50
_GONE: Final = 404
_DELETED: Final = frozenset({204, _GONE})


class VierRecordings:
    """The recordings that VIER still has, of one channel. Any process may have them deleted."""

    def __init__(
        self, name: str, api: str, upstream: Upstream, clock: Clock, errands: ErrandStore, show: Callable[[int], None]
    ) -> None:
        """Start with those that the store knows; `show` is told how many VIER still has."""
        self._rounds = Rounds(name, errands, clock, show)
        self._api = api.rstrip("/")
        self._upstream = upstream

    async def note(self, message: Mapping[str, Any]) -> bool:
        """Note a recording that VIER tells of, durably; False for what is none. Raises StorageError."""
        context = message.get("projectContext")
        reseller = context.get("resellerToken") if isinstance(context, dict) else None
        content = {
            "reseller": str(reseller), "dialog": str(message.get("dialogId")), "id": str(message.get("recordingId")),
        }  # fmt: skip
        known = all(_ID.fullmatch(content[name]) for name in ("reseller", "dialog"))
        if not known or not 1 <= len(content["id"]) <= _LONGEST_NAME:
            return False
        await self._rounds.add(" ".join(content.values()), content)
        return True

    async def tick(self) -> None:
        """Do now and then what is still to be done; what fails is tried again."""
        await self._rounds.tick(self._away)

    async def _away(self, errand: Errand) -> bool:
        """Delete a recording, and tell whether it is gone."""
        told = errand.content
        place = f"{self._api}/recording/{told['reseller']}/{told['dialog']}?{urlencode({'id': told['id']})}"
        with await self._upstream.send("DELETE", place, {}, b"") as reply:
            if reply.status not in _DELETED:
                return False
        with await self._upstream.send("GET", place, {}, b"") as reply:
            return reply.status == _GONE
