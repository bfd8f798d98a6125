"""The processes of the benchmark: started on free loopback ports in a directory of their own, stopped at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

_START_SECONDS = 120.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs: addresses and process ids of the targets, and the gateway's internal listener if there is one."""

    targets: dict[str, str]
    processes: dict[str, tuple[int, ...]]
    internal: str | None

    def pids(self, target: str) -> list[int]:
        """Return the target's processes, its workers after those that started them."""
        return [each for pid in self.processes[target] for each in (pid, *children(pid))]

    def cpu_seconds(self, target: str) -> float:
        """Return the CPU time that the target's processes have used so far, all threads, user and system."""
        return sum(map(_cpu_seconds, self.pids(target)))

    def resident_megabytes(self, target: str) -> list[float]:
        """Return the resident memory of each process of the target that serves: its workers, where it has any."""
        pids = [each for pid in self.processes[target] for each in (children(pid) or [pid])]
        return [resident_megabytes_of(pid) for pid in pids]

    def turns_kept(self) -> int:
        """Return how many turns the gateway says it has handled."""
        if self.internal is None:
            return 0
        with urllib.request.urlopen(f"{self.internal}/metrics", timeout=10) as answer:  # noqa: S310 - our own address
            lines = answer.read().decode().splitlines()
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("sordino_turns_total{")))


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores the server under test may use, and which all others; the same set where nothing is pinned."""

    tested: frozenset[int]
    others: frozenset[int]

    @classmethod
    def split(cls, *, pin: bool) -> Cores:
        """Give the server under test one core of its own, if there are two."""
        every = frozenset(os.sched_getaffinity(0))
        if not pin or len(every) == 1:
            return cls(every, every)
        return cls(frozenset({max(every)}), every - {max(every)})


@contextlib.contextmanager
def staged(
    notice: Path,
    cores: Cores,
    *,
    module: str | None = "gateway",
    profile: Path | None = None,
    workers: int = 1,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Stage]:
    """Start bot, minimal proxy and gateway (`module`, None for no gateway); stop them and clean up at the end.

    `workers`: processes of the gateway. `settings`: variables of it besides.
    """
    home = Path(tempfile.mkdtemp(prefix="sordino-bench-"))
    bot, proxy, public, internal = (f"127.0.0.1:{port}" for port in free_ports(4))
    targets = {"direct": f"http://{bot}", "minimal proxy": f"http://{proxy}"}
    processes: dict[str, tuple[int, ...]] = {}
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        arguments = ["--port", _port(bot)]
        processes["direct"] = (stack.enter_context(started("benchmarks.bot", arguments, {}, cores.others, bot)),)
        arguments = ["--port", _port(proxy), "--upstream", f"http://{bot}"]
        beside = started("benchmarks.minimal_proxy", arguments, {}, cores.tested, proxy)
        processes["minimal proxy"] = (stack.enter_context(beside),)
        if module is not None:
            targets["sordino"] = f"http://{public}/chatbot"
            placed = {
                **(settings or {}),
                "SORDINO_HOME": str(home),
                "SORDINO_PUBLIC_LISTEN": public,
                "SORDINO_INTERNAL_LISTEN": internal,
                "SORDINO_UPSTREAMS": orjson.dumps({"chatbot": f"http://{bot}"}).decode(),
            }
            command = [sys.executable, "-m", "gateway", "keys", "init"]
            subprocess.run(command, env=_environment(placed), check=True, capture_output=True)
            serve = ["serve", "--notice", str(notice), *(["--workers", str(workers)] if workers > 1 else [])]
            run, arguments = ("benchmarks.sampled", [str(profile), *serve]) if profile else (module, serve)
            processes["sordino"] = (stack.enter_context(started(run, arguments, placed, cores.tested, public)),)
            _wait_for_workers(processes["sordino"][0], workers)
        yield Stage(targets, processes, f"http://{internal}" if module is not None else None)


def started(
    module: str, arguments: Sequence[str], settings: Mapping[str, str], cores: frozenset[int], address: str
) -> contextlib.AbstractContextManager[int]:
    """Run a module until the block ends; gives its process id. Cores are inherited, so its threads keep to them too."""
    return running([sys.executable, "-m", module, *arguments], settings, cores, address)


@contextlib.contextmanager
def running(
    command: Sequence[str],
    settings: Mapping[str, str],
    cores: frozenset[int],
    address: str,
    *,
    seconds: float = _START_SECONDS,
) -> Iterator[int]:
    """Run a command until the block ends; it has so many seconds to listen on its address."""
    with pinned(cores):
        process = subprocess.Popen(command, env=_environment(settings), stdout=subprocess.DEVNULL)
    try:
        _wait_for(address, process, seconds)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Start what is started in this block on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SORDINO_")} | dict(settings)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def _cpu_seconds(pid: int) -> float:
    # proc(5): after the name in brackets, fields 14 and 15 are utime and stime in clock ticks.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes_of(pid: int | str) -> float:
    """Return the resident memory of a process by its number, or of this one by "self"."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


def _wait_for_workers(pid: int, workers: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while workers > 1 and len(children(pid)) < workers:
        if time.monotonic() > deadline:
            raise SystemExit("the workers of the gateway did not start")
        time.sleep(0.05)


def _wait_for(address: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 0.2):
            return
        time.sleep(0.05)
    raise SystemExit(f"a process of the benchmark did not start on {address}: {process.args!r}")


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _port(address: str) -> str:
    return address.rsplit(":", 1)[1]
