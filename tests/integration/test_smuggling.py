"""What two servers could read as different requests is refused by this one, and its connection closed."""

from __future__ import annotations

import asyncio
import re

from tests.integration.conftest import Shop

BODY = b'{"messages": [{"role": "user", "content": "Hallo"}]}'
POST = b"POST /chat/v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
NEXT = b"GET /chat/v1/smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SIZE = b"%x" % len(BODY)
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
END = b"\r\n0\r\n\r\n"

AMBIGUOUS = {
    "length and chunks": POST + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\n" + LENGTH + b"\r\n0\r\n\r\n",
    "two lengths": POST + LENGTH + b"Content-Length: 3\r\n\r\n" + BODY,
    "the same length twice": POST + LENGTH + LENGTH + b"\r\n" + BODY,
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\n" + BODY,
    "a signed length": POST + b"Content-Length: +5\r\n\r\n" + BODY,
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\n" + BODY,
    "an empty length": POST + b"Content-Length: \r\n\r\n" + BODY,
    "a length beyond all numbers": POST + b"Content-Length: 99999999999999999999\r\n\r\n" + BODY,
    "space before a colon": POST + b"Content-Length : 5\r\n\r\n" + BODY,
    "a folded field": POST + b"X-A: 1\r\n folded\r\n" + LENGTH + b"\r\n" + BODY,
    "folded chunks": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "lines that end in LF": (POST + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY,
    "a CR within a field": POST + b"X-A: 1\rX-B: 2\r\n" + LENGTH + b"\r\n" + BODY,
    "a head that ends in LF": POST + LENGTH + b"\n" + BODY,
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding after chunks": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a coding before chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "no coding": POST + b"Transfer-Encoding: identity\r\n" + b"\r\n",
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n",
    "a control character": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": CHUNKED.replace(b"/1.1", b"/1.0") + b"0\r\n\r\n",
    "a chunk's size ends in LF": CHUNKED + SIZE + b"\n" + BODY + END,
    "an extension ends in LF": CHUNKED + SIZE + b";a=b\n" + BODY + END,
    "a CR within an extension": CHUNKED + SIZE + b";a\rb\r\n" + BODY + END,
    "a hexadecimal chunk": CHUNKED + b"0x" + SIZE + b"\r\n" + BODY + END,
    "a negative chunk": CHUNKED + b"-5\r\n" + BODY + END,
    "space after a chunk's size": CHUNKED + SIZE + b" \r\n" + BODY + END,
    "a chunk longer than its size": CHUNKED + SIZE + b"\r\n" + BODY + b"X" + END,
    "a chunk beyond all numbers": CHUNKED + b"1" + b"0" * 20 + b"\r\n" + BODY + END,
    "a length in the trailer": CHUNKED + SIZE + b"\r\n" + BODY + b"\r\n0\r\nContent-Length: 9\r\n\r\n",
    "two hosts": POST + b"Host: b\r\n" + LENGTH + b"\r\n" + BODY,
    "no host": b"GET /chat/v1/models HTTP/1.1\r\n\r\n",
    "a NUL in a name": POST + b"X\x00A: 1\r\n" + LENGTH + b"\r\n" + BODY,
    "a field without a name": POST + b": 1\r\n" + LENGTH + b"\r\n" + BODY,
    "HTTP/2 in clear": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /chat/v1/models\r\n\r\n",
    "more fields than anybody sends": POST + b"".join(b"X-%d: 1\r\n" % i for i in range(200)) + LENGTH + b"\r\n" + BODY,
    "a field longer than anybody sends": POST + b"X: " + b"a" * 9000 + b"\r\n" + LENGTH + b"\r\n" + BODY,
    "a field without an end": POST + b"X: " + b"a" * 2_000_000,
    "a target longer than anybody sends": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
}


async def answered(shop: Shop, sent: bytes) -> bytes:
    """Send bytes, then another request on the connection; return all that comes back until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(shop.addresses.public.rpartition(":")[2]))
    received = b""
    try:
        writer.write(sent + NEXT)
        while piece := await asyncio.wait_for(reader.read(65536), 60):
            received += piece
    except ConnectionError:
        pass  # closed before all was sent
    finally:
        writer.close()
    return received


async def test_it_is_refused_and_nothing_behind_it_is_read(shop: Shop) -> None:
    for case, sent in AMBIGUOUS.items():
        received = await answered(shop, sent)
        statuses = re.findall(rb"HTTP/1\.[01] (\d\d\d) ", received)
        assert statuses == [b"400"] or (not received and len(sent) > 1_000_000), (case, received[:200])
        assert shop.bot.seen == [], case


async def test_what_is_said_in_an_extension_of_a_chunk_goes_nowhere(shop: Shop) -> None:
    received = await answered(shop, CHUNKED + SIZE + b";note=jana\r\n" + BODY + END)
    assert re.findall(rb"HTTP/1\.[01] (\d\d\d) ", received)[0] == b"200"
    assert len(shop.bot.seen) >= 1
    assert "jana" not in str(shop.bot.headers) + str(shop.bot.seen)


PROXIED = (
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    b"GET http://evil.example/v1/models HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/models HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
)


async def test_this_is_nobody_s_proxy(shop: Shop) -> None:
    for sent in PROXIED:
        received = await answered(shop, sent)
        assert re.findall(rb"HTTP/1\.[01] (\d\d\d) ", received)[0] in {b"400", b"404", b"405"}, sent
    assert all("evil" not in head["Host"] for head in shop.bot.headers)
