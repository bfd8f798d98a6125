"""A connector ready for use; each is compiled once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.connector import Connector
from gateway.engine.paths import Node, compile_body
from gateway.notice.places import Names, steps

_HOLE: Final = re.compile(r"\\\{[a-z_]+\\\}")


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint whose path is a pattern."""

    method: str
    path: re.Pattern[str]
    passes: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """A connector's places as trees and its paths as patterns."""

    routes: tuple[Route, ...]
    request: Node
    response: Node
    event: Node
    requires: tuple[Names, ...]
    conversation: tuple[Names, ...]
    message_id: tuple[Names, ...]
    asks_stream: Names | None
    end_marks: frozenset[bytes]


@lru_cache(maxsize=256)
def compiled(connector: Connector) -> Compiled:
    """Compile a connector. Raises ValueError where its rules can't be followed."""
    return Compiled(
        routes=tuple(Route(one.method, _pattern(one.path), one.passes) for one in connector.endpoints),
        request=compile_body(connector.request),
        response=compile_body(connector.response),
        event=compile_body(connector.event, connector.ends),
        requires=tuple(steps(path) for path in connector.request.requires),
        conversation=tuple(steps(path) for path in connector.conversation),
        message_id=(steps(connector.message_id),) if connector.message_id else (),
        asks_stream=steps(connector.asks_stream) if connector.asks_stream else None,
        end_marks=frozenset(mark.encode() for mark in connector.end_marks),
    )


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub(r"(?!\.+(?:/|$))[A-Za-z0-9._~-]{1,128}", re.escape(path.rstrip("/"))) + "/?")
