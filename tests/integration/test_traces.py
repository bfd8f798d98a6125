"""Traces of real exchanges, as a collector gets them: how long which step took, and nothing of who said what."""

from __future__ import annotations

import gzip
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.fakes import FakeBot
from tests.integration.conftest import MakeShop

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "tracestate": "shop=anna", "baggage": "customer=anna"}
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
ALLOWED = {
    "sordino.channel", "sordino.streams", "sordino.upstream_seconds", "sordino.overhead_seconds",
    "http.response.status_code", "error.type",
}  # fmt: skip
SAID = "Ich bin Annegret Brandhorst, erreichbar unter 0151 23984712."


@dataclass
class Collector:
    """What arrived, once whoever sends has ended."""

    url: str = ""
    raw: list[bytes] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.raw.append(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return web.Response(body=b"", content_type="application/x-protobuf")

    def spans(self) -> list[Span]:
        found = [ExportTraceServiceRequest.FromString(each) for each in self.raw]
        return [
            span
            for each in found
            for group in each.resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    made, app = Collector(), web.Application()
    app.router.add_post("/v1/traces", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces"
        yield made
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("stream", [False, True])
async def test_an_exchange_is_told_without_its_content(
    make_shop: MakeShop, collector: Collector, *, stream: bool
) -> None:
    bot = FakeBot("Danke, Frau Brandhorst.")
    async with (
        make_shop(bot=bot, traces_url=collector.url) as shop,
        shop.chat(SAID, stream=stream) as response,
    ):
        token = response.headers["X-Sordino-Session"]
        await response.read()
    spans = collector.spans()
    assert {span.name for span in spans} == {"exchange", "redaction", "upstream", "store"}
    (exchange,) = (span for span in spans if span.name == "exchange")
    assert {span.trace_id for span in spans} == {exchange.trace_id}
    assert {span.parent_span_id for span in spans if span is not exchange} == {exchange.span_id}
    assert exchange.parent_span_id == b""
    assert {attribute.key for span in spans for attribute in span.attributes} <= ALLOWED
    assert [list(span.events) + list(span.links) for span in spans] == [[]] * len(spans)
    told = {attribute.key: attribute.value for attribute in exchange.attributes}
    assert told["sordino.streams"].bool_value is stream
    assert told["sordino.overhead_seconds"].double_value > 0
    sent = b"".join(collector.raw)
    for secret in (b"Brandhorst", b"23984712", b"127.0.0.1", token.partition(".")[0].encode(), token[:8].encode()):
        assert secret not in sent


async def test_what_fails_is_told_by_its_class(make_shop: MakeShop, collector: Collector) -> None:
    async with make_shop(upstream="http://127.0.0.1:1", traces_url=collector.url) as shop, shop.chat(SAID) as response:
        assert response.status == 502
    failed = {
        span.name: [a.value.string_value for a in span.attributes if a.key == "error.type"]
        for span in collector.spans()
    }
    assert failed["exchange"] == failed["upstream"] == ["UpstreamError"]
    assert b"Brandhorst" not in b"".join(collector.raw)


@pytest.mark.parametrize(("trusted", "to_bots"), [(True, True), (True, False), (False, True)])
async def test_only_trusted_proxies_are_followed_and_bots_only_where_it_is_set(
    make_shop: MakeShop, collector: Collector, *, trusted: bool, to_bots: bool
) -> None:
    proxies = LOOPBACK if trusted else ()
    settings = {"traces_url": collector.url, "traces_to_bots": to_bots, "trusted_proxies": proxies}
    async with make_shop(**settings) as shop:
        await shop.say("Hallo", headers=PARENT)
        heard = shop.bot.headers[-1]
    traces = {span.trace_id.hex() for span in collector.spans()}
    assert len(traces) == 1
    assert (traces == {TRACE}) is trusted
    (upstream,) = (span for span in collector.spans() if span.name == "upstream")
    expected = f"00-{upstream.trace_id.hex()}-{upstream.span_id.hex()}-0"
    assert heard.get("traceparent", "").startswith(expected) is to_bots
    assert ("traceparent" in heard) is to_bots
    assert "tracestate" not in heard
    assert "baggage" not in heard
    assert b"anna" not in b"".join(collector.raw)


async def test_a_collector_that_is_away_costs_no_answer(make_shop: MakeShop) -> None:
    async with make_shop(traces_url="http://127.0.0.1:1/v1/traces") as shop:
        answer, _ = await shop.say("Hallo")
        assert answer


async def test_nothing_is_sent_by_default(make_shop: MakeShop, collector: Collector) -> None:
    async with make_shop(trusted_proxies=LOOPBACK) as shop:
        await shop.say("Hallo", headers=PARENT)
        assert "traceparent" not in shop.bot.headers[-1]
    assert collector.raw == []
