"""What can be told of a step, and what is told where nobody listens: nothing.

The arguments of these methods are all that ever becomes an attribute: a channel's name out of the notice, numbers,
and names of our own. There is no way to tell a text, an address or an identifier.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Literal

Name = Literal["exchange", "redaction", "upstream", "store"]


class Step:
    """A step under way that is told to nobody."""

    def told(
        self,
        *,
        streams: bool | None = None,
        status: int | None = None,
        upstream_seconds: float | None = None,
        overhead_seconds: float | None = None,
    ) -> None:
        """Take whether a stream was asked for, the status of the bot's answer, and what the time went on."""


class Tracing:
    """Traces nothing."""

    on = False

    def step(self, name: Name, channel: str) -> AbstractContextManager[Step]:
        """Trace a step while a block runs. Only an exchange begins a trace; other steps are told within one."""
        del name, channel
        return _SILENT

    def continued(self, traceparent: str) -> AbstractContextManager[None]:
        """Go on with somebody's trace (W3C `traceparent`) while a block runs; what is no such value begins none."""
        del traceparent
        return contextlib.nullcontext()

    def onward(self) -> Mapping[str, str]:
        """Return the headers that let a bot go on with the trace; none unless the settings say so."""
        return {}

    async def close(self) -> None:
        """Send what has not been sent, and end."""


_SILENT = contextlib.nullcontext(Step())
