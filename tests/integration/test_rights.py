"""Requests of data subjects from outside, over the real listener: proof, answers, copies, and what nobody can tell."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import ClientPayloadError

from storage.holds import HoldTerms
from storage.ids import uuid7
from storage.requests import Matter, NewRequest, RequestState, Right
from tests.integration.conftest import MakeShop, Shop
from tests.integration.rights_shop import EMAIL, RIGHTS, SAYS, Mailbox, mail_server, post, proven


@pytest.fixture
async def mail() -> AsyncIterator[tuple[Mailbox, str]]:
    async with mail_server() as served:
        yield served


async def _download(shop: Shop, reference: str) -> tuple[int, bytes]:
    url = f"{shop.addresses.public}/-/rights/copy"
    async with shop.client.post(url, json={"reference": reference}) as response:
        return response.status, await response.read()


async def test_access_with_a_code_gives_facts_and_a_copy(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(SAYS)
        await shop.say("Ein anderer Kunde: max@muster.example")
        answer = await proven(shop, mailbox, "access")
        assert answer["state"] == "answered"
        assert {(each["part"], each["purpose"], each["legal_basis"]) for each in answer["facts"]} == {
            ("transcript", "improve", "A6-1-f"),
            ("facts", "improve", "A6-1-f"),
        }
        helper, quiet = answer["facts"][0]["recipients"]
        assert (helper["name"], helper["country"]) == ("Helfer GmbH", None)
        assert (quiet["name"], quiet["country"], quiet["safeguard"]) == (
            "Stille GmbH",
            "Kanada",
            "Angemessenheitsbeschluss",
        )
        told = answer["information"]
        assert (told["authority"], told["contact"], told["origin"]) == (
            "Die Landesbeauftragte",
            "ds@shop.example",
            "data-subject",
        )
        status, content = await _download(shop, answer["reference"])
        assert status == 200
        archive = zipfile.ZipFile(io.BytesIO(content))
        manifest = json.loads(archive.read("manifest.json"))
        for each in manifest["files"]:
            assert hashlib.sha256(archive.read(each["name"])).hexdigest() == each["sha256"]
        data = json.loads(archive.read("data.json"))
        assert data["information"] == told
        assert (data["request"]["contact"], data["request"]["right"]) == (EMAIL, "access")
        (session,) = data["sessions"]
        assert [turn["text"] for turn in session["turns"]] == ["Guten Tag, meine Mail ist [EMAIL]", "Gern geschehen."]
        rows = list(csv.DictReader(io.StringIO(archive.read("turns.csv").decode("utf-8-sig"))))
        assert [row["speaker"] for row in rows] == ["subject", "bot"]
        shop.clock.move(days=8)
        assert (await _download(shop, answer["reference"]))[0] == 410


async def test_erasure_says_what_is_gone_and_tells_recipients(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(SAYS)
        answer = await proven(shop, mailbox, "erasure")
        assert (answer["state"], answer["erased"], answer["blocked"]) == ("answered", {"transcript": 1, "facts": 1}, [])
        assert answer["backups_clean_by"] > answer["answered_at"]
        receipts = {str(each.id) for each in await shop.addresses.gateway.store.receipts()}
        assert {each["id"] for each in answer["receipts"]} == receipts
        assert await shop.sessions() == []
        (message,) = await shop.addresses.gateway.store.requests.waiting(shop.clock.now())
        assert (message.recipient, json.loads(message.content)["right"]) == ("Helfer GmbH", "erasure")


async def test_what_a_law_or_a_hold_keeps_is_named(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    mailbox, address = mail
    notice = RIGHTS.replace(
        "  prove-consent:", "  books: {legal_basis: A6-1-c, description: {de: Aufbewahrung}}\n  prove-consent:", 1
    ).replace("transcript: {improve: days-30,", "transcript: {books: tax-6-years, improve: days-30,")
    async with make_shop(notice=notice, smtp_url=address) as shop:
        await shop.say(SAYS)
        answer = await proven(shop, mailbox, "erasure")
        assert answer["erased"] == {"facts": 1}
        assert answer["blocked"] == [{"part": "transcript", "purpose": "books", "until": "2032-11-26T12:00:00+00:00"}]
        await shop.say(SAYS)
        (session,) = await shop.sessions()
        terms = HoldTerms("case-1", "legal", shop.clock.now().replace(month=12))
        await shop.addresses.gateway.store.retention.place_hold(UUID(session), terms, shop.clock.now())
        held = await proven(shop, mailbox, "erasure")
        assert {"part": "facts", "purpose": None, "until": None} in held["blocked"]


async def test_nothing_stored_and_not_yours_look_the_same(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    _, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(SAYS)
        answers = []
        for contact in (EMAIL, "nobody@muster.example"):
            status, taken = await post(shop, "/-/rights", right="access", contact=contact)
            answers.append((status, {**taken, "reference": len(taken["reference"])}))
            wrong = await post(shop, "/-/rights/code", reference=taken["reference"], code="00000000")
            answers.append(wrong)
            seen = await post(shop, "/-/rights/status", reference=taken["reference"])
            answers.append((seen[0], {**seen[1], "reference": ""}))
        assert answers[:3] == answers[3:]
        unknown = await post(shop, "/-/rights/code", reference="nothing.such", code="00000000")
        assert unknown == answers[1]
        # Somebody else's session, and one that never was: the same refusal, in words and status.
        other = await post(shop, "/chat/rights", {"X-Sordino-Session": f"{UUID(int=7)}.{'A' * 43}"}, right="access")
        none = await post(shop, "/chat/rights", right="access")
        assert other == none
        assert none[1]["reason"] == "contact_missing"


async def test_who_has_nothing_learns_so_only_with_the_code(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        answer = await proven(shop, mailbox, "access", contact="nobody@muster.example")
        assert (answer["state"], answer["found"], answer["facts"], answer["copy_until"]) == (
            "answered",
            False,
            [],
            None,
        )


async def test_a_session_proves_itself(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, given = await shop.answer("given")
        await shop.say("Guten Tag", headers=given)
        status, answer = await post(shop, "/chat/rights", given, right="withdrawal")
        assert (status, answer["state"]) == (200, "answered")
        (session,) = await shop.sessions()
        async with shop.client.get(f"{shop.public}/consent", headers=given) as response:
            assert (await response.json())["consents"][0]["state"] == "withdrawn"
        status, answer = await post(shop, "/chat/rights", given, right="erasure")
        assert (status, answer["state"]) == (200, "answered")
        assert await shop.addresses.gateway.store.part_ids(UUID(session)) == {}


async def test_what_is_taken_back_or_erased_without_a_request_is_told_as_well(make_shop: MakeShop) -> None:
    notice = RIGHTS.replace("purposes: [improve], inform", "purposes: [quality], inform")
    async with make_shop(notice=notice) as shop:
        requests = shop.addresses.gateway.store.requests
        _, given = await shop.answer("given")
        await shop.say("Guten Tag", headers=given)
        status, _ = await shop.answer("refused", given)
        assert status == 200
        (told,) = await requests.waiting(shop.clock.now())
        (session,) = json.loads(told.content)["sessions"]
        assert (told.recipient, session["channel"], session["purposes"]) == ("Helfer GmbH", "chat", ["quality"])
        assert (await shop.answer("withdrawn", given))[0] == 200  # said again: nothing more has ended
        assert len(await requests.waiting(shop.clock.now())) == 1
        url = f"{shop.addresses.internal}/sessions/{session['id']}/erasure"
        async with shop.client.post(url, headers=shop.bearer) as response:
            assert response.status == 200
        assert {each.recipient for each in await requests.waiting(shop.clock.now())} == {"Helfer GmbH", "Andere GmbH"}
        assert {each.state for each in await requests.requests()} == {RequestState.ANSWERED}


async def test_objection_and_correction_are_left_to_people(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.say("Guten Tag")
        store = shop.addresses.gateway.store
        status, answer = await post(shop, "/chat/rights", headers, right="objection", scope="improve")
        assert (status, answer["state"]) == (200, "open")
        status, answer = await post(shop, "/chat/rights", headers, right="rectification", statement="Falsch")
        assert (status, answer["state"]) == (200, "open")
        assert {each.ground.value for each in await store.retention.restrictions()} == {"18-1-d", "18-1-a"}
        office = shop.addresses.gateway.office
        assert office is not None
        request = UUID(answer["reference"].partition(".")[0])
        await office.casework.answer(request, "dpo-1", "Berichtigt.")
        _, seen = await post(shop, "/-/rights/status", reference=answer["reference"])
        assert (seen["state"], seen["answer"]) == ("answered", "Berichtigt.")
        assert [each.ground.value for each in await store.retention.restrictions()] == ["18-1-d"]
        told = [json.loads(each.content) for each in await store.requests.waiting(shop.clock.now())]
        assert {(each["right"], each.get("restriction"), each.get("ground")) for each in told} == {
            ("restriction", "begun", "18-1-d"),
            ("restriction", "begun", "18-1-a"),
            ("restriction", "ended", "18-1-a"),
            ("rectification", None, None),
        }
        assert {each.recipient for each in await store.requests.messages(request)} == {"Helfer GmbH"}


async def test_a_statement_is_read_with_what_it_corrects(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.say("Guten Tag")
        said = f"Nicht so: {EMAIL}"
        _, answer = await post(shop, "/chat/rights", headers, right="rectification", statement=said)
        of = UUID(answer["reference"].partition(".")[0])
        await shop.addresses.gateway.office.casework.answer(of, "dpo-1", "Berichtigt.")
        (session,) = await shop.sessions()
        marked = "Erklärung der Person zur Berichtigung: Nicht so: [EMAIL]"
        assert await shop.texts(session) == ["subject: Guten Tag", "bot: Gern geschehen.", f"subject: {marked}"]
        _, access = await post(shop, "/chat/rights", headers, right="access")
        _, content = await _download(shop, access["reference"])
        assert marked in zipfile.ZipFile(io.BytesIO(content)).read("data.json").decode()


@pytest.mark.parametrize("right", ["objection", "rectification"])
async def test_what_is_refused_is_given_back(make_shop: MakeShop, right: str) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.say("Guten Tag")
        _, answer = await post(shop, "/chat/rights", headers, right=right)
        store, casework = shop.addresses.gateway.store, shop.addresses.gateway.office.casework
        assert len(await store.retention.restrictions()) == 1
        await casework.refuse(UUID(answer["reference"].partition(".")[0]), "dpo-1", "Zum fünften Mal.")
        assert await store.retention.restrictions() == ()
        told = [json.loads(each.content) for each in await store.requests.waiting(shop.clock.now())]
        assert {each["restriction"] for each in told} == {"begun", "ended"}
        (session,) = await shop.sessions()
        assert await shop.texts(session)


async def test_what_is_only_linked_waits_for_the_desk(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    """Somebody may name another's number: it shows nothing of that other person."""
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(f"{SAYS} und meine Telefonnummer ist 0351 48157720.")
        await shop.say("Meine Telefonnummer ist 0351 48157720.")
        answer = await proven(shop, mailbox, "access")
        assert (answer["state"], answer["more_may_follow"]) == ("open", True)
        assert len({each["started_at"] for each in answer["facts"]}) == 1
        office, store = shop.addresses.gateway.office, shop.addresses.gateway.store
        assert office is not None
        request = UUID(answer["reference"].partition(".")[0])
        matter = await store.requests.matter(request)
        assert (len(matter.sessions), len(matter.linked)) == (1, 1)
        await office.casework.include(request, "dpo-1", matter.linked)
        status, content = await _download(shop, answer["reference"])
        assert status == 200
        assert len(json.loads(zipfile.ZipFile(io.BytesIO(content)).read("data.json"))["sessions"]) == 2


