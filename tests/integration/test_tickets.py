"""Support tickets through a real gateway: what is kept of them, repeats, resolution, and the customer's own hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from storage.records import Identifier
from tests.integration.conftest import MakeShop, Shop

SECRET = "a secret of the ticket system"
HEADERS = {"X-Sordino-Channel-Secret": SECRET}
NOTICE = """
notice: support
version: "2026-11"
language: de
controller: {name: Shop GmbH, address: Köln, email: ds@shop.example}
purposes:
  answer: {legal_basis: A6-1-b}
  duties: {legal_basis: A6-1-c}
deletion_classes:
  until-resolved: {start: matter-resolved, period: P30D}
  ten-years: {start: matter-resolved, period: P10Y, kind: statutory, round_to: year-end}
channels:
  chat:
    kind: ticket
    connector: tickets
    asks_for: [DEVICE_ID]
    keep_types: [DEVICE_ID]
    index: [EMAIL, DEVICE_ID]
    keep:
      transcript: {answer: until-resolved}
      connection: {answer: until-resolved}
      facts: {answer: until-resolved}
rights: {contact: ds@shop.example, articles: ["15"]}
"""
STATUTORY = NOTICE.replace(
    "transcript: {answer: until-resolved}", "transcript: {answer: until-resolved, duties: ten-years}"
)
BY_CUSTOMER = {"speaker": "subject"}
IMEI = "490154203237518"
SAID = f"Hier Erika Blumfeld, die IMEI ist {IMEI}."
FORM = {
    "ticket": "T-1",
    "title": "Gerät defekt",
    "messages": [
        {
            "id": "m1",
            "speaker": "subject",
            "text": f"Hier Erika Blumfeld, die IMEI ist {IMEI}.",
            "time": "2026-11-26T10:00:00+01:00",
        },
        {"id": "m2", "speaker": "agent", "text": "Danke, wir melden uns.", "time": "2026-11-26T11:00:00+01:00"},
    ],
    "contact": {"name": "Erika Blumfeld", "email": "Erika@Blumfeld.example"},
    "language": "de",
}


@dataclass
class TicketSystem:
    """A front end, and the customer who got the token from it."""

    shop: Shop
    tokens: list[str] = field(default_factory=list)

    async def send(
        self, body: dict[str, Any], *, status: int = 200, headers: dict[str, str] = HEADERS
    ) -> dict[str, Any]:
        async with self.shop.client.post(f"{self.shop.public}/tickets", json=body, headers=headers) as response:
            document: dict[str, Any] = await response.json(content_type=None)
            assert response.status == status, document
            if "X-Sordino-Session" in response.headers:
                self.tokens.append(response.headers["X-Sordino-Session"])
            return document

    async def resolve(self, ticket: str = "T-1", *, status: int = 200) -> None:
        url = f"{self.shop.public}/tickets/{ticket}/resolved"
        async with self.shop.client.post(url, headers=HEADERS) as response:
            assert response.status == status, await response.text()

    async def own(self, *tokens: str) -> list[dict[str, Any]]:
        headers = {"X-Sordino-Session": ", ".join(tokens or self.tokens)}
        async with self.shop.client.get(f"{self.shop.public}/tickets", headers=headers) as response:
            document = await response.json(content_type=None)
            assert response.status == 200, document
            found: list[dict[str, Any]] = document["tickets"]
            return found

    async def delete(self, session: str, token: str, *, status: int = 200) -> dict[str, Any]:
        url = f"{self.shop.public}/tickets/{session}"
        async with self.shop.client.delete(url, headers={"X-Sordino-Session": token}) as response:
            document: dict[str, Any] = await response.json(content_type=None)
            assert response.status == status, document
            return document


def make(make_shop: MakeShop, notice: str = NOTICE, **settings: object) -> Any:  # noqa: ANN401 - as `make_shop`
    return make_shop(notice=notice, channel_secrets={"chat": SECRET}, **settings)


async def test_a_ticket_is_kept_redacted_with_what_was_asked_for_readable(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        taken = await system.send(FORM, status=201)
        assert (taken["stored"], taken["repeated"]) == (3, 0)
        document = await shop.read(taken["session"], "answer")
        assert [(turn["speaker"], turn["text"], turn["time"]) for turn in document["turns"]] == [
            ("subject", "Gerät defekt", "2026-11-26T09:00:00+00:00"),
            ("subject", f"Hier [PERSON], die IMEI ist {IMEI}.", "2026-11-26T09:00:00+00:00"),
            ("agent", "Danke, wir melden uns.", "2026-11-26T10:00:00+00:00"),
        ]
        assert "connection" in document["parts"]
        assert document["facts"]["messages"] == 3


async def test_a_name_that_the_form_has_is_found_however_it_is_written(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        contact = {"name": "Karim Zabolotnyj"}
        taken = await TicketSystem(shop).send(
            {
                "ticket": "T-2",
                "messages": [{**BY_CUSTOMER, "text": "zabolotnyj hier, bitte um Rückruf"}],
                "contact": contact,
            },
            status=201,
        )
        assert await shop.texts(taken["session"], "answer") == ["subject: [PERSON] hier, bitte um Rückruf"]


async def test_what_is_sent_again_is_kept_once_also_after_the_end(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        first = await system.send(FORM, status=201)
        assert await system.send(FORM) == {**first, "stored": 0, "repeated": 3}
        nameless = {
            "ticket": "T-1",
            "messages": [{**BY_CUSTOMER, "text": "Und nun?", "time": "2026-11-26T11:30:00+01:00"}],
        }
        assert (await system.send(nameless))["stored"] == 1
        assert (await system.send(nameless))["stored"] == 0
        await system.resolve()
        assert await system.send(FORM) == {**first, "stored": 0, "repeated": 3}
        assert len(await shop.sessions()) == 1
        later = {"ticket": "T-1", "messages": [{"id": "m9", **BY_CUSTOMER, "text": "Wieder defekt"}]}
        again = await system.send(later, status=201)
        assert again["session"] != first["session"]
        assert len(system.tokens) == 2


async def test_what_an_earlier_matter_has_is_not_kept_again_in_a_later_one(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        await system.send(FORM, status=201)
        for number in (8, 9):
            await system.resolve()
            shop.clock.move(hours=1)
            text = {"id": f"m{number}", **BY_CUSTOMER, "text": f"Wieder defekt, zum {number}. Mal"}
            at = {"time": shop.clock.now().isoformat()} if number == 9 else {}
            all_of_it = {**FORM, "messages": [*FORM["messages"], {**text, **at}]}
            told = await system.send({"ticket": "T-1", "messages": [{**text, **at}]}, status=201)
            assert (await system.send(all_of_it))["stored"] == 0
            assert await shop.texts(told["session"], "answer") == [f"subject: Wieder defekt, zum {number}. Mal"]


async def test_a_repeated_first_request_gets_its_token_again(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        headers = {**HEADERS, "Idempotency-Key": "7f0e6c0e-7f4f-4b7c-9e39-3f1b2f6f2f11"}
        await system.send(FORM, status=201, headers=headers)
        assert (await system.send(FORM, status=201, headers=headers))["stored"] == 0
        assert system.tokens[0] == system.tokens[1]


async def test_resolved_starts_the_period_and_the_sweep_ends_it(make_shop: MakeShop) -> None:
    async with make(make_shop, sweep_seconds=0.05) as shop:
        system = TicketSystem(shop)
        taken = await system.send(FORM, status=201)
        shop.clock.move(days=200)
        assert await shop.texts(taken["session"], "answer")
        await system.resolve()
        ends = (await system.own())[0]["expires_at"]
        shop.clock.move(days=10)
        await system.resolve()
        assert (await system.own())[0]["expires_at"] == ends
        shop.clock.move(days=21)
        assert await system.own() == []
        await system.resolve("T-unknown", status=404)


async def test_customers_see_and_delete_their_own_and_nobody_elses(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        mine = await system.send(FORM, status=201)
        other = await system.send({**FORM, "ticket": "T-3"}, status=201)
        one, two = system.tokens
        assert [each["session"] for each in await system.own()] == [mine["session"], other["session"]]
        forged = one.partition(".")[0] + "." + two.partition(".")[2]
        assert await system.own(forged) == []
        for session, token in ((mine["session"], two), (mine["session"], forged)):
            refused = await system.delete(session, token, status=404)
            assert refused["reason"] == "no_session"
        gone = await system.delete(mine["session"], one)
        assert {each["kind"] for each in gone["erased"]} == {"transcript", "connection", "facts"}
        assert gone["blocked"] == []
        assert [each["session"] for each in await system.own()] == [other["session"]]


async def test_what_a_statutory_period_keeps_is_blocked_and_said(make_shop: MakeShop) -> None:
    async with make(make_shop, STATUTORY) as shop:
        system = TicketSystem(shop)
        taken = await system.send(FORM, status=201)
        answer = await system.delete(taken["session"], system.tokens[0])
        assert {each["kind"] for each in answer["erased"]} == {"connection", "facts"}
        (blocked,) = answer["blocked"]
        assert blocked == {"kind": "transcript", "held": False, "statutory": True, "restricted": False}
        (held,) = await system.own()
        assert held["blocked"] == [blocked]
        assert list(held["purposes"]) == ["duties"]


async def test_a_message_whose_time_is_over_is_not_kept(make_shop: MakeShop) -> None:
    collection = NOTICE.replace("{start: matter-resolved, period: P30D}", "{start: collection, period: P30D}")
    async with make(make_shop, collection) as shop:
        old = {
            "ticket": "T-5",
            "messages": [{**BY_CUSTOMER, "text": "Längst vorbei", "time": "2026-01-02T10:00:00Z"}],
        }
        taken = await TicketSystem(shop).send(old, status=201)
        assert (taken["session"] in await shop.sessions()) is False


async def test_a_message_with_the_id_title_is_kept_beside_the_title(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        said = {**FORM, "messages": [{**BY_CUSTOMER, "id": "title", "text": "Es lädt nicht."}]}
        taken = await system.send(said, status=201)
        assert (taken["stored"], (await system.send(said))["stored"]) == (2, 0)
        assert len(await shop.texts(taken["session"], "answer")) == 2


async def test_a_title_that_was_kept_under_the_id_of_before_is_known(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        before = {"ticket": "T-1", "messages": [{**BY_CUSTOMER, "id": "title", "text": FORM["title"]}]}
        await system.send(before, status=201)
        assert (await system.send({"ticket": "T-1", "title": FORM["title"]}))["stored"] == 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"ticket": "T-1"}, "unreadable"),
        ({"ticket": "T-1", "messages": [{"text": "Hallo"}]}, "bad_body"),
        ({"ticket": "T-1", "contact": {"email": "a@b.example"}}, "unreadable"),
        ({"messages": [{**BY_CUSTOMER, "text": "Hallo"}]}, "bad_body"),
        ({"ticket": "T 1/../", "messages": [{**BY_CUSTOMER, "text": "Hallo"}]}, "bad_body"),
        ({"ticket": "T-1", "messages": [{"text": "Hallo", "speaker": "boss"}], "title": "x"}, "bad_body"),
        (
            {"ticket": "T-1", "messages": [{**BY_CUSTOMER, "text": "Hallo", "time": "2026-11-26T10:00:00"}]},
            "bad_body",
        ),
        ({"ticket": "T-1", "messages": [{**BY_CUSTOMER, "text": "Hallo"}], "more": 1}, "bad_body"),
        ({"ticket": "T-1", "messages": [{**BY_CUSTOMER, "text": "x" * 21_000}]}, "message_too_long"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_and_nothing_kept(
    make_shop: MakeShop, body: dict[str, Any], told: str
) -> None:
    async with make(make_shop) as shop:
        refused = await TicketSystem(shop).send(body, status=413 if told == "message_too_long" else 400)
        assert refused["reason"] == told
        assert await shop.sessions() == []


async def test_only_the_front_end_hands_over_and_resolves(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        system = TicketSystem(shop)
        assert (await system.send(FORM, status=403, headers={}))["reason"] == "wrong_secret"
        url = f"{shop.public}/tickets/T-1/resolved"
        async with shop.client.post(url, headers={"X-Sordino-Channel-Secret": "another"}) as response:
            assert response.status == 403
        async with shop.client.get(f"{shop.public}/tickets") as response:
            assert response.status == 404
        async with shop.chat("Hallo") as response:
            assert (await response.json(content_type=None))["reason"] == "not_a_chat"


async def test_a_consent_decides_what_is_kept(make_shop: MakeShop) -> None:
    notice = NOTICE.replace("answer: {legal_basis: A6-1-b}", "answer: {legal_basis: A6-1-a, consent: keep}").replace(
        "channels:", 'consents:\n  keep:\n    ask: {de: "Dürfen wir das behalten?"}\nchannels:'
    ).replace("      facts:", "      consent: {duties: ten-years}\n      facts:")  # fmt: skip
    async with make(make_shop, notice) as shop:
        system = TicketSystem(shop)
        await system.send(
            {"ticket": "T-1", "messages": [{"id": "1", **BY_CUSTOMER, "text": "Noch nicht gefragt"}]}, status=201
        )
        body = {"consent": "keep", "answer": "given", "conversation": "T-1"}
        async with shop.client.post(f"{shop.public}/consent", json=body, headers=HEADERS) as response:
            assert response.status == 200
        await system.send({"ticket": "T-1", "messages": [{"id": "2", **BY_CUSTOMER, "text": "Nun gern"}]})
        (held,) = await system.own()
        assert [each["text"] for each in held["messages"]] == ["Nun gern"]


async def test_a_ticket_is_found_by_who_writes(make_shop: MakeShop) -> None:
    async with make(make_shop) as shop:
        taken = await TicketSystem(shop).send(FORM, status=201)
        gateway = shop.addresses.gateway
        for kind, value in (("EMAIL", "erika@blumfeld.example"), ("DEVICE_ID", IMEI)):
            found = await gateway.store.find_by(Identifier(kind, value), shop.clock.now())
            assert [str(each) for each in found] == [taken["session"]]


@pytest.mark.parametrize("sink", ["", "elsewhere"])
async def test_a_sink_that_is_backed_up_with_the_databases_is_warned_of(
    make_shop: MakeShop, caplog: pytest.LogCaptureFixture, tmp_path: Path, sink: str
) -> None:
    async with make_shop(ledger_sink=f"file://{tmp_path}/{sink}" if sink else ""):
        warned = [each for each in caplog.messages if "SORDINO_LEDGER_SINK" in each]
    assert len(warned) == (0 if sink else 1)


async def test_a_channel_without_its_secret_is_warned_of(make_shop: MakeShop, caplog: pytest.LogCaptureFixture) -> None:
    warning = "a channel serves nobody: set its secret in SORDINO_CHANNEL_SECRETS"
    async with make_shop(notice=NOTICE):
        assert [each.channel for each in caplog.records if each.msg == warning] == ["chat"]  # type: ignore[attr-defined]
    caplog.clear()
    async with make(make_shop):
        assert warning not in [each.msg for each in caplog.records]
