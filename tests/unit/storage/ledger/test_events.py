from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from storage.ledger.events import SALT_BYTES, Event, EventKind, canonical, entry_of, session_mark
from storage.ledger.tree import leaf_hash
from tests.unit.storage.builders import NOW


def test_an_event_says_what_was_done_and_when() -> None:
    entry = entry_of(Event(EventKind.HOLD, NOW, {"reason": "lawsuit", "parts": 3}))
    assert json.loads(entry.event) == {
        "kind": "hold",
        "at": "2026-11-26T12:00:00+00:00",
        "facts": {"reason": "lawsuit", "parts": 3},
    }
    assert entry.leaf == leaf_hash(entry.salt + entry.event)


def test_a_session_is_named_by_a_salted_hash_only() -> None:
    session_id = uuid4()
    one, other = (entry_of(Event(EventKind.READ, NOW, {"purpose": "a"}, session_id)) for _ in range(2))
    assert len(one.salt) == SALT_BYTES
    assert session_id.bytes not in one.event
    assert str(session_id).encode() not in one.event
    assert json.loads(one.event)["session"] == hashlib.sha256(one.salt + session_id.bytes).hexdigest()
    assert session_mark(other.salt, session_id) != session_mark(one.salt, session_id)
    assert one.leaf != other.leaf


def test_the_same_said_in_another_order_is_the_same() -> None:
    assert canonical({"b": 1, "a": {"d": "ü", "c": None}}) == '{"a":{"c":null,"d":"ü"},"b":1}'.encode()


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(TypeError):
        entry_of(Event(EventKind.READ, NOW, {"a": timedelta(1)}))  # type: ignore[dict-item]
