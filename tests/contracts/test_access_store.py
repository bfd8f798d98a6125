"""Tokens, sign-ins and approvals: what is true of them in every store."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from storage import SessionStore
from storage.access import APPROVAL_PERIOD, APPROVALS_KEPT, ApiToken, Approval, ApprovalState, SignIn, new_secret
from storage.errors import AccessRefusedError
from storage.ids import uuid7
from tests.unit.storage.builders import NOW, SECOND

DAY = timedelta(days=1)
IDLE = timedelta(minutes=15)


def token(days: int = 30, *roles: str) -> ApiToken:
    return ApiToken(uuid7(NOW), "report", roles or ("auditor",), "boss", NOW, NOW + days * DAY)


def approval(**facts: str) -> Approval:
    return Approval(uuid7(NOW), "release-hold", facts, "the case is closed", "ann", NOW)


async def test_a_token_opens_until_it_expires(store: SessionStore) -> None:
    secret, made = new_secret(), token()
    await store.access.create_token(made, secret)
    assert await store.access.token(secret, NOW) == made
    assert await store.access.token(secret, made.expires_at - SECOND) == made
    assert await store.access.token(secret, made.expires_at) is None
    assert await store.access.token(new_secret(), NOW) is None


async def test_a_revoked_token_opens_nothing_nor_does_what_was_opened_with_it(store: SessionStore) -> None:
    secret, cookie, made = new_secret(), new_secret(), token()
    await store.access.create_token(made, secret)
    await store.access.sign_in(SignIn("t", "report", ("auditor",), NOW, NOW, NOW + DAY, made.id), cookie)
    assert await store.access.signed_in(cookie, NOW, IDLE) is not None
    await store.access.revoke(made.id, "boss", NOW + SECOND)
    assert await store.access.token(secret, NOW + SECOND) is None
    assert await store.access.signed_in(cookie, NOW + SECOND, IDLE) is None
    assert [each.revoked_at for each in await store.access.tokens()] == [NOW + SECOND]
    with pytest.raises(AccessRefusedError):
        await store.access.revoke(made.id, "boss", NOW + SECOND)
    late = new_secret()
    with pytest.raises(AccessRefusedError):
        await store.access.sign_in(SignIn("t", "report", ("auditor",), NOW, NOW, NOW + DAY, made.id), late)
    assert await store.access.signed_in(late, NOW + SECOND, IDLE) is None


@pytest.mark.parametrize("days", [0, -1, 367])
async def test_a_token_has_an_end_within_a_year(store: SessionStore, days: int) -> None:
    with pytest.raises(AccessRefusedError):
        await store.access.create_token(token(days), new_secret())
    assert await store.access.tokens() == ()


async def test_a_token_without_a_role_is_refused(store: SessionStore) -> None:
    with pytest.raises(AccessRefusedError):
        await store.access.create_token(ApiToken(uuid4(), "n", (), "boss", NOW, NOW + DAY), new_secret())


async def test_a_sign_in_ends_when_it_is_idle_or_over(store: SessionStore) -> None:
    cookie = new_secret()
    await store.access.sign_in(SignIn("p", "Ann", ("dpo",), NOW, NOW, NOW + DAY), cookie)
    at = NOW
    for _ in range(3):
        at += IDLE - SECOND
        assert await store.access.signed_in(cookie, at, IDLE) is not None, "each use counts"
    assert await store.access.signed_in(cookie, at + IDLE, IDLE) is None
    other = new_secret()
    await store.access.sign_in(SignIn("p", "Ann", ("dpo",), NOW, NOW + DAY - SECOND, NOW + DAY), other)
    assert await store.access.signed_in(other, NOW + DAY, IDLE) is None
    await store.access.sign_out(other)
    assert await store.access.signed_in(other, NOW + DAY - SECOND, IDLE) is None


async def test_who_asks_never_approves(store: SessionStore) -> None:
    asked = await store.access.ask(approval(hold="h1"))
    with pytest.raises(AccessRefusedError):
        await store.access.decide(asked.id, "ann", NOW, approve=True)
    with pytest.raises(AccessRefusedError):
        await store.access.use(asked.id, NOW)
    decided = await store.access.decide(asked.id, "ben", NOW + SECOND, approve=True)
    assert (decided.state, decided.decided_by) == (ApprovalState.APPROVED, "ben")
    with pytest.raises(AccessRefusedError):
        await store.access.decide(asked.id, "cleo", NOW + SECOND, approve=False)


async def test_who_asks_may_take_it_back(store: SessionStore) -> None:
    asked = await store.access.ask(approval())
    assert (await store.access.decide(asked.id, "ann", NOW, approve=False)).state is ApprovalState.REFUSED


async def test_an_approval_is_used_once(store: SessionStore) -> None:
    asked = await store.access.ask(approval(hold="h1"))
    await store.access.decide(asked.id, "ben", NOW, approve=True)
    used = await store.access.use(asked.id, NOW)
    assert (used.state, used.facts) == (ApprovalState.DONE, {"hold": "h1"})
    with pytest.raises(AccessRefusedError):
        await store.access.use(asked.id, NOW)
    await store.access.give_back(asked.id)
    assert (await store.access.use(asked.id, NOW)).state is ApprovalState.DONE


async def test_an_approval_is_over_after_a_week(store: SessionStore) -> None:
    waits, given = await store.access.ask(approval(hold="h1")), await store.access.ask(approval(hold="h2"))
    await store.access.decide(given.id, "ben", NOW + DAY, approve=True)
    with pytest.raises(AccessRefusedError):
        await store.access.decide(waits.id, "ben", NOW + APPROVAL_PERIOD, approve=True)
    with pytest.raises(AccessRefusedError):
        await store.access.use(given.id, NOW + DAY + APPROVAL_PERIOD)
    assert (await store.access.use(given.id, NOW + APPROVAL_PERIOD)).state is ApprovalState.DONE


async def test_the_same_asked_twice_waits_once(store: SessionStore) -> None:
    first = await store.access.ask(approval(hold="h1"))
    assert (await store.access.ask(approval(hold="h1"))).id == first.id
    other = await store.access.ask(approval(hold="h2"))
    assert {each.id for each in await store.access.approvals()} == {first.id, other.id}
    (newest,) = await store.access.approvals(1)
    (older,) = await store.access.approvals(1, newest.id)
    assert newest.id > older.id
    assert await store.access.approvals(after=older.id) == ()


async def test_the_same_asked_by_many_at_once_waits_once(store: SessionStore) -> None:
    for hold in ("h1", "h2"):  # the first round opens the connections
        await asyncio.gather(*(store.access.ask(approval(hold=hold)) for _ in range(8)))
    assert sorted(each.facts["hold"] for each in await store.access.approvals()) == ["h1", "h2"]


async def test_what_is_long_over_is_forgotten(store: SessionStore) -> None:
    cookie = new_secret()
    await store.access.sign_in(SignIn("p", "Ann", ("dpo",), NOW, NOW, NOW + DAY), cookie)
    asked = await store.access.ask(approval())
    assert await store.access.tidy(NOW + SECOND) == 0
    assert await store.access.tidy(NOW + APPROVALS_KEPT) == 2
    with pytest.raises(AccessRefusedError):
        await store.access.approval(asked.id)


async def test_the_ledger_tells_what_was_done(store: SessionStore) -> None:
    before = (await store.ledger.figures()).unsealed
    made = token()
    await store.access.create_token(made, new_secret())
    await store.access.revoke(made.id, "boss", NOW)
    asked = await store.access.ask(approval())
    await store.access.decide(asked.id, "ben", NOW, approve=True)
    assert (await store.ledger.figures()).unsealed == before + 4
