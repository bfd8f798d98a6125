"""The five ready notices over simulated time: customer contacts come in, days pass, every promise is kept.

A real gateway on SQLite with a clock that stands still until moved; chats, calls and tickets come through the public
listener, as their front ends send them, and so do people who use their rights: by the form of the public page.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any, Final
from uuid import UUID

import aiohttp.web

from gateway.promises import Promise
from storage.records import Identifier
from tests.fakes import FakeBot
from tests.integration.conftest import MakeShop
from tests.integration.front_ends import JSON, Front, start
from tests.integration.rights_shop import mail_server
from tests.integration.test_freshchat import Freshchat, public_pem
from tests.integration.test_signed_consents import Site

IMEI: Final = "490154203237518"
ANNA: Final = "Ich heiße Anna Kowalczyk, meine Mail ist anna@kowalczyk.example"


async def test_imtron(make_shop: MakeShop) -> None:
    async with mail_server() as (mailbox, smtp), start(make_shop, "imtron", smtp_url=smtp) as shop:
        front = Front(shop)
        anna = await front.chat("chatbot", f"{ANNA}, die IMEI ist {IMEI}")
        assert "Kowalczyk" not in shop.bot.last
        assert IMEI in shop.bot.last  # asked for: it reaches the bot, and is not kept
        (chat,) = await front.sessions("chatbot")
        assert IMEI not in str(await shop.texts(chat, "improve-chatbot"))
        said = ("turns", {"text": "Wo ist mein Paket?"})
        agreed = ("consent", {"agent": "given"}), ("keys", {"keys": "1"})
        await front.call("hotline", "c-1", *agreed, start={"agent": True}, sound=bytes(8000))
        await front.call("hotline", "c-2", ("keys", {"keys": "2"}), start={"agent": True})
        await front.send("POST", "hotline/calls/c-1/survey", {"agreed": True})
        await front.send("POST", "hotline/calls/c-1/survey", {"answers": {"satisfaction": 5}})
        await front.call("callbot", "c-3", said)
        stopped = {"call": "c-4", "caller": "+49 151 23984712", "agent": True}
        await front.send("POST", "hotline/calls", stopped, status=201)
        await front.send("POST", "hotline/calls/c-4/consent", {"agent": "given"})
        for keys, records in (("1", True), ("*9", False)):
            heard, _ = await front.send("POST", "hotline/calls/c-4/keys", {"keys": keys})
            assert heard["recording"] is records
        await front.send("POST", "hotline/calls/c-4/end")
        checked = await front.prove()
        assert checked[Promise.RECORDED_WITH_CONSENT] == 2  # one recording, for two purposes
        assert checked[Promise.PERSONAL_DATA_REDACTED] == 2
        assert await front.parts("hotline") == {"consent", "connection", "recording"}
        caller = Identifier("PHONE", "+4915123984712")
        found = await shop.addresses.gateway.store.find_by(caller, shop.clock.now())
        assert set(found) == {UUID(each) for each in await front.sessions("hotline")}  # none of the call bot
        await front.send("POST", "hotline/calls/c-1/withdraw", status=204)
        assert await front.parts("hotline") == {"consent", "connection"}
        page, reference = await front.right("chatbot", anna["X-Sordino-Session"], "access")
        assert "operator of the chatbot and the call bot (processed in the USA" in page
        assert "Kowalczyk" not in str((await front.copy("chatbot", reference)).read("data.json"))
        other = await front.chat("chatbot", "Löschen Sie das bitte wieder.")
        await front.right("chatbot", other["X-Sordino-Session"], "erasure")
        assert len(await front.sessions("chatbot")) == 1
        await front.pass_days(29)
        assert await front.parts("chatbot") == {"transcript", "facts"}
        withdrawn = ("datenschutz@kundenservice.example", "quality-assurance train-staff")
        await front.told(mailbox, ("datenschutz@bot-betrieb.example", "improve-chatbot legal-defence"), withdrawn)
        await front.pass_days(2)
        assert await front.sessions("chatbot") == []
        assert await front.sessions("callbot") == []
        await front.prove()
        await front.pass_days(3 * 366)
        assert await front.sessions("hotline") == []
        await front.prove()


async def test_gigaset(make_shop: MakeShop) -> None:
    platform = Freshchat()
    keys = {"livechat": public_pem(platform.key)}
    async with mail_server() as (mailbox, smtp), start(make_shop, "gigaset", platform_keys=keys, smtp_url=smtp) as shop:
        front = Front(shop)

        async def freshchat(body: bytes) -> None:
            headers = {"Content-Type": "application/json", "X-Freshchat-Signature": platform.sign(body)}
            url = f"{shop.addresses.public}/livechat/hook"
            async with shop.client.post(url, data=body, headers=headers) as response:
                assert response.status == 204

        await freshchat(platform.message("user", f"Mijn naam is Anke Visserman, IMEI {IMEI}"))
        await front.pass_days(1)
        await freshchat(platform.message("agent", "Wij sturen een nieuw toestel."))
        (chat,) = await front.sessions("livechat")
        assert (await shop.texts(chat, "answer-questions"))[0] == f"subject: Mijn naam is [PERSON], IMEI {IMEI}"
        contact = {"name": "Anna Kowalczyk", "email": "anna@kowalczyk.example"}
        mine = await front.ticket("support", "T-1", f"{ANNA}, die IMEI ist {IMEI}", "Danke.", contact=contact)
        gone = await front.ticket("support", "T-2", "Das Telefon lädt nicht.")
        lasting = await front.ticket("support", "T-3", "Die MAC-Adresse ist 7C:2F:80:12:34:56.")
        await front.call("hotline", "c-1", ("turns", {"text": ANNA, "speaker": "subject"}))
        await front.prove()
        (held,) = await front.own("support", mine)
        assert IMEI in held["messages"][0]["text"]
        shown = {"X-Sordino-Session": front.tokens[gone]}
        deleted, _ = await front.send("DELETE", f"support/tickets/{gone}", headers=shown)
        assert [part["kind"] for part in deleted["blocked"]] == ["transcript"]
        assert deleted["blocked"][0]["statutory"]
        await freshchat(platform.resolution())
        assert mailbox.letters == []  # Freshchat has no tickets
        await front.send("POST", "support/tickets/T-1/resolved")
        (call,) = await front.sessions("hotline")
        await front.internal("POST", f"sessions/{call}/events", {"event": "matter-resolved"})
        await front.pass_days(32)
        assert await front.sessions("livechat") == []
        assert await front.sessions("hotline") == []
        assert await front.sessions("support") == [lasting]  # what a law alone keeps is in no list
        (blocked,) = await front.own("support", mine)
        assert list(blocked["purposes"]) == ["commercial-duties"]
        await front.prove()
        await front.pass_days(2 * 366)  # nobody says that these matters are resolved: the law counts all the same
        for ticket in (gone, lasting):
            (blocked,) = await front.own("support", ticket)
            assert list(blocked["purposes"]) == ["commercial-duties"]
        assert "7C:2F:80:12:34:56" in blocked["messages"][0]["text"]
        await front.pass_days(9 * 366)
        for ticket in (mine, gone, lasting):
            assert await front.own("support", ticket) == []
        await front.prove()


async def test_tonerstore(make_shop: MakeShop) -> None:
    async with mail_server() as (mailbox, smtp), start(make_shop, "tonerstore", smtp_url=smtp) as shop:
        front = Front(shop)
        contact = {"email": "anna@kowalczyk.example"}
        plain = await front.ticket("contact", "T-1", ANNA, "Danke für Ihre Nachricht.", contact=contact)
        order = await front.ticket("orders", "O-1", f"{ANNA}. Meine Kundennummer ist 4711-88213.", contact=contact)
        unresolved = await front.ticket("orders", "O-2", "Ich habe den falschen Toner bekommen.")
        unwanted = await front.ticket("contact", "T-5", "Bitte vergessen Sie das.")
        shown = {"X-Sordino-Session": front.tokens[unwanted]}
        await front.send("DELETE", f"contact/tickets/{unwanted}", headers=shown)
        assert await front.own("contact", unwanted) == []
        yes = {"consent": "remember", "answer": "given", "conversation": "T-3"}
        _, remembered = await front.send("POST", "contact/consent", yes)
        asked = {"ticket": "T-3", "messages": [{"id": "1", "speaker": "subject", "text": "Bitte merken Sie sich das."}]}
        await front.send("POST", "contact/tickets", asked)
        objected = await front.ticket("contact", "T-4", "Ich widerspreche.")
        _, reference = await front.right("contact", front.tokens[objected], "objection")
        await front.prove()
        verdict = {"verdict": "upheld", "text": "Sie haben recht."}
        await front.internal("POST", f"requests/{reference.partition('.')[0]}/answer", verdict)
        assert await front.own("contact", objected) == []
        for path in ("contact/tickets/T-1", "contact/tickets/T-3", "orders/tickets/O-1"):
            await front.send("POST", f"{path}/resolved")
        await front.pass_days(0.1)
        assert await front.own("contact", plain) == []
        assert await front.parts("contact") == {"transcript", "consent"}
        (held,) = await front.own("orders", order)
        assert list(held["purposes"]) == ["retention-duties"]
        said = held["messages"][0]["text"]
        assert said == "Ich heiße [PERSON], meine Mail ist [EMAIL]. Meine Kundennummer ist 4711-88213."
        await front.prove()
        await front.right("contact", remembered["X-Sordino-Session"], "withdrawal")
        assert await front.parts("contact") == {"consent"}
        await front.pass_days(0)  # its other purpose was over already, so the next sweep erases it
        await front.prove()
        host = "datenschutz@hosting.example"
        await front.told(mailbox, (host, "answer-contact"), (host, "answer-contact"), (host, "remember-contact"))
        said = [json.loads(text) for _, text in mailbox.letters]
        assert [each["ground"] for each in said if each.get("restriction") == "begun"] == ["18-1-d"]
        await front.pass_days(200)  # the matter is open still; what a law keeps is not lost with it
        (held,) = await front.own("orders", unresolved)
        assert list(held["purposes"]) == ["retention-duties"]
        await front.pass_days(7.1 * 366)
        assert await front.own("orders", unresolved) == []
        assert await front.sessions("orders") == []
        assert await front.sessions("contact") == []
        await front.prove()


async def test_iiot_flow(make_shop: MakeShop) -> None:
    site = Site()
    keys = {"website": site.pem}
    async with mail_server() as (_, smtp), start(make_shop, "iiot-flow", consent_keys=keys, smtp_url=smtp) as shop:
        front = Front(shop)

        def token(*, status: bool) -> JSON:
            return {"token": site.token(shop, aud="website", template_id="iiot-flow-keep-chat", status=status)}

        _, agreed = await front.send("POST", "website/consents", token(status=True), headers={})
        await front.chat("website", ANNA, headers=agreed)
        await front.chat("website", "Ohne Einwilligung")
        said = {"consent": "keep-chat", "answer": "given"}
        await front.send("POST", "website/consent", said, status=403, headers={})
        (kept,) = await front.sessions("website")
        assert await shop.texts(kept, "improve-service") == [
            "subject: Ich heiße [PERSON], meine Mail ist [EMAIL]",
            "bot: Gern geschehen.",
        ]
        await front.ticket("enquiries", "T-1", ANNA, contact={"email": "anna@kowalczyk.example"})
        restricted = await front.ticket("enquiries", "T-2", "Diese Angabe stimmt nicht.")
        for ground in ("18-1-a", "18-1-b", "18-1-c"):
            await front.right("enquiries", front.tokens[restricted], "restriction", scope=ground)
        await front.call("phone", "c-1", ("turns", {"text": ANNA}))
        await front.call("conferences", "k-1")
        (meeting,) = await front.sessions("conferences")
        objection = await front.internal(
            "POST", f"sessions/{meeting}/objections", {"purpose": "run-conferences"}, status=201
        )
        assert objection["ground"] == "18-1-d"
        await front.internal("POST", f"sessions/{meeting}/objections/{objection['id']}", {"verdict": "dismissed"})
        proof = await front.internal("GET", f"sessions/{kept}?purpose=prove-consent")
        evidence = proof["consents"][0]["evidence"]
        assert {evidence[name] for name in ("browser", "device")} == {"Firefox 140", "desktop"}
        assert evidence["address"].startswith("203.0.113.0")
        await front.prove()
        await front.send("POST", "website/consents", token(status=False), headers=agreed)
        assert await front.parts("website") == {"consent"}
        for ticket in ("T-1", "T-2"):
            await front.send("POST", f"enquiries/tickets/{ticket}/resolved")
        await front.nothing_waits()
        await front.pass_days(31)
        assert await front.sessions("conferences") == []
        await front.pass_days(65)
        held = (await front.own("enquiries", restricted))[0]
        assert held["messages"] == []
        found = await front.internal("GET", f"sessions/{restricted}/retention")
        assert len(found["restrictions"]) == 3
        await front.prove()
        for each in found["restrictions"]:
            lift = shop.addresses.gateway.store.retention.lift
            await lift(UUID(restricted), UUID(each["id"]), shop.clock.now())
        await front.pass_days(0)
        assert await front.sessions("enquiries") == []
        await front.pass_days(4 * 366)
        assert await front.sessions("website") == []
        assert await front.sessions("phone") == []
        await front.prove()


async def test_immmr(make_shop: MakeShop) -> None:
    async def answers(_request: object, _body: object) -> Any:  # noqa: ANN401 - an answer of aiohttp
        return aiohttp.web.json_response({"text": "ok"})

    async with start(make_shop, "immmr", FakeBot(answering=answers)) as shop:
        front = Front(shop)
        said = {"thread": "th-1", "id": "message-0001-of-anna", "text": ANNA}
        _, mine = await front.send("POST", "messages/messages", said)
        await front.send("POST", "messages/messages", said)
        (thread,) = await front.sessions("messages")
        document = await front.internal("GET", f"sessions/{thread}?purpose=provide-service")
        assert document["parts"] == ["original"]
        _, reference = await front.right("messages", mine["X-Sordino-Session"], "portability")
        rows = (await front.copy("messages", reference)).read("turns.csv").decode("utf-8-sig")
        assert [row["original"] for row in csv.DictReader(io.StringIO(rows)) if row["speaker"] == "subject"] == [ANNA]
        await front.call("calls", "c-1", ("turns", {"text": "Hallo"}))
        for answer in ({"agreed": True}, {"answers": {"quality": 4}}):
            await front.send("POST", "calls/calls/c-1/survey", answer)
        assert await front.parts("calls") == {"connection", "facts"}
        await front.prove()
        await front.pass_days(185)
        assert await front.sessions("calls") == []
        assert await front.sessions("messages") == [thread]
        await front.internal("POST", f"sessions/{thread}/events", {"event": "relation-end"})
        await front.pass_days(8)
        assert await front.sessions("messages") == []
        await front.prove()
