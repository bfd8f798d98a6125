"""Requests of data subjects at the desk: in a browser from the public form to the receipt, and over the API."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.async_api import Browser, expect

from storage.access import Approval
from storage.holds import Ground, HoldTerms
from storage.ids import uuid7
from storage.requests import Matter, MessageState, NewRequest, Right
from tests.browsing import browser
from tests.integration.conftest import MakeShop, Shop
from tests.integration.rights_shop import EMAIL, RIGHTS, SAYS, mail_server, post, proven
from tests.integration.test_desk import desk, find_nothing, signed_in
from tests.integration.test_desk_forms import HERE, cookie

__all__ = ["browser"]


async def step(
    shop: Shop,
    path: str,
    headers: dict[str, str] | None = None,
    /,
    **said: Any,  # noqa: ANN401 - fields
) -> tuple[int, Any]:
    url = f"{shop.addresses.internal}/requests/{path}"
    async with shop.client.post(url, json=said, headers=headers or shop.bearer) as response:
        return response.status, await response.json()


async def test_an_erasure_goes_from_the_form_over_two_people_to_its_receipt(
    browser: Browser, make_shop: MakeShop
) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        await shop.say(SAYS)
        context = await browser.new_context(locale="en-GB", java_script_enabled=False)
        person = await context.new_page()
        await person.goto(f"{shop.addresses.public}/-/rights")
        await person.get_by_label("Have my data erased").check()
        await person.get_by_label("E-mail address").fill(EMAIL)
        await person.get_by_role("button", name="Send request").click()
        reference = await person.locator("code").inner_text()
        request = UUID(reference.partition(".")[0])
        ann, ben = await signed_in(browser, shop, "agent"), await signed_in(browser, shop, "dpo", name="Ben")
        for who in (ann, ben):
            await who.goto(desk(shop, "requests"))
            await who.get_by_role("link", name=str(request)).click()
            await who.set_viewport_size({"width": 360, "height": 800})
            await find_nothing(who)
            assert await who.evaluate("document.documentElement.scrollWidth") <= 360
            if who is ann:
                assert await who.get_by_text("Refuse the request").count() == 0, "an agent does not decide"
                await who.get_by_role("button", name="The identity is proven").click()
            await who.get_by_role("button", name="The identity is proven").click()
            if who is ann:
                await expect(who.get_by_role("alert")).to_contain_text("another person")
                assert len(await shop.sessions()) == 1
        await expect(ben.get_by_role("status")).to_have_text("Done.")
        assert await shop.sessions() == []
        store = shop.addresses.gateway.store
        (message,) = [each for each in await store.requests.messages(request) if each.recipient]
        await store.requests.settle(message.id, MessageState.TOLD)
        await ben.reload()
        await ben.get_by_role("button", name="Has confirmed: Helfer GmbH").click()
        await expect(ben.get_by_role("cell", name="acknowledged")).to_be_visible()
        told = ben.get_by_role("table", name="Who was told")
        await expect(told.get_by_role("row", name="Helfer GmbH").get_by_role("cell", name="erasure")).to_be_visible()
        await person.goto(f"{shop.addresses.public}/-/rights")
        await person.get_by_label("Your reference").fill(reference)
        await person.get_by_role("button", name="Show").click()
        (first, *_) = await store.receipts()
        await expect(person.get_by_text(str(first.id))).to_be_visible()
        for page in (person, ann, ben):
            await page.context.close()


async def test_an_objection_is_extended_and_answered_with_a_verdict(make_shop: MakeShop) -> None:
    async with mail_server() as (mailbox, address), make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(SAYS)
        of = (await proven(shop, mailbox, "objection", scope="improve"))["reference"].partition(".")[0]
        agent = await shop.token("agent")
        assert (await step(shop, f"{of}/answer", agent, text="Nein", verdict="dismissed"))[0] == 403
        mailbox.refuses = True
        status, told = await step(shop, f"{of}/extension", reason="Viel zu tun")
        assert (status, told["reason"]) == (503, "letter_not_sent")
        mailbox.refuses = False
        status, extended = await step(shop, f"{of}/extension", reason="Viel zu tun")
        assert (status, extended["state"]) == (200, "extended")
        assert "Viel zu tun" in mailbox.letters[-1][1]
        assert (await step(shop, f"{of}/extension", reason="Noch mehr"))[0] == 409
        assert (await step(shop, f"{of}/sessions", sessions=[]))[0] == 409, "nothing is linked"
        assert (await step(shop, f"{of}/answer", text="  ", verdict="upheld"))[0] == 400
        assert (await step(shop, f"{of}/answer", text="Gut"))[0] == 409, "an objection takes a verdict"
        status, answered = await step(shop, f"{of}/answer", text="Gut", verdict="upheld")
        assert (status, answered["state"], answered["answer"]) == (200, "answered", "Gut")
        assert {"extended", "answered"} <= {each["what"] for each in answered["events"]}
        told = [(each["recipient"], each["kind"]) for each in answered["messages"]]
        assert set(told) == {
            ("Helfer GmbH", "restriction-begun"), ("Helfer GmbH", "erasure"), (None, "extended"), (None, "answered"),
        }  # fmt: skip


async def test_the_page_of_requests_goes_on(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        store, now = shop.addresses.gateway.store.requests, shop.clock.now()
        for number in range(103):
            ends = now + timedelta(days=300)
            new = NewRequest(uuid7(now), Right.ACCESS, "de", now + timedelta(days=number), ends, b"s" * 32, Matter())
            await store.open(new, now)
        headers = await cookie(shop, "dpo")

        async def listed(query: str) -> tuple[int, str | None]:
            async with shop.client.get(f"{shop.addresses.internal}/desk/requests{query}", headers=headers) as response:
                text = await response.text()
            more = re.search(r'href="/desk/requests(\?after=[^"]+)"', text)
            return len(re.findall(r'<th scope="row">', text)), more[1] if more else None

        shown, more = await listed("")
        assert shown == 100
        assert more is not None
        assert await listed(more) == (3, None)
        assert await listed("?after=nonsense") == (100, more)


async def test_holds_and_restrictions_are_shown_a_page_at_a_time_as_well(make_shop: MakeShop) -> None:
    async with make_shop() as shop:
        store, now = shop.addresses.gateway.store, shop.clock.now()
        _, said = await shop.say("Hallo")
        of = UUID(said["X-Sordino-Session"].partition(".")[0])
        for number in range(103):
            terms = HoldTerms(f"case-{number}", "legal", now + timedelta(days=9))
            await store.retention.place_hold(of, terms, now)
        await store.retention.restrict(of, Ground.ACCURACY, now)
        headers = await cookie(shop, "auditor")

        async def listed(query: str) -> tuple[int, str | None]:
            async with shop.client.get(f"{shop.addresses.internal}/desk/holds{query}", headers=headers) as response:
                text = await response.text()
            more = re.search(r'href="/desk/holds(\?after=[^"]+)"', text)
            return len(re.findall(r'<th scope="row">', text)), more[1] if more else None

        shown, more = await listed("")
        assert shown == 101
        assert more is not None
        assert await listed(more) == (4, None)
        assert await listed("?after=nonsense") == (101, more)


async def test_what_waits_for_a_second_person_is_shown_behind_whatever_came_later(make_shop: MakeShop) -> None:
    async with make_shop() as shop:
        access, now = shop.addresses.gateway.store.access, shop.clock.now()
        ids = [uuid7(now + timedelta(seconds=number)) for number in range(102)]
        for each in ids:
            await access.ask(Approval(each, "export", {"session": str(each)}, "case-1", "ann", now))
        headers, internal = await cookie(shop, "dpo"), shop.addresses.internal
        async with shop.client.get(f"{internal}/desk/approvals", headers=headers) as response:
            more = re.search(r'href="(/desk/approvals\?after=[^"]+)"', await response.text())
        assert more is not None
        async with shop.client.get(f"{internal}{more[1]}", headers=headers) as response:
            assert re.findall(r'name="item" value="([^"]+)"', await response.text()) == [str(ids[1]), str(ids[0])]
        async with shop.client.get(f"{internal}/approvals?limit=101", headers=shop.bearer) as response:
            page = await response.json()
        async with shop.client.get(f"{internal}/approvals?after={page['next']}", headers=shop.bearer) as response:
            last = await response.json()
        assert ([each["id"] for each in last["approvals"]], last["next"]) == ([str(ids[0])], None)
        async with shop.client.get(f"{internal}/approvals?after=Erika", headers=shop.bearer) as response:
            assert response.status == 400


async def test_linked_sessions_are_included(make_shop: MakeShop) -> None:
    async with mail_server() as (mailbox, address), make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(f"{SAYS} und meine Telefonnummer ist 0351 48157720.")
        await shop.say("Meine Telefonnummer ist 0351 48157720.")
        of = (await proven(shop, mailbox, "erasure"))["reference"].partition(".")[0]
        async with shop.client.get(f"{shop.addresses.internal}/requests/{of}", headers=shop.bearer) as response:
            linked = (await response.json())["linked"]
        assert await shop.sessions() == linked
        status, done = await step(shop, f"{of}/sessions", sessions=linked)
        assert (status, done["state"], await shop.sessions()) == (200, "answered", [])


async def test_two_tokens_of_one_person_prove_nobody_and_a_doubt_refuses(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, taken = await post(shop, "/-/rights?lang=en", right="erasure", contact=EMAIL)
        of = taken["reference"].partition(".")[0]
        body = {"name": "mine", "roles": ["dpo"]}
        async with shop.client.post(f"{shop.addresses.internal}/tokens", json=body, headers=shop.bearer) as response:
            mine = {"Authorization": f"Bearer {(await response.json())['token']}"}
        assert (await step(shop, f"{of}/attestations", mine))[0] == 200
        status, told = await step(shop, f"{of}/attestations")
        assert (status, told["reason"]) == (403, "same_person")
        status, refused = await step(shop, f"{of}/refusal")
        assert (status, refused["state"], refused["answer"]) == (200, "refused", "We can't tell that it is you.")
        assert (await step(shop, f"{UUID(int=1)}/refusal"))[0] == 404


async def test_the_forms_keep_what_was_typed_and_lead_back(make_shop: MakeShop) -> None:
    async with mail_server() as (mailbox, address), make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(f"{SAYS} und meine Telefonnummer ist 0351 48157720.")
        await shop.say("Meine Telefonnummer ist 0351 48157720.")
        of = (await proven(shop, mailbox, "objection", scope="improve"))["reference"].partition(".")[0]
        (linked,) = (await shop.addresses.gateway.store.requests.matter(UUID(of))).linked
        headers = {**await cookie(shop, "dpo", "admin"), **HERE, "Accept-Language": "de"}

        async def sent(form: str, **typed: str) -> tuple[int, str]:
            url = f"{shop.addresses.internal}/desk/requests/{of}/{form}"
            async with shop.client.post(url, data=typed, headers=headers, allow_redirects=False) as response:
                return response.status, response.headers.get("Location", "") or await response.text()

        done = (303, f"/desk/requests/{of}?said=done")
        assert (await sent("include", session="x"))[0] == 400
        assert await sent("include", session=str(linked)) == done
        assert await sent("extend", extend_reason="Viel zu tun") == done
        status, text = await sent("answer", answer_text="<b>Nein</b>")
        assert (status, "Das geht nicht" in text) == (409, True)
        assert "&lt;b&gt;Nein&lt;/b&gt;</textarea>" in text
        assert (await sent("answer", answer_text="x" * 5001, verdict="upheld"))[0] == 400
        assert (await sent("answer", answer_text="Nein", verdict="perhaps"))[0] == 400
        assert await sent("answer", answer_text="Nein", verdict="dismissed") == done
        assert (await sent("refuse", refuse_reason="Zu spät"))[0] == 409
        assert (await sent("acknowledge", item=str(UUID(int=1))))[0] == 409
