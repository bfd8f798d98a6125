"""Chooses how to trace: not at all, or to a collector over OTLP/HTTP where the extra is installed."""

from __future__ import annotations

from gateway.errors import SettingsError
from gateway.tracing.steps import Tracing


def open_tracing(url: str | None, *, sample: float, to_bots: bool) -> Tracing:
    """Return what traces to the collector at `url`; without one nothing is traced, and nothing of it is loaded.

    Raises SettingsError where OpenTelemetry is not installed.
    """
    if url is None:
        return Tracing()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - optional
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        from gateway.tracing.spans import Spans  # noqa: PLC0415
    except ImportError:
        raise SettingsError("SORDINO_TRACES_URL needs the packages of requirements/otel.txt (extra: otel)") from None
    return Spans(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)), sample=sample, to_bots=to_bots)
