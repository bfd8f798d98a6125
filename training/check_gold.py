"""Proves that the gold messages are not trained on.

    python -m training.check_gold [tests/gold]

Fails if a gold message, one of its sentences of six words or more, the full name of one of its people, or one of its
numbers of nine digits or more stands in a conversation that is trained on. Texts are compared folded: case, accents and
punctuation do not hide a copy. People who write independently hit upon the same name or phrase now and then; such
lines are taken out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from redaction.names.words import fold
from training.messages import CONVERSATIONS

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_NOT_LETTER = re.compile(r"[^\w]+")
_FEWEST_WORDS = 6
_PARTICLE = 2
_FEWEST_DIGITS = 9


def main() -> None:
    """Print what gold and training share, and fail if it is anything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gold", type=Path, nargs="?", default=Path("tests/gold"))
    args = parser.parse_args()
    gold = [row for path in sorted(args.gold.glob("dev_*.jsonl")) for row in _rows(path)]
    if not gold:
        sys.exit("check_gold: no gold messages found")
    parts = _by_beginning({part for row in gold for part in _parts(row)})
    trained = [row for path in sorted(CONVERSATIONS.glob("*.jsonl")) for row in _rows(path)]
    sharing = {row["id"]: part for row in trained for part in _shared(row, parts)}
    for key, part in sharing.items():
        sys.stdout.write(f"{key}: {part}\n")
    sys.stdout.write(f"{len(gold)} gold messages, {len(trained)} lines, {len(sharing)} share something with them\n")
    sys.exit(bool(sharing))


def _by_beginning(parts: set[str]) -> dict[str, list[str]]:
    beginning: defaultdict[str, list[str]] = defaultdict(list)
    for part in parts:
        beginning[" ".join(part.split()[:2])].append(part)
    return dict(beginning)


def _shared(row: dict, parts: dict[str, list[str]]) -> list[str]:
    shared = []
    for field in ("text", "previous"):
        words = (text := _plain(row[field])).split()
        begun = {*words, *map(" ".join, pairwise(words))} & parts.keys()
        shared += [part for each in begun for part in parts[each] if f" {part} " in f" {text} "]
    return shared


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _parts(row: dict) -> set[str]:
    found = {_plain(s) for s in [row["text"], *_SENTENCE_END.split(row["text"])]}
    long = {s for s in found if len(s.split()) >= _FEWEST_WORDS}
    names = {_plain(row["text"][start:end]) for start, end, kind in row["spans"] if kind == "PERSON"}
    values = {_plain(row["text"][start:end]) for start, end, kind in row["spans"] if kind != "PERSON"}
    return (
        long
        | {n for n in names if len(n.split()) > 1 and all(len(w) > _PARTICLE for w in n.split())}
        | {v for v in values if sum(map(str.isdigit, v)) >= _FEWEST_DIGITS}
    )


def _plain(text: str) -> str:
    return " ".join(_NOT_LETTER.sub(" ", fold(text)).split())


if __name__ == "__main__":
    main()
