"""Steps as spans of OpenTelemetry.

The provider is our own and not the process's, so that no other library's spans, which may hold addresses or
statements, leave with ours. Errors are told by their class: their messages and tracebacks are not recorded.
Of a parent only `traceparent` is read; `tracestate` may hold anything.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final

from opentelemetry import context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.tracing.steps import Name, Step, Tracing

_HEADER: Final = "traceparent"
_KINDS: Final = {"exchange": SpanKind.SERVER, "upstream": SpanKind.CLIENT}
_UNTOLD: Final = contextlib.nullcontext(Step())


class Spans(Tracing):
    """Traces to a processor of spans."""

    on = True

    def __init__(self, processor: SpanProcessor, *, sample: float = 1.0, to_bots: bool = False) -> None:
        """Trace this share of the exchanges that begin a trace here; `to_bots`: whether bots may go on with it."""
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(sample)),
            resource=Resource({"service.name": "sordino"}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("sordino")
        self._propagator = TraceContextTextMapPropagator()
        self._to_bots = to_bots

    def step(self, name: Name, channel: str) -> AbstractContextManager[Step]:
        """Trace a step; within an exchange that is not sampled nothing else is either."""
        if name != "exchange" and not get_current_span().is_recording():
            return _UNTOLD
        return self._step(name, channel)

    @contextlib.contextmanager
    def _step(self, name: Name, channel: str) -> Iterator[Step]:
        with self._tracer.start_as_current_span(
            name,
            kind=_KINDS.get(name, SpanKind.INTERNAL),
            attributes={"sordino.channel": channel},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield _SpanStep(span)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    @contextlib.contextmanager
    def continued(self, traceparent: str) -> Iterator[None]:
        """Go on with a trace."""
        token = context.attach(self._propagator.extract({_HEADER: traceparent}))
        try:
            yield
        finally:
            context.detach(token)

    def onward(self) -> Mapping[str, str]:
        """Return `traceparent` alone, where bots may have it."""
        carrier: dict[str, str] = {}
        if self._to_bots:
            self._propagator.inject(carrier)
        return {name: value for name, value in carrier.items() if name == _HEADER}

    async def close(self) -> None:
        """Send the rest: in a thread, for it waits for the collector."""
        await asyncio.to_thread(self._provider.shutdown)


class _SpanStep(Step):
    def __init__(self, span: Span) -> None:
        self._span = span

    def told(
        self,
        *,
        streams: bool | None = None,
        status: int | None = None,
        upstream_seconds: float | None = None,
        overhead_seconds: float | None = None,
    ) -> None:
        """Set the attributes."""
        told = {
            "sordino.streams": streams,
            "http.response.status_code": status,
            "sordino.upstream_seconds": upstream_seconds,
            "sordino.overhead_seconds": overhead_seconds,
        }
        self._span.set_attributes({name: value for name, value in told.items() if value is not None})
