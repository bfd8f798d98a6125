"""Traces: what the time of an exchange goes on, step by step. Off unless the settings name a collector.

`steps` says what can be told, `spans` tells it to OpenTelemetry, `opening` chooses between the two.
"""

from gateway.tracing.opening import open_tracing
from gateway.tracing.steps import Step, Tracing

__all__ = ["Step", "Tracing", "open_tracing"]
