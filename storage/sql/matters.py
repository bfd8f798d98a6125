"""What a request says of its subject, as bytes to be sealed."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from storage.records import Identifier
from storage.requests import Matter


def matter_to_bytes(matter: Matter) -> bytes:
    """Return the matter as it is sealed."""
    said = {
        "contact": matter.contact,
        "identifiers": [[each.kind, each.value] for each in matter.identifiers],
        "sessions": [str(each) for each in matter.sessions],
        "linked": [str(each) for each in matter.linked],
        "statement": matter.statement,
        "scope": matter.scope,
        "answer": matter.answer,
        "lifts": [str(each) for each in matter.lifts],
        "lifted": [str(each) for each in matter.lifted],
        "alone": matter.alone,
    }
    return json.dumps(said).encode()


def matter_from_bytes(payload: bytes) -> Matter:
    """Return the matter that was sealed."""
    said: dict[str, Any] = json.loads(payload)
    return Matter(
        contact=said["contact"],
        identifiers=tuple(Identifier(kind, value) for kind, value in said["identifiers"]),
        sessions=tuple(map(UUID, said["sessions"])),
        linked=tuple(map(UUID, said["linked"])),
        statement=said["statement"],
        scope=said["scope"],
        answer=said["answer"],
        lifts=tuple(map(UUID, said["lifts"])),
        lifted=tuple(map(UUID, said["lifted"])),
        alone=said["alone"],
    )
