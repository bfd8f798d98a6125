"""What every store promises of copies for who is entitled to one, and of sessions that share an identifier."""

from __future__ import annotations

import pytest

from storage import Ground, Identifier, PartKind, SessionStore, UnknownSessionError, uuid7
from tests.unit.storage.builders import DAY, NOW, TRANSCRIPT, USUAL, Customer, assignment, plan, turn


async def _spoken(store: SessionStore, name: str, *identifiers: Identifier) -> Customer:
    customer = Customer(name)
    await store.write(customer.opening(USUAL, turns=turn("Guten Tag", identifiers=identifiers)))
    return customer


async def test_a_copy_shows_what_is_held_and_why(store: SessionStore) -> None:
    customer = Customer()
    kept = plan(transcript=assignment(), original=assignment("legal-defence", "P60D"), connection=assignment())
    await store.write(
        customer.opening(kept, turns=turn("Ich bin [PERSON]", original="Ich bin Erika"), connection={"address": "::1"})
    )
    await store.retention.restrict(customer.id, Ground.ACCURACY, NOW)
    copy = await store.copies.of(customer.id, NOW)
    assert [(each.text, each.original) for each in copy.turns] == [("Ich bin [PERSON]", "Ich bin Erika")]
    assert (copy.restricted, copy.connections) == (True, ({"address": "::1"},))
    why = {part.kind: [(each.purpose, each.legal_basis) for each in part.assignments] for part in copy.parts}
    assert why[PartKind.ORIGINAL] == [("legal-defence", "A6-1-f")]
    bare = await store.copies.of(customer.id, NOW, content=False)
    assert (bare.turns, bare.parts) == ((), copy.parts)
    with pytest.raises(UnknownSessionError):
        await store.copies.of(uuid7(NOW), NOW)


async def test_what_has_expired_is_not_in_a_copy(store: SessionStore) -> None:
    customer = Customer()
    await store.write(customer.opening(plan(transcript=assignment(), facts=assignment(period="P60D")), turns=turn()))
    copy = await store.copies.of(customer.id, NOW + 31 * DAY)
    assert ([part.kind for part in copy.parts], copy.turns) == ([PartKind.FACTS], ())


async def test_sessions_are_linked_by_what_they_share(store: SessionStore) -> None:
    email, phone = Identifier("EMAIL", "erika@muster.example"), Identifier("PHONE", "+4935148157720")
    first = await _spoken(store, "first", email, phone)
    second = await _spoken(store, "second", phone)
    await _spoken(store, "third", Identifier("PHONE", "+4935148157721"))
    await store.write(Customer("bare").opening(TRANSCRIPT, turns=turn()))
    assert await store.copies.linked([first.id], NOW) == (second.id,)
    assert await store.copies.linked([first.id, second.id], NOW) == ()
    assert await store.copies.linked([], NOW) == ()
    assert await store.copies.linked([first.id], NOW, limit=0) == ()
