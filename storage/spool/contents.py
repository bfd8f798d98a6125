"""What stands inside the sealed sections of an entry: JSON, padded as every record is.

The transcript's section holds the plan and the turns with their marks, the original's the same turns' own words; that
of the pseudonyms is the map as the caller gave it. Words as a client would send them again, what identifies a message
and identifiers are not in it, only what the store keeps of them: keyed digests and blind tokens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from storage.crypto.padding import pad, unpad
from storage.errors import SealBrokenError
from storage.marks import TurnMarks
from storage.records import (
    Assignment,
    ClassKind,
    DeletionClass,
    PartKind,
    Plan,
    RoundTo,
    Speaker,
    StartEvent,
    Turn,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def turns_to_bytes(plan: Plan, turns: Sequence[Turn]) -> bytes:
    """Return the section of a transcript; each turn has its marks."""
    return _packed({"plan": _plan_said(plan), "turns": [_said(turn) for turn in turns]})


def originals_to_bytes(turns: Sequence[Turn]) -> bytes:
    """Return the section of an original."""
    said = [[turn.original, [] if turn.marks is None else _hex(turn.marks.original_tokens)] for turn in turns]
    return _packed(said)


def turns_from_bytes(opened: bytes, originals: bytes | None) -> tuple[Plan, tuple[Turn, ...]]:
    """Return plan and turns of an entry, with their own words if that section is given. Raises SealBrokenError."""
    try:
        said = json.loads(unpad(opened))
        own = [(None, ())] * len(said["turns"]) if originals is None else json.loads(unpad(originals))
        turns = tuple(_turn(turn, *each) for turn, each in zip(said["turns"], own, strict=True))
        return _plan(said["plan"]), turns
    except (ValueError, KeyError, TypeError):
        msg = "an entry of the spool has an unknown form"
        raise SealBrokenError(msg) from None


def _packed(said: object) -> bytes:
    return pad(json.dumps(said, separators=(",", ":")).encode())


def _hex(values: frozenset[bytes]) -> list[str]:
    return sorted(value.hex() for value in values)


def _said(turn: Turn) -> dict[str, Any]:
    marks = turn.marks or TurnMarks(b"", None)
    return {
        "speaker": turn.speaker.value,
        "at": (turn.at - _EPOCH) // _MICROSECOND,
        "text": turn.text,
        "digest": marks.digest.hex(),
        "once": None if marks.once is None else marks.once.hex(),
        "tokens": _hex(marks.tokens),
    }


def _turn(said: Mapping[str, Any], original: str | None, original_tokens: Sequence[str]) -> Turn:
    marks = TurnMarks(
        digest=bytes.fromhex(said["digest"]),
        once=None if said["once"] is None else bytes.fromhex(said["once"]),
        tokens=frozenset(map(bytes.fromhex, said["tokens"])),
        original_tokens=frozenset(map(bytes.fromhex, original_tokens)),
    )
    at = _EPOCH + timedelta(microseconds=said["at"])
    return Turn(Speaker(said["speaker"]), said["text"], at, original=original, marks=marks)


def _plan_said(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    return {kind.value: [_assignment_said(each) for each in plan.assignments[kind]] for kind in plan.assignments}


def _assignment_said(assignment: Assignment) -> dict[str, Any]:
    said = {name: getattr(assignment, name) for name in Assignment.__slots__}
    its = assignment.deletion_class
    return said | {"deletion_class": {name: getattr(its, name) for name in DeletionClass.__slots__}}


def _plan(said: Mapping[str, Any]) -> Plan:
    return Plan({PartKind(kind): tuple(map(_assignment, each)) for kind, each in said.items()})


def _assignment(said: Mapping[str, Any]) -> Assignment:
    its = said["deletion_class"]
    typed = {
        "start": StartEvent(its["start"]),
        "kind": ClassKind(its["kind"]),
        "round_to": None if its["round_to"] is None else RoundTo(its["round_to"]),
    }
    return Assignment(**{**said, "deletion_class": DeletionClass(**{**its, **typed})})
