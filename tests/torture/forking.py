"""A process that has imported the program and forks it: each round begins at once, and is the whole program.

Reads one JSON object a line: arguments, environment, log and by how many seconds the clock is off. Answers with the
process id of the child that runs `sordino` so. Children are reaped by the system, and end with this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.clock import SystemClock
from gateway.process import die_with_parent
from tests.e2e.conftest import NOTICE, ROOT, clean_environment


@dataclass(frozen=True, slots=True)
class Forked:
    """A running child."""

    pid: int

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """kill -9."""
        self.send(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def wait(self) -> None:
        """Wait until it has ended."""
        while self.alive:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.005)


class Forks:
    """Starts `sordino` in children of the process that has imported it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Take the process that forks."""
        self._process = process

    async def start(
        self, arguments: Sequence[str], log: Path, environment: Mapping[str, str], *, clock_off_seconds: float = 0
    ) -> Forked:
        """Start one child."""
        asked: dict[str, object] = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        asked["clock_off_seconds"] = clock_off_seconds
        return Forked(int(await asyncio.to_thread(self._ask, json.dumps(asked).encode() + b"\n")))

    def _ask(self, line: bytes) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        return self._process.stdout.readline()


@contextlib.contextmanager
def forks(**environment: str) -> Iterator[Forks]:
    """Run the process that forks; what is in its environment every child has."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.forking"], cwd=ROOT, env=clean_environment(ROOT, **environment),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with process:
        yield Forks(process)


def _fork_for_ever() -> None:
    # Only here: what every child would import, read and compile first is there before it is forked.
    from gateway.building import redactor_of  # noqa: PLC0415
    from gateway.cli import build_parser, main  # noqa: PLC0415
    from gateway.notice.load import load_notice  # noqa: PLC0415

    build_parser()  # finds and imports the commands
    for channel in load_notice(NOTICE).notice.channels.values():
        redactor_of(channel).find("Ich bin Anna Schmidt, meine Nummer ist 0841 123456.")
    gc.collect()
    gc.freeze()

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    own = os.getpid()
    while line := sys.stdin.readline():
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            die_with_parent(own, signal.SIGKILL)  # a test that fails may not have come to stopping it
            _be_the_child(asked)
            status = 1
            try:
                status = main(asked["arguments"])
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        print(pid, flush=True)  # noqa: T201 - it is read by the parent


def _be_the_child(asked: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(log, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(asked["environment"])
    off = timedelta(seconds=asked["clock_off_seconds"])
    if off:  # as if the machine's clock were off
        SystemClock.now = lambda self: datetime.now(UTC) + off  # type: ignore[method-assign]  # noqa: ARG005, TID251


if __name__ == "__main__":
    _fork_for_ever()
