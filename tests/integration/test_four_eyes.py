"""What two people have to want, over the API: asked for by one, approved by another, done once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.access import Person, Role
from gateway.desk import acting, doing
from storage.access import ApprovalState
from tests.integration.conftest import NOTICE, Shop

SHORTER = NOTICE.replace("P30D", "P10D").replace('"2026-11"', '"2026-12"')
CLOSED = {"reason": "closed"}


async def call(shop: Shop, who: dict[str, str], method: str, path: str, body: object = None) -> tuple[int, Any]:
    url = f"{shop.addresses.internal}{path}"
    async with shop.client.request(method, url, json=body, headers=who) as response:
        return response.status, (await response.json() if response.content_length else None)


async def planned(shop: Shop, who: dict[str, str]) -> dict[str, Any]:
    """Return the plan of the shorter notice once it is counted, which a busy machine does not do at once."""
    status, plan = await call(shop, who, "POST", "/notice/plan", {"notice": SHORTER})
    assert status == 202
    async with asyncio.timeout(30):
        while plan["state"] != "counted":
            await asyncio.sleep(0.05)
            _, plan = await call(shop, who, "GET", f"/notice/plans/{plan['plan']}")
    found: dict[str, Any] = plan
    return found


async def approved(shop: Shop, who: dict[str, str], approval: str) -> None:
    """Approve, and wait until it is done."""
    status, said = await call(shop, who, "POST", f"/approvals/{approval}", {"approve": True})
    assert status == 200
    async with asyncio.timeout(30):
        while said["state"] != "done":
            await asyncio.sleep(0.05)
            _, listed = await call(shop, who, "GET", "/approvals")
            (said,) = (each for each in listed["approvals"] if each["id"] == approval)


async def held(shop: Shop, who: dict[str, str]) -> tuple[str, str]:
    _, headers = await shop.say("Hallo")
    session = "/sessions/" + headers["X-Sordino-Session"].partition(".")[0]
    review_at = (shop.clock.now() + timedelta(days=30)).isoformat()
    body = {"reason": "case-1", "owner": "legal", "review_at": review_at}
    status, hold = await call(shop, who, "POST", f"{session}/holds", body)
    assert status == 201
    return session, hold["id"]


async def test_a_hold_is_released_by_two(shop: Shop) -> None:
    ann, ben = await shop.token("dpo"), await shop.token("dpo")
    session, hold = await held(shop, ann)
    status, asked = await call(shop, ann, "POST", f"{session}/holds/{hold}/releases", CLOSED)
    assert (status, asked["state"], asked["reason"]) == (202, "waiting", "closed")
    assert len((await call(shop, ann, "GET", "/holds"))[1]["holds"]) == 1
    status, said = await call(shop, ann, "POST", f"/approvals/{asked['id']}", {"approve": True})
    assert (status, said["reason"]) == (403, "same_person")
    status, said = await call(shop, await shop.token("admin"), "POST", f"/approvals/{asked['id']}", {"approve": True})
    assert (status, said["reason"]) == (403, "forbidden")
    status, done = await call(shop, ben, "POST", f"/approvals/{asked['id']}", {"approve": True})
    assert (status, done["state"]) == (200, "done")
    assert (await call(shop, ann, "GET", "/holds"))[1] == {"holds": [], "next": None}
    assert (await call(shop, ben, "POST", f"/approvals/{asked['id']}", {"approve": True}))[0] == 409


async def test_who_created_a_token_is_not_another_person(shop: Shop) -> None:
    session, hold = await held(shop, shop.bearer)
    _, asked = await call(shop, shop.bearer, "POST", f"{session}/holds/{hold}/releases", CLOSED)
    _, made = await call(shop, shop.bearer, "POST", "/tokens", {"name": "me again", "roles": ["dpo"]})
    again = {"Authorization": f"Bearer {made['token']}"}
    assert (await call(shop, again, "POST", f"/approvals/{asked['id']}", {"approve": True}))[1][
        "reason"
    ] == "same_person"
    _, asked = await call(shop, again, "POST", f"{session}/holds/{hold}/releases", CLOSED)
    status, said = await call(shop, shop.bearer, "POST", f"/approvals/{asked['id']}", {"approve": True})
    assert (status, said["reason"]) == (403, "same_person")


async def made_by(shop: Shop, who: dict[str, str]) -> dict[str, str]:
    """Return the header of a token that somebody makes."""
    status, made = await call(shop, who, "POST", "/tokens", {"name": "made", "roles": ["dpo", "admin"]})
    assert status == 201
    return {"Authorization": f"Bearer {made['token']}"}


async def test_tokens_that_go_back_to_one_maker_are_one_person(shop: Shop) -> None:
    ann = await shop.token("dpo", "admin")
    one, two = await made_by(shop, ann), await made_by(shop, ann)
    child = await made_by(shop, one)
    grandchild = await made_by(shop, child)
    session, hold = await held(shop, ann)
    pairs = [(one, two), (ann, child), (child, ann), (one, grandchild), (grandchild, two), (two, child)]
    for first, second in pairs:
        _, asked = await call(shop, first, "POST", f"{session}/holds/{hold}/releases", CLOSED)
        status, said = await call(shop, second, "POST", f"/approvals/{asked['id']}", {"approve": True})
        assert (status, said["reason"]) == (403, "same_person")
        assert (await call(shop, first, "POST", f"/approvals/{asked['id']}", {"approve": False}))[0] == 200


async def test_a_maker_whose_token_is_revoked_is_still_the_same_person(shop: Shop) -> None:
    ann = await shop.token("dpo", "admin")
    _, made = await call(shop, ann, "POST", "/tokens", {"name": "between", "roles": ["dpo", "admin"]})
    one = await made_by(shop, {"Authorization": f"Bearer {made['token']}"})
    assert (await call(shop, ann, "DELETE", f"/tokens/{made['id']}"))[0] == 204
    session, hold = await held(shop, ann)
    _, asked = await call(shop, ann, "POST", f"{session}/holds/{hold}/releases", CLOSED)
    status, said = await call(shop, one, "POST", f"/approvals/{asked['id']}", {"approve": True})
    assert (status, said["reason"]) == (403, "same_person")


async def test_tokens_that_the_bootstrap_token_made_are_different_people_s(shop: Shop) -> None:
    one, two = await made_by(shop, shop.bearer), await made_by(shop, shop.bearer)
    session, hold = await held(shop, one)
    _, asked = await call(shop, one, "POST", f"{session}/holds/{hold}/releases", CLOSED)
    status, done = await call(shop, await made_by(shop, two), "POST", f"/approvals/{asked['id']}", {"approve": True})
    assert (status, done["state"]) == (200, "done")


async def test_what_is_refused_or_taken_back_is_not_done(shop: Shop) -> None:
    ann, ben = await shop.token("dpo"), await shop.token("dpo")
    session, hold = await held(shop, ann)
    for who in (ann, ben):
        _, asked = await call(shop, ann, "POST", f"{session}/holds/{hold}/releases", CLOSED)
        status, said = await call(shop, who, "POST", f"/approvals/{asked['id']}", {"approve": False})
        assert (status, said["state"]) == (200, "refused")
    assert len((await call(shop, ann, "GET", "/holds"))[1]["holds"]) == 1


async def test_a_restriction_is_lifted_by_two(shop: Shop) -> None:
    ann, ben = await shop.token("dpo"), await shop.token("dpo")
    session, _ = await held(shop, ann)
    _, placed = await call(shop, ann, "POST", f"{session}/restrictions", {"ground": "18-1-a"})
    status, asked = await call(shop, ann, "POST", f"{session}/restrictions/{placed['id']}/liftings", CLOSED)
    assert status == 202
    assert (await call(shop, ben, "POST", f"/approvals/{asked['id']}", {"approve": True}))[0] == 200
    assert (await call(shop, ben, "GET", "/restrictions"))[1] == {"restrictions": [], "next": None}


async def test_an_export_is_fetched_once_by_who_asked_for_it(shop: Shop) -> None:
    agent, boss = await shop.token("agent"), await shop.token("dpo")
    _, headers = await shop.say("Hallo")
    session = "/sessions/" + headers["X-Sordino-Session"].partition(".")[0]
    body = {"purpose": "improve", "reason": "the court asks"}
    status, asked = await call(shop, agent, "POST", f"{session}/exports", body)
    place = f"/approvals/{asked['id']}/export"
    assert (status, (await call(shop, agent, "GET", place))[0]) == (202, 409)
    assert (await call(shop, boss, "POST", f"/approvals/{asked['id']}", {"approve": True}))[1]["state"] == "approved"
    assert (await call(shop, boss, "GET", place))[0] == 409
    status, said = await call(shop, agent, "GET", place)
    assert (status, [turn["text"] for turn in said["turns"]]) == (200, ["Hallo", "Gern geschehen."])
    assert (await call(shop, agent, "GET", place))[0] == 409


async def test_an_export_of_nothing_and_of_what_is_not_shown_look_the_same(shop: Shop) -> None:
    agent, boss = await shop.token("agent"), await shop.token("dpo")
    _, headers = await shop.say("Hallo")
    known = headers["X-Sordino-Session"].partition(".")[0]
    answers = set()
    for session, purpose in ((known, "quality"), ("0" * 8 + known[8:], "improve")):
        body = {"purpose": purpose, "reason": "a look"}
        status, asked = await call(shop, agent, "POST", f"/sessions/{session}/exports", body)
        await call(shop, boss, "POST", f"/approvals/{asked['id']}", {"approve": True})
        answers.add((status, str(await call(shop, agent, "GET", f"/approvals/{asked['id']}/export"))))
    assert len(answers) == 1


async def test_a_period_is_shortened_by_two(shop: Shop) -> None:
    ann, ben = await shop.token("admin"), await shop.token("dpo")
    _, headers = await shop.say("Hallo")
    session = "/sessions/" + headers["X-Sordino-Session"].partition(".")[0]
    plan = await planned(shop, ann)
    assert plan["parts"] == 2
    assert (await call(shop, ann, "GET", f"/notice/plans/{plan['plan']}"))[1] == plan
    body = {"notice": SHORTER, "plan": plan["plan"], "reason": "we need less"}
    status, asked = await call(shop, ann, "POST", "/notice/shortenings", body)
    assert status == 202
    await approved(shop, ben, asked["id"])
    shop.clock.move(days=11)
    assert (await call(shop, ben, "GET", f"{session}?purpose=improve"))[0] == 404


async def test_a_plan_is_applied_as_it_was_shown_whatever_is_said_meanwhile(shop: Shop) -> None:
    ann, ben = await shop.token("dpo"), await shop.token("dpo")
    await shop.say("Hallo")
    plan = await planned(shop, ann)
    shop.clock.move(seconds=1)
    await shop.say("Noch etwas")
    body = {"notice": SHORTER, "plan": plan["plan"], "reason": "we need less"}
    _, asked = await call(shop, ann, "POST", "/notice/shortenings", body)
    await approved(shop, ben, asked["id"])
    assert (await planned(shop, ann))["parts"] == 2
    shop.clock.move(days=11)
    assert len(await shop.sessions()) == 1, "what was said after the plan stays as it was promised"


async def test_a_plan_of_another_notice_or_too_old_is_refused(shop: Shop) -> None:
    ann = await shop.token("dpo")
    await shop.say("Hallo")
    plan = await planned(shop, ann)
    other = SHORTER.replace("P10D", "P9D")
    for notice, plan_id in ((other, plan["plan"]), (SHORTER, "0" * 32)):
        body = {"notice": notice, "plan": plan_id, "reason": "we need less"}
        status, said = await call(shop, ann, "POST", "/notice/shortenings", body)
        assert (status, said["reason"]) == (409, "retention_refused")
    shop.clock.move(days=14)
    body = {"notice": SHORTER, "plan": plan["plan"], "reason": "we need less"}
    status, said = await call(shop, ann, "POST", "/notice/shortenings", body)
    assert (status, said["reason"]) == (409, "retention_refused")
    for name in (plan["plan"][:-1], "0" * 32, "x"):
        status, said = await call(shop, ann, "GET", f"/notice/plans/{name}")
        assert (status, said["reason"]) == (404, "unknown_plan")


@pytest.mark.parametrize("notice", ["", "notice: [", NOTICE.replace("notice: shop", "notice: other"), "\ud800"])
async def test_a_wrong_notice_is_told_by_line(shop: Shop, notice: str) -> None:
    who = await shop.token("admin")
    raw = json.dumps({"notice": notice})
    url = f"{shop.addresses.internal}/notice/plan"
    async with shop.client.post(url, data=raw, headers=who) as response:
        assert response.status == 400, await response.text()


async def test_a_key_is_destroyed_by_two_once_it_wraps_nothing(shop: Shop) -> None:
    ann, ben = await shop.token("admin"), await shop.token("admin")
    await shop.say("Hallo")
    body = {"version": 1, "reason": "old"}
    assert (await call(shop, ann, "POST", "/keys/destructions", body))[1]["reason"] == "key_refused"
    _, kept = await call(shop, ann, "GET", "/keys")
    assert [version["version"] for version in kept["versions"]] == [1]
    assert (await call(shop, ben, "POST", "/keys/destructions", {"version": 9, "reason": "old"}))[0] == 409


@dataclass
class _Hanging:
    """A store, or the holds in it, that does what it is asked for and never comes to an end of it."""

    of: Any
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return self if name == "retention" else getattr(self.of, name)

    async def hang(self, *_: object, **__: object) -> None:
        self.called.set()
        await asyncio.Event().wait()

    read = release_hold = hang


async def test_who_leaves_while_it_is_done_can_try_again(shop: Shop) -> None:
    desk = shop.addresses.desk
    ann, ben = (Person(name, name, frozenset({Role.DPO})) for name in ("token:ann", "token:ben"))
    session, hold = await held(shop, await shop.token("dpo"))
    of = UUID(session.rpartition("/")[2])
    hanging = _Hanging(desk.gateway.store)
    away = replace(desk, gateway=replace(desk.gateway, store=hanging))  # type: ignore[arg-type]

    async def leaves(work: Coroutine[Any, Any, object]) -> None:
        hanging.called.clear()
        task = asyncio.ensure_future(work)
        await asyncio.wait_for(hanging.called.wait(), 10)
        task.cancel()
        await asyncio.wait([task])

    release = await doing.ask_release(desk, ann, of, UUID(hold), "closed")
    await leaves(acting.decide(away, ben, release.id, approve=True))
    assert (await acting.decide(desk, ben, release.id, approve=True)).state is ApprovalState.DONE

    export = await doing.ask_export(desk, ann, of, "improve", "the court asks")
    await acting.decide(desk, ben, export.id, approve=True)
    await leaves(acting.fetch_export(away, ann, export.id))
    assert (await acting.fetch_export(desk, ann, export.id)).turns != ()


async def test_nothing_is_asked_for_without_a_reason(shop: Shop) -> None:
    who = await shop.token("dpo")
    session, hold = await held(shop, who)
    status, said = await call(shop, who, "POST", f"{session}/holds/{hold}/releases", {"reason": " "})
    assert (status, said["reason"]) == (400, "reason_missing")
