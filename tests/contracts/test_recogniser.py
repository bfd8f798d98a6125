"""What every recogniser keeps to; run over all that are found in redaction/recognisers."""

from __future__ import annotations

import sys

import pytest

from redaction.clues import asked
from redaction.context import Scan
from redaction.normalise import fold
from redaction.patterns import Gate
from redaction.recogniser import Example, Recogniser
from redaction.recognisers import all_recognisers
from redaction.resolve import resolve
from tests.growth import cpu_seconds, grows_within

RECOGNISERS = all_recognisers()
THRESHOLD = 0.5

# Pieces that patterns stumble over when they are repeated: half numbers, half addresses, openings without an end.
HARD = (
    *(
        "0",
        "1",
        "a",
        "-",
        ".",
        " ",
        "@",
        "a@",
        "a.",
        "a@a.",
        "0 ",
        "00 ",
        "1-",
        "1.1.",
        "f:",
        "::",
        "ab-",
        "12 34 ",
        "de89 ",
    ),
    *(
        "de12 3704 ",
        "+49 0",
        "a1",
        "(0",
        "4111 ",
        "strasse ",
        "str. 1 ",
        "am alten ",
        "von der ",
        "herr ",
        "mein name ist ",
    ),
    *(
        "mit freundlichen ",
        "null ",
        "double ",
        "acht und ",
        "pin ",
        "passwort ist ",
        "kundennummer ",
        "www.",
        "a.de/",
        "48.1",
    ),
    *("n 5 1 ", "1st of ", "mai 19", "geb. ", "hundert", "zweihundert", "(", "[at]", "\n", "ä", "😀", "\u200b"),
)


def scan_of(text: str, previous: str = "", channel: str = "chat") -> Scan:
    return Scan(fold(text), asked=asked(previous), channel=channel)


def found_in(recogniser: Recogniser, example: Example) -> list[tuple[str, str]]:
    text, _ = example.parse()
    scan = scan_of(text, example.previous, example.channel)
    hits = resolve(Gate([recogniser]).candidates(scan), scan.lower, THRESHOLD)
    return [(text[slice(*scan.folded.span(hit.start, hit.end))], str(hit.type)) for hit in hits]


@pytest.mark.parametrize(
    ("recogniser", "example"),
    [pytest.param(r, e, id=f"{r.name}-{n}") for r in RECOGNISERS for n, e in enumerate(r.examples)],
)
def test_example(recogniser: Recogniser, example: Example) -> None:
    text, spans = example.parse()
    assert found_in(recogniser, example) == [(text[start:end], str(kind)) for start, end, kind in spans]


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
def test_has_hits_near_misses_and_a_source(recogniser: Recogniser) -> None:
    marked = [example for example in recogniser.examples if "⟦" in example.marked]
    assert len(marked) >= 3
    assert len(recogniser.examples) > len(marked)
    module = sys.modules[recogniser.find.__module__]
    assert module.__name__ == f"redaction.recognisers.{recogniser.name}"
    assert len(module.__doc__ or "") > 80


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
def test_hits_lie_in_the_text_and_have_a_score(recogniser: Recogniser) -> None:
    for example in (example for other in RECOGNISERS for example in other.examples):
        scan = scan_of(example.parse()[0], example.previous, example.channel)
        for start, end, _, score in recogniser.find(scan):
            assert 0 <= start < end <= len(scan.lower)
            assert 0.0 <= score <= 1.0


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
def test_the_gate_misses_nothing_that_the_search_finds(recogniser: Recogniser) -> None:
    gate = Gate([recogniser])
    for example in (example for other in RECOGNISERS for example in other.examples):
        scan = scan_of(example.parse()[0], example.previous, example.channel)
        sure = [hit for hit in recogniser.find(scan) if hit[3] >= THRESHOLD]
        assert not sure or gate.called(scan)


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
def test_time_grows_no_faster_than_the_text(recogniser: Recogniser) -> None:
    for piece in HARD:
        scans = {size: scan_of(piece * (size // len(piece) + 1)) for size in (1_500, 12_000)}

        def seconds(size: int) -> float:
            scan = scans[size]  # noqa: B023 - it is called in this round
            return cpu_seconds(lambda: list(recogniser.find(scan)))

        for size in scans:
            seconds(size)  # RE2 builds its automata as it goes; that is not counted
        # Eight times the text: linear is 8, quadratic 64.
        assert grows_within(24, 0.002, seconds, *scans), piece
