"""Messages from public data: mostly such as hold no personal data, to keep the network from seeing it everywhere.

banking77 (questions to a bank), restaurant8k (bookings, with the guests' names), and German sentences of GermEval and
MobIE in which nobody is named. None of it is needed to train.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random

from training.messages import Message

_QUESTIONS = {
    "first_name": ("What's the first name?", "And your first name please?", ""),
    "last_name": ("And the surname?", "What name is the booking under?", "Your last name please", ""),
    "people": ("For how many people?", "How many of you will there be?", ""),
    "time": ("What time?", "At what time would you like to come?", ""),
    "date": ("For which day?", "What date would you like?", ""),
}
_PERSON_SLOTS = ("first_name", "last_name")
_SHORTEST, _LONGEST = 20, 220


def read(folder: Path, rng: Random) -> list[Message]:
    """Return the public messages in `folder`, the unpacked archives."""
    return [*_banking(folder), *_restaurant(folder, rng), *_sentences(folder)]


def _banking(folder: Path) -> list[Message]:
    with (folder / "polyai/polyai/banking_data_train.csv").open(encoding="utf-8") as f:
        return [
            Message(f"banking-{i}", "en", "chat", "", ((row["text"].strip(), None),))
            for i, row in enumerate(csv.DictReader(f))
        ]


def _restaurant(folder: Path, rng: Random) -> list[Message]:
    rows = json.loads((folder / "polyai/polyai/span_extraction_restaurant8k_train_0.json").read_text(encoding="utf-8"))
    found = []
    for i, row in enumerate(rows):
        text = row["userInput"]["text"]
        asked = row.get("context", {}).get("requestedSlots", [])
        previous = rng.choice(_QUESTIONS[asked[0]]) if asked and asked[0] in _QUESTIONS else ""
        spans = sorted(
            (label["valueSpan"].get("startIndex", 0), label["valueSpan"]["endIndex"])
            for label in row.get("labels", [])
            if label["slot"] in _PERSON_SLOTS
        )
        pieces: list[tuple[str, str | None]] = []
        at = 0
        for start, end in spans:
            if pieces and start >= at and text[at:start].isspace():
                pieces[-1] = (pieces[-1][0] + text[at:end], "PERSON")
                at = end
            elif start >= at:
                pieces += [(text[at:start], None), (text[start:end], "PERSON")]
                at = end
        pieces.append((text[at:], None))
        kept = tuple(p for p in pieces if p[0])
        found.append(Message(f"restaurant-{i}", "en", "call", previous, kept))
    return found


def _sentences(folder: Path) -> list[Message]:
    found = []
    for pattern, word_at, tag_at in (("germeval2014/germeval2014/*.tsv", 1, 2), ("mobie/mobie/*.conll2003", 0, 3)):
        for path in sorted(folder.glob(pattern)):
            words: list[str] = []
            named = False
            for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
                fields = line.split("\t") if "\t" in line else line.split(" ")
                if len(fields) > max(word_at, tag_at) and fields[0] not in ("#", "-DOCSTART-"):
                    words.append(fields[word_at])
                    named |= "PER" in fields[tag_at] or "street" in fields[tag_at].lower()
                    continue
                text = _joined(words)
                if not named and _SHORTEST <= len(text) <= _LONGEST and not any(map(str.isdigit, text)):
                    found.append(Message(f"{path.stem}-{len(found)}", "de", "mail", "", ((text, None),)))
                words, named = [], False
    return found


def _joined(words: list[str]) -> str:
    text = ""
    for word in words:
        text += word if not text or word in ".,;:!?)" or text.endswith("(") else " " + word
    return text
