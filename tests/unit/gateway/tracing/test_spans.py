"""What spans say: names, channels and numbers of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.tracing import Tracing
from gateway.tracing.spans import Spans

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = f"{PARENT[:-2]}00"


@pytest.fixture
def told() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.shutdown()


def named(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_an_exchange_and_its_steps_are_one_trace(told: InMemorySpanExporter) -> None:
    tracing = Spans(SimpleSpanProcessor(told))
    with tracing.step("exchange", "chat") as exchange:
        exchange.told(streams=True)
        with tracing.step("upstream", "chat") as upstream:
            upstream.told(status=200)
        exchange.told(upstream_seconds=0.5, overhead_seconds=0.25)
    spans = named(told)
    assert spans["upstream"].parent == spans["exchange"].context
    assert spans["upstream"].attributes == {"sordino.channel": "chat", "http.response.status_code": 200}
    assert spans["exchange"].attributes == {
        "sordino.channel": "chat", "sordino.streams": True,
        "sordino.upstream_seconds": 0.5, "sordino.overhead_seconds": 0.25,
    }  # fmt: skip
    assert dict(spans["exchange"].resource.attributes) == {"service.name": "sordino"}


def test_an_error_is_told_by_its_class_alone(told: InMemorySpanExporter) -> None:
    tracing = Spans(SimpleSpanProcessor(told))
    with pytest.raises(ValueError, match="Erika"), tracing.step("exchange", "chat"):
        raise ValueError("Erika Mustermann")
    (span,) = told.get_finished_spans()
    assert span.attributes == {"sordino.channel": "chat", "error.type": "ValueError"}
    assert (span.events, span.status.description, span.status.is_ok) == ((), None, False)
    assert "Erika" not in span.to_json()


def test_steps_outside_an_exchange_are_not_told(told: InMemorySpanExporter) -> None:
    tracing = Spans(SimpleSpanProcessor(told))
    with tracing.step("store", "chat") as step:
        step.told(status=200)
    assert told.get_finished_spans() == ()


def test_a_share_is_sampled_and_what_a_trusted_parent_says_goes_before(told: InMemorySpanExporter) -> None:
    tracing = Spans(SimpleSpanProcessor(told), sample=0.0)
    with tracing.step("exchange", "chat"), tracing.step("store", "chat"):
        pass
    assert told.get_finished_spans() == ()
    with tracing.continued(PARENT), tracing.step("exchange", "chat"):
        pass
    (span,) = told.get_finished_spans()
    assert span.parent is not None
    assert (span.parent.trace_id, span.parent.span_id) == (0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331)
    told.clear()
    always = Spans(SimpleSpanProcessor(told))
    with always.continued(UNSAMPLED), always.step("exchange", "chat"):
        pass
    assert told.get_finished_spans() == ()


@pytest.mark.parametrize(
    "parent", ["", "Erika", PARENT.replace("0af", "xyz"), f"{PARENT}-Erika", f"00-{'0' * 32}-{'0' * 16}-01"]
)
def test_what_is_no_parent_begins_a_trace_of_its_own(told: InMemorySpanExporter, parent: str) -> None:
    tracing = Spans(SimpleSpanProcessor(told))
    with tracing.continued(parent), tracing.step("exchange", "chat"):
        pass
    (span,) = told.get_finished_spans()
    assert span.parent is None
    assert "Erika" not in span.to_json()


def test_a_bot_goes_on_with_the_trace_only_where_it_may(told: InMemorySpanExporter) -> None:
    for to_bots in (False, True):
        told.clear()
        tracing = Spans(SimpleSpanProcessor(told), to_bots=to_bots)
        with tracing.continued(PARENT), tracing.step("exchange", "chat"), tracing.step("upstream", "chat"):
            onward = tracing.onward()
        upstream = named(told)["upstream"].context
        expected = f"00-{upstream.trace_id:032x}-{upstream.span_id:016x}-01"
        assert onward == ({"traceparent": expected} if to_bots else {})


async def test_where_nobody_listens_everything_is_silent() -> None:
    tracing = Tracing()
    with tracing.continued(PARENT), tracing.step("exchange", "chat") as step:
        step.told(status=200)
        assert tracing.onward() == {}
    await tracing.close()
