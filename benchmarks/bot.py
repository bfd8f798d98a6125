"""The bot behind the benchmark: the cheapest that still speaks the OpenAI chat protocol.

It parses no JSON: the answer's length is read off the model's name (`bench-200`), streaming off the body's
bytes. Answers are made beforehand up to their case number, so that what is measured is not the bot.
A stream sends each token in a turn of the event loop of its own, as a model does; a model named `bench-200-over-30`
takes thirty seconds for it, and for a whole answer.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import re
from collections.abc import Iterator
from typing import cast

import orjson
import uvloop

from benchmarks.messages import answer_template
from gateway.demo.bot import tokens

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_SIZE = re.compile(rb'"bench-(\d+)(?:-over-(\d+))?"')
_STREAM = re.compile(rb'"stream": ?true')
_NUMBER = "00000000"


class Answers:
    """The two forms of an answer of one length, ready but for its number."""

    def __init__(self, size: int) -> None:
        """Build JSON body and stream events once."""
        before, after = answer_template(size)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": before + _NUMBER + after},
            "finish_reason": "stop",
        }
        body = orjson.dumps(
            {"id": "chatcmpl-bench", "object": "chat.completion", "model": "bench", "choices": [choice]}
        )
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._plain = (head + body).split(_NUMBER.encode())
        self._before = [_event({"content": piece}) for piece in ["", *tokens(before)]]
        self._after = [_event({"content": piece}) for piece in tokens(after)] + [
            _event({}, "stop"),
            _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n",
        ]
        self._before[0] = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            + self._before[0]
        )

    def plain(self, number: int) -> bytes:
        """Return the whole HTTP response with this case number."""
        return (b"%08d" % number).join(self._plain)

    def stream(self, number: int) -> list[bytes]:
        """Return the pieces of the HTTP response, one token each."""
        digits = f"{number:08d}"
        return [*self._before, _event({"content": digits[:4]}), _event({"content": digits[4:]}), *self._after]


def _event(delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    event = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "model": "bench", "choices": [choice]}
    return _chunk(b"data: " + orjson.dumps(event) + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Bot(asyncio.Protocol):
    """One connection with keep-alive; requests come one after the other."""

    numbers = itertools.count(1)
    answers: dict[int, Answers] = {}  # noqa: RUF012 - one process, one bot

    def __init__(self) -> None:
        """Start with nothing received."""
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def data_received(self, data: bytes) -> None:
        """Answer once head and body are complete."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        length = _LENGTH.search(self._received, 0, end) if end >= 0 else None
        if length is None or len(self._received) < end + 4 + int(length[1]):
            return
        body, self._received = self._received[end + 4 :], b""
        size = _SIZE.search(body)
        answers = self._answers(int(size[1]) if size else 200)
        if _STREAM.search(body):
            pieces = answers.stream(next(self.numbers))
            pause = float(size[2]) / len(pieces) if size and size[2] else 0.0
            self._send(iter(pieces), pause)
        elif self._transport:
            answer = answers.plain(next(self.numbers))
            if size and size[2]:
                asyncio.get_running_loop().call_later(float(size[2]), self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answers(self, size: int) -> Answers:
        return self.answers.get(size) or self.answers.setdefault(size, Answers(size))

    def _send(self, pieces: Iterator[bytes], pause: float) -> None:
        piece = next(pieces, None)
        if piece is not None and self._transport and not self._transport.is_closing():
            self._transport.write(piece)
            loop = asyncio.get_running_loop()
            if pause:
                loop.call_later(pause, self._send, pieces, pause)
            else:
                loop.call_soon(self._send, pieces, pause)


async def serve(port: int) -> None:
    """Serve on loopback until cancelled."""
    server = await asyncio.get_running_loop().create_server(Bot, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))
