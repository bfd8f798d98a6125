"""Sessions found by an identifier of a person, in every store."""

from __future__ import annotations

from dataclasses import replace

from storage import ErasureReason, HoldTerms, Identifier, Plan, SessionStore
from tests.unit.storage.builders import DAY, NOTHING, NOW, TRANSCRIPT, Customer, assignment, plan, turn

PHONE, OTHER = Identifier("PHONE", "+4935148157720"), Identifier("PHONE", "+4935148157721")
EMAIL = Identifier("EMAIL", "erika@example.org")


async def opened(store: SessionStore, name: str, *identifiers: Identifier, kept: Plan = TRANSCRIPT) -> Customer:
    customer = Customer(name)
    await store.write(customer.opening(kept, turns=turn(identifiers=identifiers)))
    return customer


async def test_all_sessions_of_a_person_are_found_and_no_others(store: SessionStore) -> None:
    first = await opened(store, "first", PHONE, EMAIL)
    second = await opened(store, "second", PHONE, kept=plan(transcript=assignment(period="P3Y")))
    await opened(store, "third", OTHER)
    await opened(store, "fourth")
    assert await store.find_by(PHONE, NOW) == tuple(sorted((first.id, second.id), reverse=True))
    assert await store.find_by(EMAIL, NOW) == (first.id,)
    assert await store.find_by(Identifier("CUSTOMER_NO", PHONE.value), NOW) == ()
    assert await store.find_by(Identifier("PHONE", "+49"), NOW) == ()


async def test_what_is_said_again_or_later_is_found_once(store: SessionStore) -> None:
    one = await opened(store, "one")
    assert await store.find_by(PHONE, NOW) == ()
    for _ in range(2):
        await store.write(one.write(TRANSCRIPT, turns=(turn(identifiers=(PHONE,)), turn(identifiers=(PHONE, EMAIL)))))
    assert await store.find_by(PHONE, NOW) == (one.id,)
    assert await store.find_by(EMAIL, NOW) == (one.id,)


async def test_a_caller_is_found_by_the_connection_that_is_kept(store: SessionStore) -> None:
    one, other = Customer("one"), Customer("other")
    kept = plan(connection=assignment())
    await store.write(replace(one.opening(kept, connection={"caller": PHONE.value}), identifiers=(PHONE,)))
    await store.write(replace(other.opening(NOTHING, connection={"caller": PHONE.value}), identifiers=(PHONE,)))
    assert await store.find_by(PHONE, NOW) == (one.id,)
    assert await store.find_by(OTHER, NOW) == ()
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    assert await store.find_by(PHONE, NOW) == ()


async def test_what_is_not_kept_is_not_found(store: SessionStore) -> None:
    await opened(store, "one", PHONE, kept=NOTHING)
    await opened(store, "two", PHONE, kept=plan(facts=assignment()))
    assert await store.find_by(PHONE, NOW) == ()


async def test_a_repeat_adds_nothing(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(TRANSCRIPT, turns=turn(once="m1")))
    await store.write(one.write(TRANSCRIPT, turns=turn(once="m1", identifiers=(PHONE,))))
    assert await store.find_by(PHONE, NOW) == ()


async def test_what_has_expired_or_was_erased_is_not_found(store: SessionStore) -> None:
    one, two = await opened(store, "one", PHONE), await opened(store, "two", PHONE)
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    assert await store.find_by(PHONE, NOW) == (two.id,)
    assert await store.find_by(PHONE, NOW + 29 * DAY) == (two.id,)
    assert await store.find_by(PHONE, NOW + 30 * DAY) == ()


async def test_what_is_bound_to_a_later_month_is_still_found(store: SessionStore) -> None:
    held, other = await opened(store, "held", PHONE), await opened(store, "other", PHONE)
    await store.retention.place_hold(held.id, HoldTerms("case-2026-014", "legal", NOW + 90 * DAY), NOW)
    await store.erase(await store.part_ids(other.id), ErasureReason.REQUESTED, NOW, "dpo")
    assert await store.find_by(PHONE, NOW) == (held.id,)
    await store.write(held.write(TRANSCRIPT, turns=turn(identifiers=(EMAIL,))))
    assert await store.find_by(EMAIL, NOW) == (held.id,)
    assert await store.find_by(PHONE, NOW) == (held.id,)
