"""Figures as tests/gold/score.py counts them, for the held-out conversations."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from redaction.names.decode import decode
from redaction.names.words import split_words, word_ends
from training.messages import Message
from training.samples import TYPES

Span = tuple[int, int, str]


def spans_of(text: str, scores: np.ndarray, caution: float) -> list[Span]:
    """Return what the decoder finds in `text`."""
    words = split_words(text)
    ends = word_ends(words)
    return [
        (ends[first] - len(words[first].lstrip()), ends[last], TYPES[kind])
        for first, last, kind, _ in decode(scores, words, caution)
    ]


@dataclass
class _Count:
    personal: int = 0
    leaked: int = 0
    other: int = 0
    over: int = 0
    spans: int = 0
    covered: int = 0
    typed: int = 0
    clean: int = 0
    touched: int = 0


@dataclass
class Tally:
    """Counts by group of messages and by type."""

    groups: dict[str, _Count] = field(default_factory=lambda: defaultdict(_Count))
    misses: list[str] = field(default_factory=list)

    def add(self, message: Message, found: list[Span]) -> None:
        """Count one message."""
        text, spans = message.text, message.spans
        visible = {i for i, c in enumerate(text) if not c.isspace()}
        personal = {i for s, e, _ in spans for i in range(s, e)} & visible
        covered = {i for s, e, _ in found for i in range(s, e)} & visible
        by_type: dict[str, set[int]] = defaultdict(set)
        for s, e, kind in found:
            by_type[kind].update(range(s, e))
        language = f"lang={message.language}" if message.language in ("de", "nl", "en") else "other"
        names = ["all", language, f"channel={message.channel}"]
        for name in names:
            c = self.groups[name]
            c.personal += len(personal)
            c.leaked += len(personal - covered)
            c.other += len(visible - personal)
            c.over += len(covered - personal)
            if not spans:
                c.clean += 1
                c.touched += bool(covered)
        head = f"{message.key} {message.channel}"
        for s, e, kind in spans:
            chars = set(range(s, e)) & visible
            for name in [*names, f"type={kind}"]:
                self.groups[name].spans += 1
                self.groups[name].covered += chars <= covered
                self.groups[name].typed += chars <= by_type[kind]
            c = self.groups[f"type={kind}"]
            c.personal += len(chars)
            c.leaked += len(chars - covered)
            if not chars <= covered:
                self.misses.append(f"MISS {head} {kind} {text[s:e]!r} [{message.previous!r}] {text!r}")
            elif not chars <= by_type[kind]:
                got = ",".join(sorted({k for a, b, k in found if a < e and b > s}))
                self.misses.append(f"TYPE {head} {kind} as {got} {text[s:e]!r} [{message.previous!r}] {text!r}")
        for s, e, kind in found:
            if not set(range(s, e)) & personal:
                self.misses.append(f"OVER {head} {kind} {text[s:e]!r} [{message.previous!r}] {text!r}")

    def figures(self, name: str) -> dict[str, float]:
        """Return the figures of one group, as score.py names them."""
        c = self.groups[name]
        return {
            "leak_rate": _share(c.leaked, c.personal),
            "over_redaction": _share(c.over, c.other),
            "span_recall": _share(c.covered, c.spans),
            "typed_recall": _share(c.typed, c.spans),
            "clean_touched": _share(c.touched, c.clean),
            "spans": c.spans,
            "clean": c.clean,
        }

    def line(self, name: str) -> str:
        """Return the figures of one group as text."""
        f = self.figures(name)
        return (
            f"leak {f['leak_rate']:.3f} over {f['over_redaction']:.3f} span {f['span_recall']:.3f} "
            f"typed {f['typed_recall']:.3f} touched {f['clean_touched']:.3f} ({f['spans']} spans, {f['clean']} clean)"
        )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
