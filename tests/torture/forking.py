"""A process that has imported the program and forks it: each round begins at once, and is the whole program.

Reads one JSON object a line: arguments, environment, files for what is read and written, and by how many seconds the
clock is off. Answers with the process id of the child that runs `sordino` so. Children are reaped by the system, and
end with this process.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from gateway.clock import SystemClock
from gateway.process import die_with_parent
from tests.e2e.conftest import NOTICE, ROOT, clean_environment


@dataclass(frozen=True, slots=True)
class Forked:
    """A running child; `status` is the file in which it leaves its exit status."""

    pid: int
    status: Path | None = None

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
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    @property
    def returncode(self) -> int | None:
        """Its exit status, -9 if it was killed or left none, None as long as it runs."""
        if self.alive:
            return None
        left = self.status is not None and self.status.exists() and self.status.read_text(encoding="ascii")
        return int(left or -signal.SIGKILL)

    async def wait(self) -> int | None:
        """Wait until it has ended; returns its exit status."""
        while self.alive:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.005)
        return self.returncode


class Forks:
    """Starts `sordino` in children of the process that has imported it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Take the process that forks."""
        self._process = process
        self._one_at_a_time = threading.Lock()

    async def start(
        self,
        arguments: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        *,
        clock_off_seconds: float = 0,
        status: Path | None = None,
    ) -> Forked:
        """Start one child."""
        asked: dict[str, object] = {"arguments": list(arguments), "environment": dict(environment)}
        asked |= {"files": [os.devnull, str(log), str(log)], "clock_off_seconds": clock_off_seconds}
        if status is not None:
            asked["status"] = str(status)
        return Forked(await asyncio.to_thread(self._ask, asked), status)

    def run(
        self, arguments: Sequence[str], text: str, environment: Mapping[str, str], directory: Path
    ) -> subprocess.CompletedProcess[str]:
        """Run one child in a directory to its end, as `subprocess.run` does."""
        with tempfile.TemporaryDirectory(prefix="sordino-forked-") as folder:
            given, out, err, status = (Path(folder) / name for name in ("in", "out", "err", "status"))
            given.write_text(text, encoding="utf-8")
            os.mkfifo(status)
            asked: dict[str, object] = {"arguments": list(arguments), "environment": dict(environment)}
            asked |= {"files": [str(given), str(out), str(err)], "directory": str(directory), "status": str(status)}
            self._ask(asked)
            told = status.read_text(encoding="ascii")  # it ends when the child does
            return subprocess.CompletedProcess(
                arguments, int(told or -1), out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
            )

    def _ask(self, asked: Mapping[str, object]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())


@contextlib.contextmanager
def forks(**environment: str) -> Iterator[Forks]:
    """Run the process that forks; what is in its environment every child has."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.forking"], cwd=ROOT, env=clean_environment(ROOT, **environment),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with process:
        yield Forks(process)


@cache
def shared_forks() -> Forks:
    """Return the one for all tests of this process, which ends with it."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(forks())


def _fork_for_ever() -> None:
    # Only here: what every child would import, read and compile first is there before it is forked.
    from gateway import serving  # noqa: F401, PLC0415
    from gateway.cli import build_parser, main  # noqa: PLC0415

    build_parser()  # finds and imports the commands
    asyncio.run(_open_once())
    gc.collect()
    gc.freeze()

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    own = os.getpid()
    while line := sys.stdin.readline():
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            die_with_parent(own, signal.SIGKILL)  # a test that fails may not have come to stopping it
            telling = _be_the_child(asked)
            status = 1
            try:
                status = main(asked["arguments"])
            except SystemExit as ending:  # of a wrong argument
                status = ending.code if isinstance(ending.code, int) else 1
            except BaseException:  # noqa: BLE001 - as the interpreter does
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                if telling is not None:
                    os.write(telling, str(status).encode())
                os._exit(status)
        print(pid, flush=True)  # noqa: T201 - it is read by the parent


async def _open_once() -> None:
    """Have the languages and the statements of a store compiled."""
    from gateway.building import redactor_of  # noqa: PLC0415
    from gateway.notice.load import load_notice  # noqa: PLC0415
    from gateway.settings import ensure_home, load_settings  # noqa: PLC0415
    from gateway.stores import create_root_key, started  # noqa: PLC0415

    notice = load_notice(NOTICE).notice
    for channel in notice.channels.values():
        redactor_of(channel).find("Ich bin Anna Schmidt, meine Nummer ist 0841 123456.")
    with tempfile.TemporaryDirectory(prefix="sordino-once-") as home:
        settings = load_settings(home=home)
        ensure_home(settings)
        create_root_key(settings)
        async with started(settings, SystemClock(), notice.notice):
            pass


def _be_the_child(asked: dict[str, Any]) -> int | None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    given, *logs = asked["files"]
    os.dup2(os.open(given, os.O_RDONLY), 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - what it had read was for the parent
    for number, log in enumerate(logs, 1):
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    os.environ.update(asked["environment"])
    os.chdir(asked.get("directory", "."))
    off = timedelta(seconds=asked.get("clock_off_seconds", 0))
    if off:  # as if the machine's clock were off
        SystemClock.now = lambda self: datetime.now(UTC) + off  # type: ignore[method-assign]  # noqa: ARG005, TID251
    return os.open(asked["status"], os.O_WRONLY | os.O_CREAT, 0o600) if "status" in asked else None


if __name__ == "__main__":
    _fork_for_ever()
