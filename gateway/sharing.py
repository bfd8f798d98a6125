"""Which of several workers has which channel of calls: a call lives in the memory of one process.

Whatever comes for such a channel is for the worker that has it; another that gets it hands it over
(`gateway.handlers.handing_over`) through a socket in a directory that the supervisor has made for its workers alone.
Who has what follows from the notice and from the number of workers, so that nobody has to be asked, and a worker that
is started again has what the one before it had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.notice.model import Notice


@dataclass(frozen=True, slots=True)
class Share:
    """A worker's place among the others: its number, from 0, of how many, and where their sockets are."""

    number: int
    workers: int
    directory: Path

    def socket_of(self, number: int) -> Path:
        """Return the socket on which a worker takes what others hand over."""
        return self.directory / f"{number}.sock"

    def elsewhere(self, notice: Notice) -> Mapping[str, Path]:
        """Return the channels that other workers have, and their sockets; channels of calls are dealt out in turn."""
        calls = sorted(name for name, channel in notice.channels.items() if channel.kind == "call")
        owners = {name: at % self.workers for at, name in enumerate(calls)}
        return {name: self.socket_of(owner) for name, owner in owners.items() if owner != self.number}
