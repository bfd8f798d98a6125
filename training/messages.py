"""Reads the conversations and splits them into those to learn from and those to measure with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

CONVERSATIONS = Path(__file__).with_name("conversations")
LANGUAGES = ("de", "nl", "en", "fr", "it", "pl", "tr", "es", "pt", "ro")
CHANNELS = ("chat", "call", "mail")
_WRITTEN_LAST = "later_"


@dataclass(frozen=True, slots=True)
class Message:
    """One marked message: `pieces` joined are its text; a piece with a type is personal data."""

    key: str
    language: str
    channel: str
    previous: str
    pieces: tuple[tuple[str, str | None], ...]

    @property
    def text(self) -> str:
        """The message's text."""
        return "".join(text for text, _ in self.pieces)

    @property
    def spans(self) -> list[tuple[int, int, str]]:
        """Start, end and type of each piece that is personal data."""
        found, at = [], 0
        for text, kind in self.pieces:
            if kind is not None:
                found.append((at, at + len(text), kind))
            at += len(text)
        return found


def read_folder(folder: Path) -> dict[str, list[Message]]:
    """Return the messages of each `*.jsonl` file, in the file's order."""
    return {path.stem: read_file(path) for path in sorted(folder.glob("*.jsonl"))}


def read_file(path: Path) -> list[Message]:
    """Return the messages of one JSONL file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        row = json.loads(line)
        text, at, pieces = row["text"], 0, []
        for start, end, kind in sorted(map(tuple, row["spans"])):
            pieces += [(text[at:start], None), (text[start:end], kind)]
            at = end
        pieces.append((text[at:], None))
        kept = tuple(p for p in pieces if p[0])
        found.append(Message(row["id"], row["lang"], row["channel"], row["previous"], kept))
    return found


def split(files: dict[str, list[Message]]) -> tuple[list[Message], list[Message]]:
    """Return training and validation messages: the files that were written last are held out.

    Their writers saw no line of the others' but the guide, so people, firms and turns of phrase are new.
    """
    held = [message for name, messages in files.items() if name.startswith(_WRITTEN_LAST) for message in messages]
    rest = [message for name, messages in files.items() if not name.startswith(_WRITTEN_LAST) for message in messages]
    return rest, held