async def test_two_people_of_the_desk_prove_it(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        await shop.say(SAYS)
        status, taken = await post(shop, "/-/rights", right="erasure", contact=EMAIL)
        assert (status, taken["state"]) == (202, "received")
        office = shop.addresses.gateway.office
        assert office is not None
        request = UUID(taken["reference"].partition(".")[0])
        await office.casework.attest(request, "dpo-1")
        done = await office.casework.attest(request, "dpo-2")
        assert done.state is RequestState.ANSWERED
        assert await shop.sessions() == []


async def test_a_copy_of_which_something_does_not_open_ends_without_its_end(
    make_shop: MakeShop, mail: tuple[Mailbox, str]
) -> None:
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        for _ in range(2):
            await shop.say(SAYS)
        answer = await proven(shop, mailbox, "access")
        database = shop.home / "sessions.db"
        with contextlib.closing(sqlite3.connect(database)) as connection:
            oldest = "SELECT min(session_id) FROM contents"
            connection.execute(f"UPDATE contents SET sealed = zeroblob(length(sealed)) WHERE session_id = ({oldest})")  # noqa: S608 - no input
            connection.commit()
        with pytest.raises(ClientPayloadError):
            await _download(shop, answer["reference"])
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("UPDATE contents SET sealed = zeroblob(length(sealed))")
            connection.commit()
        status, told = await _download(shop, answer["reference"])
        assert (status, json.loads(told)["reason"]) == (503, "store_failed"), "nothing of it has left"


async def test_what_nobody_proves_is_refused_with_the_sentence(make_shop: MakeShop) -> None:
    async with mail_server() as (_, address), make_shop(notice=RIGHTS, smtp_url=address) as shop:
        _, taken = await post(shop, "/-/rights?lang=en", right="erasure", contact=EMAIL)
        _, looked_at = await post(shop, "/-/rights", right="erasure", contact=EMAIL)
        office = shop.addresses.gateway.office
        await office.casework.attest(UUID(looked_at["reference"].partition(".")[0]), "dpo-1")
        shop.clock.move(days=29, hours=1)
        await office.casework.resume()
        _, seen = await post(shop, "/-/rights/status", reference=looked_at["reference"])
        assert seen["state"] == "identity-pending"  # it waits for the second of the desk, not for its sender
        _, seen = await post(shop, "/-/rights/status", reference=taken["reference"])
        assert (seen["state"], seen["answer"]) == ("refused", "We can't tell that it is you.")


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        ({"right": "everything"}, 400, "right_missing"),
        ({"right": "access"}, 400, "contact_missing"),
        ({"right": "access", "contact": "erika"}, 400, "contact_wrong"),
        ({"right": "access", "contact": EMAIL, "statement": "x" * 4001}, 400, "too_long"),
        ({"right": "objection", "contact": EMAIL, "scope": "nothing-such"}, 400, "scope_unknown"),
        ({"right": "access", "surprise": "x"}, 400, "bad_body"),
    ],
)
async def test_bad_input(make_shop: MakeShop, said: dict[str, str], status: int, reason: str) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        answered, document = await post(shop, "/-/rights", **said)
        assert (answered, document["reason"]) == (status, reason)
        assert await shop.addresses.gateway.store.requests.requests() == ()


