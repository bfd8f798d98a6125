"""What lies in the databases of a request: nothing of its subject in the clear, and nothing once it has expired."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from storage import Identifier, uuid7
from storage.requests import Matter, MessageKind, NewMessage, NewRequest, RequestState, RequestStep, Right
from tests.unit.storage.builders import DAY, NOW, Customer, files, prepared, sql_store

EMAIL = "erika@muster.example"


def new(session: UUID) -> NewRequest:
    matter = Matter(EMAIL, (Identifier("EMAIL", EMAIL),), (session,), (), "Der Name Musterfrau ist falsch")
    return NewRequest(
        uuid7(NOW), Right.RECTIFICATION, "de", NOW + 30 * DAY, NOW + 60 * DAY, b"s" * 32, matter, RequestState.OPEN
    )


@pytest.mark.parametrize("expired", [False, True])
async def test_nothing_of_the_subject_is_in_any_byte(tmp_path: Path, *, expired: bool) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    session = Customer().id
    request = new(session)
    await store.requests.open(request, NOW)
    message = NewMessage(uuid7(NOW), "Ratepay", f"erased: {session}", MessageKind.ERASURE)
    step = RequestStep({RequestState.OPEN}, RequestState.ANSWERED, "carried-out", "dpo-1", messages=(message,))
    await store.requests.take(request.id, step, NOW)
    if expired:
        assert await store.requests.expire(NOW + 60 * DAY) == 1
    await store.close()
    said = [EMAIL.encode(), b"Musterfrau", str(session).encode(), session.bytes, request.secret]
    if expired:
        said += [message.id.bytes, b"Ratepay"]
    for name, content in files(tmp_path).items():
        for word in said:
            assert word not in content, name


async def test_a_request_outlives_a_restart(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    request = new(Customer().id)
    await store.requests.open(request, NOW)
    await store.close()
    again = sql_store(tmp_path)
    await again.start()
    assert await again.requests.matter(request.id) == request.matter
    await again.close()
