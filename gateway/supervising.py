"""`sordino serve --workers N`: one process that serves nothing, and N that share the listeners.

The kernel spreads connections over the workers (SO_REUSEPORT). The first is started alone, for it brings the
databases up to date; the others follow once it serves. A worker that dies is replaced, and tried again, less and less
often, where its replacement can't start: the databases may be away, and those that serve must not end for it. Once
none has served for a while all end, since whoever watches this process has to know. Whatever a worker has
acknowledged is in the store, so that any other goes on with the conversation; channels of calls are dealt out to the
workers (`gateway.sharing`). The workers end with the supervisor, by the kernel if need be.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import Coroutine, Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

from prometheus_client.multiprocess import mark_process_dead

from gateway.environment import PREFIX
from gateway.errors import SettingsError
from gateway.logs import LOGGER
from gateway.merging import VARIABLE
from gateway.setting_kinds import cannot_listen, parse_listen
from gateway.settings import Settings

T = TypeVar("T")

MOST: Final = 64
_EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - looked for
_SHORT_LIFE_SECONDS: Final = 10.0
_SHORT_LIVES: Final = 5
_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
_SPARE_SECONDS: Final = 10.0
_DRAINS: Final = 4  # as long as a worker may take by itself


def check(settings: Settings, workers: int) -> None:
    """Raise SettingsError where several processes can't do what one can, or would do what one can't.

    An address that may be shared may be shared by both listeners; then customers would reach the internal one.
    """
    (host, port), (inner, inner_port) = map(parse_listen, (settings.public_listen, settings.internal_listen))
    if workers > 1 and port == inner_port != 0 and (host == inner or {host, inner} & _EVERY_ADDRESS):
        raise SettingsError(
            f"both listeners can't be on {settings.public_listen}: the internal one is not for customers"
        )
    if workers > 1 and sys.platform != "linux":
        raise SettingsError("--workers needs Linux, whose kernel spreads connections over processes")


class Supervisor:
    """Keeps workers running until it is cancelled."""

    def __init__(self, settings: Settings, notice: Path, workers: int) -> None:
        """Take what each of the workers is to serve."""
        self._settings = settings
        self._notice = notice
        self._workers = workers
        self._living: set[asyncio.subprocess.Process] = set()
        self._serving = 0
        self._place = ""
        self._environment: dict[str, str] = {}
        self._said = ""

    async def run(self) -> None:
        """Start the workers and replace those that die. Raises SettingsError when none can be kept alive."""
        with contextlib.ExitStack() as stack:
            public = stack.enter_context(reserved(self._settings.public_listen))
            internal = stack.enter_context(reserved(self._settings.internal_listen))
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="sordino-metrics-"))
            self._place = stack.enter_context(tempfile.TemporaryDirectory(prefix="sordino-workers-"))
            self._environment = os.environ | {
                f"{PREFIX}PUBLIC_LISTEN": public,
                f"{PREFIX}INTERNAL_LISTEN": internal,
                VARIABLE: directory,
            }
            try:
                first = await self._start(0)
                others = await _together(map(self._start, range(1, self._workers)))
                print(self._said, end="", flush=True)  # noqa: T201 - as one process would
                await _together(self._keep(number, one) for number, one in enumerate((first, *others)))
            finally:
                await self._end()

    async def _start(self, number: int) -> asyncio.subprocess.Process:
        """Start a worker and wait until it serves. Raises SettingsError if it ends before; it has said why."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "serve", "--notice", str(self._notice), "--worker-of", str(os.getpid()),
            "--workers", str(self._workers), "--number", str(number), "--place", self._place,
            env=self._environment, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._living.add(process)
        assert process.stdout is not None  # noqa: S101 - it is piped
        said = ""
        while line := await process.stdout.readline():
            said += line.decode()
            if line.startswith(b"internal "):
                self._said = said
                return process
        await process.wait()
        self._gone(process)
        raise SettingsError("a worker could not start")

    async def _keep(self, number: int, process: asyncio.subprocess.Process) -> None:
        """Replace one worker again and again. Raises SettingsError when it can't live and no other serves."""
        short = 0
        while True:
            began = monotonic()
            status = await self._until_gone(process)
            LOGGER.error("a worker ended; another is started", extra={"status": status})
            short = short + 1 if monotonic() - began < _SHORT_LIFE_SECONDS else 0
            while True:
                if short >= _SHORT_LIVES and not self._serving:
                    raise SettingsError("workers end again and again")
                await asyncio.sleep(min(_PAUSE_SECONDS * short**2, _LONGEST_PAUSE_SECONDS))
                try:
                    process = await self._start(number)
                    break
                except SettingsError:
                    short += 1
                    LOGGER.error(
                        "a worker could not start; it is tried again", extra={"count": self._serving}
                    )  # others serve

    async def _until_gone(self, process: asyncio.subprocess.Process) -> int:
        self._serving += 1
        status = await process.wait()
        self._serving -= 1
        self._gone(process)
        return status

    def _gone(self, process: asyncio.subprocess.Process) -> None:
        self._living.discard(process)
        mark_process_dead(process.pid, self._environment[VARIABLE])  # type: ignore[no-untyped-call]

    async def _end(self) -> None:
        """Have the workers finish what they have begun; kill what does not end."""
        living = tuple(self._living)
        for process in living:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        endings = [asyncio.ensure_future(process.wait()) for process in living]
        if endings:
            await asyncio.wait(endings, timeout=_DRAINS * self._settings.drain_seconds + _SPARE_SECONDS)
        for process in living:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _together(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Await all; where one fails, the others are cancelled and have ended before its error goes on."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def reserved(listen: str) -> Iterator[str]:
    """Take an address for all workers, a free port where it is 0; yields it as `host:port`.

    The socket never listens, so no connection comes to it. Raises SettingsError if another has the address.
    """
    host, port = parse_listen(listen)
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as alone:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(place)  # one that can be shared would be shared with another gateway's workers, unseen
        with socket.socket(family, kind, protocol) as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            # Connections of a server that has just ended do not hold the address; nobody else gets it afterwards.
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(place)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            found = taken.getsockname()
            yield f"[{found[0]}]:{found[1]}" if family is socket.AF_INET6 else f"{found[0]}:{found[1]}"
    except OSError as error:
        raise cannot_listen(listen, error) from None
