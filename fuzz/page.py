"""`docs/fuzzing.md`: what was fuzzed, for how long, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fuzz.state import Ran
from fuzz.targets import TARGETS

WANTED_SECONDS: Final = 3600
_HEAD: Final = """# Fuzzing

What reads the bytes of strangers, under random bytes with coverage as the guide (atheris, libFuzzer), added up over all
runs of `make fuzz` so far. Time is CPU time without what the start of a run took. An hour each is wanted; where it was
less, that is what was done. A run fails with an error that is not one of our own refusals, a promise of the target
that does not hold, an input that takes more than ten seconds of CPU time, or two gigabytes of memory; what was found
that way was mended, and stays in the tests or among the seeds.

`make fuzz SECONDS=600` goes on for ten minutes each from the inputs that were kept (`.cache/fuzz`). `make test` runs
each target over its seeds and some hundred changes of them.

| target | what has to hold | CPU seconds | wanted | inputs tried | kept | most memory, MB | runs failed |
|---|---|---:|---:|---:|---:|---:|---:|
"""
_HOLDS: Final = {
    "connector-engine": "bodies of requests and answers, JSON and forms: unchanged they stay as they came; replaced, "
    "nothing is left of their texts",
    "connector-streams": "streamed answers (SSE, lines of JSON): the same comes out wherever they are cut",
    "twiml": "a bot's TwiML: what is let through records nothing",
    "call-sockets": "messages of Twilio's media streams and of AudioHook: read or refused",
    "stream-redactor": "the redaction of a stream: what it covers does not depend on where it is cut",
    "notice-loader": "a notice: in order, or each problem names a line of the file",
}


def page(state: Mapping[str, Ran]) -> str:
    """Return the page."""
    return _HEAD + "".join(_row(name, state.get(name, Ran())) for name in TARGETS)


def _row(name: str, ran: Ran) -> str:
    figures = (ran.seconds, WANTED_SECONDS, ran.executions, ran.inputs, ran.peak_mb, ran.failed)
    return f"| **{name}** | {_HOLDS[name]} | {' | '.join(f'{each:,.0f}' for each in figures)} |\n"
