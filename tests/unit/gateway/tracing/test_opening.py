"""Traces are an extra: without it nothing is missed, and asking for it all the same is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway.tracing import Tracing, open_tracing
from gateway.tracing.spans import Spans

ROOT = Path(__file__).parents[4]
ABSENT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import gateway.serving
from gateway.errors import SettingsError
from gateway.tracing import open_tracing
print(type(open_tracing(None, sample=1.0, to_bots=True)).__name__)
try:
    open_tracing("http://127.0.0.1:1/v1/traces", sample=1.0, to_bots=False)
except SettingsError as error:
    print(error)
"""


def _said(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    return done.stdout.splitlines()


def test_without_the_package_a_gateway_runs_and_traces_are_refused() -> None:
    assert _said(ABSENT) == ["Tracing", "SORDINO_TRACES_URL needs the packages of requirements/otel.txt (extra: otel)"]


def test_nothing_of_it_is_loaded_where_it_is_off() -> None:
    loaded = "import sys, gateway.serving; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    assert _said(loaded) == ["[]"]


async def test_it_is_off_by_default_and_on_with_an_address() -> None:
    assert type(open_tracing(None, sample=1.0, to_bots=False)) is Tracing
    tracing = open_tracing("http://127.0.0.1:1/v1/traces", sample=0.5, to_bots=False)
    assert isinstance(tracing, Spans)
    await tracing.close()
