"""What aiohttp refuses before our handlers see it: answered as everything else, and nothing of it is quoted."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.conftest import Shop

MAIL = b"jana.petersen@example.org"
POST = b"POST /chat/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


async def answer(address: str, sent: bytes) -> bytes:
    """Send bytes as they are and return all that comes back until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    writer.write(sent)
    received = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return received


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (MAIL + b" DE44500105175407324931\r\n\r\n", 400),
        (POST + b"X-Bad " + MAIL + b": 1\r\n\r\n", 400),
        (POST + b"X-A: " + MAIL + b"\x00\r\n\r\n", 400),
        (POST + b"X-A: " + MAIL * 1000 + b"\r\n\r\n", 400),
        (POST + b"Content-Length: -5" + MAIL + b"\r\n\r\n", 400),
        (b"GET /chat/v1/models HTTP/" + MAIL + b"\r\n\r\n", 400),
        (POST + b"Content-Length: 2\r\nConnection: close\r\nExpect: " + MAIL + b"\r\n\r\n{}", 417),
        (b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: " + MAIL + b"\r\n\r\n", 417),
    ],
)
@pytest.mark.parametrize("listener", ["public", "internal"])
async def test_it_is_a_problem_document_without_what_was_sent(
    shop: Shop, listener: str, sent: bytes, status: int
) -> None:
    received = await answer(getattr(shop.addresses, listener), sent)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 %d " % status, b"HTTP/1.0 %d " % status))
    assert b"application/problem+json" in head
    assert b"Server: sordino" in head
    assert b"aiohttp" not in received.lower()
    assert b"example" not in received
    assert b"petersen" not in received
    reason = {400: "bad_request", 417: "expectation_unknown"}[status]
    assert f'"reason":"{reason}"'.encode() in body
    refused = f'sordino_requests_refused_total{{channel="none",reason="{reason}"}}'
    assert (await shop.metrics())[refused] == 1


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz " + MAIL + b"\r\n{}\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + MAIL + b"\r\n\r\n",
        POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(MAIL) + MAIL,
        POST + b"Content-Encoding: deflate\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(MAIL) + MAIL,
    ],
)
async def test_a_body_that_can_not_be_unpacked_is_400(shop: Shop, sent: bytes) -> None:
    received = await answer(shop.addresses.public, sent)
    assert received.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"application/problem+json" in received
    assert b"petersen" not in received
    assert b"aiohttp" not in received.lower()
    assert shop.bot.seen == []


async def test_what_is_expected_rightly_is_served(shop: Shop) -> None:
    body = b'{"model": "m", "messages": [{"role": "user", "content": "Hallo"}]}'
    head = b"Content-Length: %d\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n" % len(body)
    received = await answer(shop.addresses.public, POST + head + body)
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["consent", "ratings"])
async def test_a_field_that_nobody_knows_is_not_named(shop: Shop, path: str) -> None:
    async with shop.client.post(f"{shop.public}/{path}", json={MAIL.decode(): 1, "language": 5}) as response:
        text = await response.text()
    assert response.status == 400
    assert '"reason":"bad_body"' in text
    assert "petersen" not in text
    assert ("language" in text) is (path == "consent"), "a known field is named"


@pytest.mark.parametrize("body", [b'{"messages": "x"}', b"{}", b"[]", b'{"messages": []}', b'{"messages": null}',
                                  b'{"messages": [{"role": "alien", "content": "Jana"}]}',
                                  b'{"messages": [{"role": "system", "content": "Be kind."}]}'])  # fmt: skip
async def test_a_body_in_which_nobody_says_anything_is_400(shop: Shop, body: bytes) -> None:
    url, headers = f"{shop.public}/v1/chat/completions", {"Content-Type": "application/json"}
    async with shop.client.post(url, data=body, headers=headers) as response:
        assert (response.status, (await response.json())["reason"]) == (400, "unreadable")
    assert shop.bot.seen == []


async def test_a_request_that_ends_with_what_a_tool_returned_is_served(shop: Shop) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    body = {"model": "m", "messages": [
        {"role": "user", "content": "Wo ist mein Paket?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "unterwegs"},
    ]}  # fmt: skip
    async with shop.client.post(f"{shop.public}/v1/chat/completions", json=body) as response:
        assert response.status == 200
