"""What keeps and ends a session, as an operator meets it on the internal listener and a customer by consent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import FakeBot
from tests.integration.conftest import NOTICE, MakeShop, Shop

BY_EVENTS = NOTICE.replace(
    "days-30: {start: collection, period: P30D}",
    "days-30: {start: matter-resolved, period: P30D, maximum_open: P90D}",
)
WITH_LAW = NOTICE.replace(
    "  years-3:", "  books: {start: collection, period: P6Y, kind: statutory, round_to: year-end}\n  years-3:"
).replace("facts: {improve: days-30}", "facts: {improve: days-30, prove-consent: books}")
BY_CONSENT = NOTICE.replace("transcript: {improve: days-30, quality: days-30}", "transcript: {quality: days-30}")


async def call(shop: Shop, method: str, path: str, body: object = None) -> tuple[int, Any]:
    url = f"{shop.addresses.internal}{path}"
    async with shop.client.request(method, url, json=body, headers=shop.bearer) as response:
        return response.status, (await response.json() if response.content_length else None)


async def release(shop: Shop, path: str) -> None:
    """End a hold or a restriction, which takes a second person."""
    status, asked = await call(shop, "POST", path, {"reason": "closed"})
    assert (status, asked["state"]) == (202, "waiting")
    url, second = f"{shop.addresses.internal}/approvals/{asked['id']}", await shop.token("dpo")
    async with shop.client.post(url, json={"approve": True}, headers=second) as response:
        assert response.status == 200, await response.text()


def hold(shop: Shop, days: int = 90, **said: object) -> dict[str, object]:
    review_at = (shop.clock.now() + timedelta(days=days)).isoformat()
    return {"reason": "case-2026-014", "owner": "legal", "review_at": review_at, **said}


async def spoken(shop: Shop) -> str:
    _, headers = await shop.say("Hallo")
    return "/sessions/" + headers["X-Sordino-Session"].partition(".")[0]


async def readable(shop: Shop, session: str, purpose: str = "improve") -> bool:
    status, _ = await call(shop, "GET", f"{session}?purpose={purpose}")
    return status == 200


async def test_an_event_starts_the_period_once(make_shop: MakeShop) -> None:
    async with make_shop(BY_EVENTS) as shop:
        session = await spoken(shop)
        status, before = await call(shop, "GET", f"{session}?purpose=improve")
        assert status == 200
        shop.clock.move(days=10)
        for _ in range(2):
            assert await call(shop, "POST", f"{session}/events", {"event": "matter-resolved"}) == (
                200,
                {"erased": [], "blocked": []},
            )
            _, after = await call(shop, "GET", f"{session}?purpose=improve")
            assert after["expires_at"] < before["expires_at"]
            shop.clock.move(days=10)
        shop.clock.move(days=10)
        assert await readable(shop, session) is False, "30 days after the first event"


async def test_the_end_of_consent_from_outside_erases_what_rests_on_it(make_shop: MakeShop) -> None:
    async with make_shop(BY_CONSENT) as shop:
        _, headers = await shop.answer("given")
        await shop.say("Hallo", headers=headers)
        session = "/sessions/" + headers["X-Sordino-Session"].partition(".")[0]
        assert await readable(shop, session, "quality")
        status, said = await call(shop, "POST", f"{session}/events", {"event": "consent-end"})
        assert (status, [each["kind"] for each in said["erased"]]) == (200, ["transcript"])
        assert await readable(shop, session, "quality") is False
        assert (await shop.metrics())['sordino_parts_erased_total{kind="transcript",reason="withdrawn"}'] == 1


async def test_a_hold_stops_erasure_and_says_so(shop: Shop) -> None:
    session = await spoken(shop)
    status, placed = await call(shop, "POST", f"{session}/holds", hold(shop))
    assert (status, placed["reason"], placed["parts"]) == (201, "case-2026-014", [])
    assert (await call(shop, "GET", "/holds"))[1] == {"holds": [placed], "next": None}
    status, said = await call(shop, "POST", f"{session}/erasure")
    assert (status, said["erased"]) == (200, [])
    assert {(each["kind"], each["held"], each["statutory"]) for each in said["blocked"]} == {
        ("transcript", True, False),
        ("facts", True, False),
    }
    assert await readable(shop, session) is False
    metrics = await shop.metrics()
    assert metrics['sordino_part_states{state="blocked"}'] == 2
    assert (metrics["sordino_holds"], metrics["sordino_holds_overdue"]) == (1, 0)
    shop.clock.move(days=91)
    assert (await shop.metrics())["sordino_holds_overdue"] == 1
    assert (await call(shop, "GET", "/holds?overdue=true"))[1] == {"holds": [placed], "next": None}
    status, reviewed = await call(
        shop, "POST", f"{session}/holds/{placed['id']}", {"review_at": hold(shop)["review_at"]}
    )
    assert (status, reviewed["review_at"] > placed["review_at"]) == (200, True)
    await release(shop, f"{session}/holds/{placed['id']}/releases")
    status, said = await call(shop, "POST", f"{session}/erasure")
    assert [each["reason"] for each in said["erased"]] == ["requested", "requested"]
    nothing = await call(shop, "GET", f"/sessions/{UNKNOWN}/retention")
    assert await call(shop, "GET", f"{session}/retention") == nothing, "as of one that never was"


async def test_holds_and_restrictions_are_listed_a_page_at_a_time(shop: Shop) -> None:
    placed: dict[str, list[object]] = {"holds": [], "restrictions": []}
    for number in range(3):
        session = await spoken(shop)
        body = hold(shop, days=9 - number)
        placed["holds"].insert(0, (await call(shop, "POST", f"{session}/holds", body))[1])
        placed["restrictions"].append((await call(shop, "POST", f"{session}/restrictions", {"ground": "18-1-a"}))[1])
        shop.clock.move(seconds=1)
    for what, every in placed.items():
        status, first = await call(shop, "GET", f"/{what}?limit=2")
        assert (status, first[what]) == (200, every[:2])
        assert (await call(shop, "GET", f"/{what}?after={first['next']}"))[1] == {what: every[2:], "next": None}
        for wrong in ("limit=0", "limit=1001", "after=Erika", f"after={first['next']}.", "after=9" * 30):
            assert (await call(shop, "GET", f"/{what}?{wrong}"))[0] == 400, wrong


async def test_a_withdrawal_of_what_is_held_tells_the_customer(make_shop: MakeShop) -> None:
    async with make_shop(BY_CONSENT) as shop:
        _, headers = await shop.answer("given")
        await shop.say("Hallo", headers=headers)
        session = "/sessions/" + headers["X-Sordino-Session"].partition(".")[0]
        await call(shop, "POST", f"{session}/holds", hold(shop))
        body = {"consent": "quality", "answer": "withdrawn"}
        async with shop.client.post(f"{shop.public}/consent", json=body, headers=headers) as response:
            document = await response.json()
        assert (response.status, document["blocked_parts"]) == (200, 1)
        assert await readable(shop, session, "quality") is False


async def test_what_a_law_keeps_is_read_for_that_alone(make_shop: MakeShop) -> None:
    async with make_shop(WITH_LAW) as shop:
        session = await spoken(shop)
        status, said = await call(shop, "POST", f"{session}/erasure")
        assert (status, [each["kind"] for each in said["erased"]]) == (200, ["transcript"])
        assert [(each["kind"], each["statutory"]) for each in said["blocked"]] == [("facts", True)]
        assert await shop.sessions() == []
        assert await readable(shop, session) is False
        assert await readable(shop, session, "prove-consent")


async def test_a_restriction_leaves_legal_claims(make_shop: MakeShop) -> None:
    notice = NOTICE.replace("improve: {legal_basis: A6-1-f,", "improve: {legal_basis: A6-1-f, legal_claims: true,")
    for said, expected in ((NOTICE, False), (notice, True)):
        async with make_shop(said) as shop:
            session = await spoken(shop)
            status, placed = await call(shop, "POST", f"{session}/restrictions", {"ground": "18-1-a"})
            assert (status, placed["ground"], placed["purpose"]) == (201, "18-1-a", None)
            assert await readable(shop, session) is expected
            _, shown = await call(shop, "GET", f"{session}/retention")
            assert shown["restrictions"] == [placed]
            assert (await shop.metrics())["sordino_restrictions"] >= 1
            await release(shop, f"{session}/restrictions/{placed['id']}/liftings")
            assert await readable(shop, session)


async def test_an_objection_restricts_until_it_is_decided(shop: Shop) -> None:
    session = await spoken(shop)
    status, objection = await call(shop, "POST", f"{session}/objections", {"purpose": "improve"})
    assert (status, objection["ground"]) == (201, "18-1-d")
    assert await readable(shop, session) is False
    assert (await call(shop, "GET", "/restrictions"))[1] == {"restrictions": [objection], "next": None}
    path = f"{session}/objections/{objection['id']}"
    status, said = await call(shop, "POST", path, {"verdict": "upheld"})
    assert (status, sorted(each["kind"] for each in said["erased"])) == (200, ["facts", "transcript"])
    assert {each["reason"] for each in said["erased"]} == {"objected"}


async def test_a_purpose_ends_for_one_session(shop: Shop) -> None:
    session, other = await spoken(shop), await spoken(shop)
    status, said = await call(shop, "POST", f"{session}/ended-purposes", {"purpose": "improve"})
    assert (status, {each["reason"] for each in said["erased"]}) == (200, {"ended"})
    assert await readable(shop, session) is False
    assert await readable(shop, other)


UNKNOWN = "0198f5c2-0000-7000-8000-000000000000"
POSTS = [
    *("events", "holds", f"holds/{UNKNOWN}", "restrictions", "objections", f"objections/{UNKNOWN}"),
    *("ended-purposes", "erasure"),
]


@pytest.mark.parametrize("path", [f"/sessions/{UNKNOWN}/{each}" for each in POSTS] + ["/holds", "/restrictions"])
async def test_nothing_without_the_token(shop: Shop, path: str) -> None:
    method = "GET" if path in {"/holds", "/restrictions"} else "POST"
    async with shop.client.request(method, f"{shop.addresses.internal}{path}", json={}) as response:
        assert (response.status, (await response.json())["reason"]) == (401, "unauthorised")


async def test_wrong_input_is_refused_without_being_repeated(shop: Shop) -> None:
    session = await spoken(shop)
    wrong: list[tuple[str, object, int, str]] = [
        ("events", {"event": "ai-disclosed"}, 400, "bad_body"),
        ("events", {"event": "Erika"}, 400, "bad_body"),
        ("events", [], 400, "bad_body"),
        ("holds", hold(shop, days=91), 409, "retention_refused"),
        ("holds", hold(shop, days=-1), 409, "retention_refused"),
        ("holds", hold(shop, reason="Erika"), 409, "retention_refused"),
        ("holds", hold(shop, review_at="2026-12-01T00:00:00"), 400, "bad_body"),
        ("holds", hold(shop, parts=[UNKNOWN]), 409, "retention_refused"),
        ("holds", hold(shop, subject="Erika"), 400, "bad_body"),
        (f"holds/{UNKNOWN}", {"review_at": hold(shop)["review_at"]}, 409, "retention_refused"),
        ("holds/Erika", {"review_at": hold(shop)["review_at"]}, 409, "retention_refused"),
        ("restrictions", {"ground": "18-1-d"}, 409, "retention_refused"),
        ("restrictions", {"ground": "Erika"}, 400, "bad_body"),
        ("objections", {"purpose": "prove-consent"}, 409, "retention_refused"),
        (f"objections/{UNKNOWN}", {"verdict": "upheld"}, 409, "retention_refused"),
    ]
    for path, body, expected, reason in wrong:
        status, said = await call(shop, "POST", f"{session}/{path}", body)
        assert (status, said["reason"]) == (expected, reason), path
        assert "Erika" not in str(said)
    for unknown in (f"/sessions/{UNKNOWN}", "/sessions/none"):
        for path, body in (("events", {"event": "session-end"}), ("holds", hold(shop)), ("erasure", None)):
            status, said = await call(shop, "POST", f"{unknown}/{path}", body)
            assert (status, said["reason"]) == (404, "unknown_session")


async def test_a_bot_goes_on_under_a_hold_and_a_restriction(make_shop: MakeShop) -> None:
    async with make_shop(bot=FakeBot()) as shop:
        _, headers = await shop.say("Hallo")
        session = "/sessions/" + headers["X-Sordino-Session"].partition(".")[0]
        await call(shop, "POST", f"{session}/holds", hold(shop))
        _, restriction = await call(shop, "POST", f"{session}/restrictions", {"ground": "18-1-c"})
        await shop.say("Und weiter", headers=headers)
        await release(shop, f"{session}/restrictions/{restriction['id']}/liftings")
        assert len((await shop.read(headers["X-Sordino-Session"]))["turns"]) == 4
