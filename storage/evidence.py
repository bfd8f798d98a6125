"""Evidence of consents as it is read back: what came later of an answer stands in the record of that answer.

An answer is kept when it is given. What proves it further may come only after that, such as when the first sound was
kept by it. That is kept in a record of its own, sealed with the evidence and for as long as that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from storage.records import ConsentRecord, ConsentState


@dataclass(frozen=True, slots=True)
class LaterEvidence:
    """What a write says further of the last yes to a consent; see `Write.evidence`."""

    consent: str
    said: Mapping[str, str] = field(repr=False)


def completed(entries: Iterable[ConsentRecord | LaterEvidence]) -> tuple[ConsentRecord, ...]:
    """Return the records, in the order in which they were kept, each with the evidence that came later.

    It belongs to the last yes before it. What a record says already stays: said again, it changes nothing.
    """
    records: list[ConsentRecord] = []
    for entry in entries:
        if isinstance(entry, ConsentRecord):
            records.append(entry)
            continue
        for at in reversed(range(len(records))):
            if records[at].consent == entry.consent and records[at].state is ConsentState.GIVEN:
                records[at] = replace(records[at], evidence={**entry.said, **records[at].evidence})
                break
    return tuple(records)