async def test_attempts_are_limited(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        answers = [await post(shop, "/-/rights", right="access", contact=EMAIL) for _ in range(21)]
        assert [status for status, _ in answers] == [202] * 20 + [429]
        assert len(mailbox.letters) == 3  # the others look the same, and nobody's mailbox is filled
        reference = answers[2][1]["reference"]
        for _ in range(5):
            assert (await post(shop, "/-/rights/code", reference=reference, code="0"))[0] == 403
        assert (await post(shop, "/-/rights/code", reference=reference, code=mailbox.code()))[0] == 403


async def test_a_mail_server_that_is_away_is_said(make_shop: MakeShop, mail: tuple[Mailbox, str]) -> None:
    mailbox, address = mail
    mailbox.refuses = True
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        status, document = await post(shop, "/-/rights", right="access", contact=EMAIL)
        assert (status, document["reason"]) == (503, "letter_not_sent")


async def test_without_a_class_for_requests_none_are_taken(shop: Shop) -> None:
    assert (await post(shop, "/-/rights", right="access", contact=EMAIL))[0] == 404
    async with shop.client.get(f"{shop.addresses.public}/-/rights") as response:
        assert response.status == 404


async def test_the_desk_sees_what_is_due_behind_any_number_that_prove_nothing(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, mine = await post(shop, "/-/rights", right="erasure", contact=EMAIL)
        store, now = shop.addresses.gateway.store.requests, shop.clock.now()
        for number in range(110):
            new = NewRequest(
                uuid7(now), Right.ACCESS, "de", now + timedelta(days=40 + number), now + timedelta(days=300), b"s" * 32,
                Matter(), RequestState.IDENTITY_PENDING,
            )  # fmt: skip
            await store.open(new, now)
        async with shop.client.get(f"{shop.addresses.internal}/requests", headers=shop.bearer) as response:
            listed = (await response.json())["requests"]
        assert listed[0]["id"] == mine["reference"].partition(".")[0]
        assert [each["due_at"] for each in listed] == sorted(each["due_at"] for each in listed)
        assert len(listed) == 100


async def test_requests_are_listed_a_page_at_a_time(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        store, now = shop.addresses.gateway.store.requests, shop.clock.now()
        states = [RequestState.OPEN, RequestState.RECEIVED, RequestState.IDENTITY_PENDING, RequestState.ANSWERED]
        for number in range(11):
            new = NewRequest(
                uuid7(now), Right.ACCESS, "de", now + timedelta(days=number // 2), now + timedelta(days=300), b"s" * 32,
                Matter(), states[number % 4],
            )  # fmt: skip
            await store.open(new, now)
        url, found, after = f"{shop.addresses.internal}/requests", list[str](), ""
        while after is not None:
            query = {"limit": "3", **({"after": after} if after else {})}
            async with shop.client.get(url, params=query, headers=shop.bearer) as response:
                page = await response.json()
            found += [each["state"] for each in page["requests"]]
            after = page["next"]
        assert found == ["open"] * 3 + ["received"] * 3 + ["identity-pending"] * 3 + ["answered"] * 2
        for wrong in ("x", "0.1", "9.1.01a21905-ca0d-7edb-8b3d-a71e6bb8d994", f"0.{'9' * 30}.{UUID(int=1)}"):
            async with shop.client.get(url, params={"after": wrong}, headers=shop.bearer) as response:
                assert (response.status, (await response.json())["reason"]) == (400, "bad_query")
