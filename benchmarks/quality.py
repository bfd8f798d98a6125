"""How much redaction finds of the gold messages, and how much it covers that is innocent.

    python -m benchmarks.quality [--caution normal] [--misses 20] [--write docs/quality.md]
    python -m benchmarks.quality --messages tests/unseen/*.jsonl   # other messages, a table alone

Counted by tests/gold/score.py, over visible characters: leak (personal characters left), over-redaction (others
covered), recall of whole spans (any type; the right type), and clean messages touched. The German,
English and Dutch call messages have a table of their own: before, by the rules alone, and after, by all of the
engine. With `--write`, the tables of the page are made anew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from redaction.engine import Caution, Redactor
from redaction.filter import find_in_record
from redaction.operators import Policy
from redaction.stream import StreamRedactor

ROOT = Path(__file__).parent.parent
GOLD = sorted((ROOT / "tests" / "gold").glob("dev_*.jsonl"))
UNSEEN = sorted((ROOT / "tests" / "unseen").glob("*.jsonl"), key=lambda path: int(path.stem))
SCORE = ROOT / "tests" / "gold" / "score.py"
COLUMNS = {
    "leak_rate": "leak",
    "over_redaction": "over-redaction",
    "span_recall": "span recall",
    "typed_recall": "typed recall",
    "clean_touched": "clean touched",
    "spans": "spans",
    "clean": "clean",
}
SPOKEN = ("de", "en", "nl")
CAUTIONS: tuple[Caution, ...] = ("low", "normal", "high")


def findings(caution: Caution, files: Sequence[Path] = GOLD) -> list[dict[str, Any]]:
    """Return the engine's findings for every message of the files, in the form that the scorer reads."""
    redactor = Redactor(caution=caution)
    return [find_in_record(redactor, record) for record in messages(files)]


def messages(files: Sequence[Path] = GOLD) -> list[dict[str, Any]]:
    """Return every message of the files."""
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def unseen(caution: Caution, files: Sequence[Path] = UNSEEN) -> str:
    """Return a table of the figures of other messages: all, by language, by channel and by file."""
    found = findings(caution, files)
    rows = json.loads(score(found, "--json", gold=files))
    rows = {name: figures for name, figures in rows.items() if name.split("=")[0] in {"all", "lang", "channel"}}
    if len(files) > 1:
        for file in files:
            rows[file.stem] = json.loads(score(findings(caution, [file]), "--json", gold=[file]))["all"]
    return table(rows, "unseen messages")


def calls(caution: Caution) -> dict[str, dict[str, float]]:
    """Return the figures of the call messages of each language, by the rules alone and by all of the engine."""
    engines = {"rules alone": Redactor(caution=caution, names=None), "rules and model": Redactor(caution=caution)}
    said = [one for one in messages() if one["channel"] == "call" and one["lang"] in SPOKEN]
    figures = {}
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as gold:
        gold.writelines(json.dumps(one) + "\n" for one in said)
        gold.flush()
        for name, engine in engines.items():
            found = [find_in_record(engine, one) for one in said]
            scored = json.loads(score(found, "--json", "--by", "lang", gold=[Path(gold.name)]))
            for group in ("all", *(f"lang={language}" for language in SPOKEN)):
                figures[f"{group}: {name}"] = scored[group]
    return dict(sorted(figures.items()))


def score(found: list[dict[str, Any]], *arguments: str, gold: Sequence[Path] = GOLD) -> str:
    """Run the scorer on findings; return what it prints."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in found)
        file.flush()
        command = [sys.executable, str(SCORE), file.name, *map(str, gold), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def table(figures: Mapping[str, Mapping[str, float]], first: str) -> str:
    """Return figures as a Markdown table."""
    rows = [f"| {first} | " + " | ".join(COLUMNS.values()) + " |", "| --- |" + " ---: |" * len(COLUMNS)]
    for name, values in figures.items():
        cells = [f"{values[key]:.3f}" if isinstance(values[key], float) else str(values[key]) for key in COLUMNS]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def hold_back(caution: Caution) -> str:
    """Return how far a streamed text lags behind what has arrived, over the gold messages fed in pieces of three."""
    redactor = Redactor(caution=caution)
    held = []
    for path in GOLD:
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)["text"]
            stream = StreamRedactor(redactor, Policy())
            for end in range(3, len(text) + 3, 3):
                upto = stream.feed(text[end - 3 : end]).upto
                held.append(min(end, len(text)) - upto)
    held.sort()
    middle, high = held[len(held) // 2], held[len(held) * 99 // 100]
    return f"held back, in characters: median {middle}, 99th percentile {high}, at most {held[-1]}"


def page(text: str, tables: Mapping[str, str]) -> str:
    """Return the page with each of its tables, which stand between two comments, made anew."""
    for name, made in tables.items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = before + begin + made + end + after
    return text


def main() -> None:
    """Score, print, and write the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--caution", choices=CAUTIONS, default="normal")
    parser.add_argument("--misses", type=int, default=20, help="print up to this many misses")
    parser.add_argument("--write", type=Path, help="the page whose tables are made anew")
    parser.add_argument("--messages", type=Path, nargs="+", help="marked messages to score instead of all this")
    arguments = parser.parse_args()
    if arguments.messages:
        print(unseen(arguments.caution, arguments.messages))
        return
    found = findings(arguments.caution)
    print(score(found, "--misses", str(arguments.misses)))
    figures = json.loads(score(found, "--json"))
    curve: dict[str, dict[str, float]] = {name: json.loads(score(findings(name), "--json"))["all"] for name in CAUTIONS}
    print(table(curve, "caution"))
    spoken = table(calls(arguments.caution), "call messages")
    print(spoken)
    others = unseen(arguments.caution)
    print(others)
    lag = hold_back(arguments.caution)
    print(lag)
    if arguments.write is not None:
        groups = {"by language and channel": ("all", "lang", "channel"), "by type": ("type",)}
        tables = {
            title: table({name: v for name, v in figures.items() if name.split("=")[0] in wanted}, "messages")
            for title, wanted in groups.items()
        }
        text = arguments.write.read_text(encoding="utf-8")
        arguments.write.write_text(
            page(
                text, tables | {"calls": spoken, "unseen": others, "caution": table(curve, "caution"), "hold-back": lag}
            ),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
