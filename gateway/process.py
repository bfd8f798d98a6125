"""What a process must be before it serves: no dumps of its memory, the C parser of HTTP, files for its connections."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from typing import Final

from gateway.errors import SettingsError

_SET_PARENT_DEATH_SIGNAL: Final = 1  # prctl(2)
_SET_DUMPABLE: Final = 4
_MOST_FILES: Final = 65_536


def harden() -> None:
    """Do all that this module is for. Raises SettingsError for a parser that reads HTTP less strictly."""
    from aiohttp import http_parser  # noqa: PLC0415 - commands that speak no HTTP do not wait for it

    require_strict_parser(http_parser.HttpRequestParser)
    forbid_core_dumps()
    allow_many_files()


def require_strict_parser(parser: type) -> None:
    """Raise SettingsError unless the parser is the one in C: the other lets requests pass that this one refuses."""
    if parser.__module__ != "aiohttp._http_parser":
        raise SettingsError(
            "aiohttp's HTTP parser in C is missing or off (AIOHTTP_NO_EXTENSIONS), and the other is too lenient"
        )


def forbid_core_dumps() -> None:
    """Let no core dump be written, and no other process of this user read this one's memory (Linux)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _control(_SET_DUMPABLE, 0)


def allow_many_files() -> None:
    """Let this process open as many files as it may at most: each connection is one, and 1,024 are a common default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def die_with_parent(parent: int, how: int) -> None:
    """Have the kernel send this signal when the process that started this one dies, even by kill -9 (Linux)."""
    _control(_SET_PARENT_DEATH_SIGNAL, how)
    if os.getppid() != parent:
        os.kill(os.getpid(), how)  # it has died already


def _control(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise SettingsError(f"prctl({option}) failed: {os.strerror(ctypes.get_errno())}")
