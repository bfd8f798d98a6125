"""What is fuzzed: for each target a function that takes bytes, and fails where a promise of the code is broken.

Refusals of our own are what wrong input is to meet; any other error is a finding, and so is an answer that depends
on where a stream was cut.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import orjson

from gateway.calls.audiohook.protocol import AudioHook
from gateway.calls.links import Links
from gateway.calls.twilio.media import MediaStream
from gateway.calls.twilio.twiml import guard
from gateway.connector import Connector
from gateway.connectors.json import connector
from gateway.connectors.openai import CONNECTOR
from gateway.engine import EventStream, parse_request, parse_response
from gateway.errors import GatewayError, NoticeError
from gateway.notice.channel import JsonPaths
from gateway.notice.load import parse_notice
from redaction import Policy, Redactor, StreamRedactor
from redaction.operators import Replacement
from redaction.stream import Decided

Target = Callable[[bytes], None]
_WIDGET: Final = connector(
    JsonPaths.model_validate(
        {
            "text": ["message", "messages[*].text", "messages[*].content.*"],
            "response": ["[*].text", "reply"],
            "context": ["list[*]", "metadata.name"],
            "speaker": {"at": "role"},
            "stream": ["delta"],
            "stream_end": {"type": "end"},
            "history": True,
        }
    )
)
_LINKS: Final = Links("https://voice.shop.example/sordino", "bot", "http://bot:9000/app", ("https://bot.shop.example",))
_OF_A_MESSAGE: Final = (GatewayError, ValueError, KeyError, TypeError)  # what the sockets close a connection for
_STAND_IN: Final = "[X]"
_STOOD_IN: Final = re.compile(r"\[X\](_\d*)?")  # keys that became alike are told apart by "_", "_2", ... behind


def connector_engine(data: bytes) -> None:
    """Bodies as JSON and as forms: unchanged they stay as they came; replaced, nothing is left of their texts."""
    kind = "application/x-www-form-urlencoded" if data[:1] == b"f" else "application/json"
    for protocol in (_WIDGET, CONNECTOR):
        _asked(protocol, kind, data[1:])
        with contextlib.suppress(GatewayError):
            answer = parse_response(protocol, "application/json", data[1:])
            orjson.loads(answer.rewrite({slot.index: _STAND_IN for slot in answer.slots}).strip() or b"null")


def _asked(protocol: Connector, kind: str, body: bytes) -> None:
    path = "/" if protocol is _WIDGET else "/v1/chat/completions"
    try:
        parsed = parse_request(protocol, kind, body, path=path, query={})
    except GatewayError:
        return
    assert parsed.rewrite({}) == body
    written = parsed.rewrite({slot.index: _STAND_IN for slot in parsed.slots})
    again = parse_request(protocol, kind, written, path=path, query={})
    assert all(_STOOD_IN.fullmatch(slot.text) for slot in again.slots)
    assert len(again.slots) == len(parsed.slots)


def connector_streams(data: bytes) -> None:
    """Streamed answers (SSE, lines of JSON): the same comes out wherever they are cut."""
    cut, body = data[:4], data[4:]
    for protocol in (_WIDGET, CONNECTOR):
        assert _events(protocol, [body]) == _events(protocol, _cut(body, cut))


def _events(protocol: Connector, parts: Iterable[bytes]) -> bytes | None:
    stream = EventStream(protocol, lambda _key: _Same())
    try:
        said = b"".join(stream.feed(part) for part in parts)
        return said + stream.finish() + stream.end()
    except GatewayError:
        return None


class _Same:
    """Decides at once that a text stays as it is."""

    def __init__(self) -> None:
        self._upto = 0

    def feed(self, text: str) -> Decided:
        self._upto += len(text)
        return Decided(self._upto, ())

    def finish(self) -> Decided:
        return Decided(self._upto, ())


def twiml(data: bytes) -> None:
    """A bot's TwiML: whatever is let through records nothing."""
    with contextlib.suppress(GatewayError):
        safe = guard(data, _LINKS, "voice", listen=bool(len(data) % 2))
        again = guard(safe.body, _LINKS, "voice", listen=False)
        assert not again.stripped["recording"]


def call_sockets(data: bytes) -> None:
    """Messages of Twilio's media streams and of AudioHook, one a line."""
    stream, hook = MediaStream(), AudioHook()
    for line in data.splitlines():
        for read in (stream.from_platform, stream.from_bot):
            with contextlib.suppress(*_OF_A_MESSAGE):
                read(line.decode(errors="surrogateescape"))
        with contextlib.suppress(*_OF_A_MESSAGE):
            message = orjson.loads(line)
            hook.hear(message)
            hook.opened(message)
        orjson.dumps(hook.say("opened"), option=orjson.OPT_PASSTHROUGH_DATACLASS)
        assert hook.position >= 0


def stream_redactor() -> Target:
    """Return the redaction of a stream, rules alone: what it covers does not depend on where it is cut."""
    redactor, policy = Redactor(names=None), Policy()

    def run(data: bytes) -> None:
        cut, text = data[:4], data[4:].decode(errors="replace")
        whole = redactor.redact(text, policy, language="de").replacements
        places = [place * (len(text) + 1) // 256 for place in cut]
        parts = [text[a:b] for a, b in pairwise(sorted({0, len(text), *places}))]
        stream, found = StreamRedactor(redactor, policy, language="de"), list[Replacement]()
        for part in parts:
            found += stream.feed(part).replacements
        found += stream.finish().replacements
        assert tuple(found) == tuple(whole)

    return run


def notice_loader(data: bytes) -> None:
    """A notice: it is in order, or each of its problems names a line of the file."""
    try:
        parse_notice(data, Path("notice.yaml"))
    except NoticeError as error:
        last = len(data.decode(errors="replace").splitlines()) + 1
        assert error.problems
        assert all(1 <= problem.line <= last for problem in error.problems)


def _cut(body: bytes, places: bytes) -> Iterator[bytes]:
    at = sorted({0, len(body), *(place * (len(body) + 1) // 256 for place in places)})
    for begin, end in pairwise(at):
        yield body[begin:end]


TARGETS: Final[dict[str, Callable[[], Target]]] = {
    "connector-engine": lambda: connector_engine,
    "connector-streams": lambda: connector_streams,
    "twiml": lambda: twiml,
    "call-sockets": lambda: call_sockets,
    "stream-redactor": stream_redactor,
    "notice-loader": lambda: notice_loader,
}
