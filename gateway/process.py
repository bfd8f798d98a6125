"""What a process that holds keys and words must be, before it serves: no dumps of its memory, the C parser of HTTP."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from typing import Final

from aiohttp import http_parser

from gateway.errors import SettingsError

_SET_PARENT_DEATH_SIGNAL: Final = 1  # prctl(2)
_SET_DUMPABLE: Final = 4


def harden() -> None:
    """Forbid core dumps and refuse a parser that reads HTTP less strictly. Raises SettingsError."""
    require_strict_parser(http_parser.HttpRequestParser)
    forbid_core_dumps()


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
