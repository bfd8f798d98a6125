"""Every promise is kept by a gateway that does what it should, and each mutation breaks exactly its promise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from sqlite3 import Connection, connect
from uuid import UUID

import pytest

from gateway.app import build_prover
from gateway.consent import Rules
from gateway.jobs import sweep
from gateway.promises import Promise, Proof, Proving
from gateway.rights.decisions import due as due_at
from storage.audio import AudioCodec, AudioFormat
from storage.ids import uuid7
from storage.records import (
    Assignment,
    ConsentRecord,
    ConsentState,
    NewSession,
    PartKind,
    Plan,
    Speaker,
    Turn,
    Write,
)
from storage.requests import Matter, MessageKind, NewMessage, NewRequest, RequestState, RequestStep, Right
from tests.integration.conftest import NOTICE, MakeShop, Shop

HOTLINE = """
  hotline:
    kind: call
    connector: calls
    call: {not_recorded: {de: "Wir zeichnen nicht auf."}, unclear: {de: "Bitte noch einmal."}}
    keep:
      recording: {quality: days-30}
      consent: {prove-consent: years-3}
    hear_original: [quality]
"""
RECORDED = NOTICE.replace("rights:", HOTLINE.strip("\n") + "\nrights:").replace(
    "    required: false\n", '    required: false\n    answers: {dtmf: {"1": given, "2": refused}}\n'
)
Mutation = Callable[[Shop], Awaitable[None]]


async def _prove(shop: Shop) -> Proof:
    gateway = shop.addresses.gateway
    return await build_prover(gateway.loaded, gateway.store).prove(shop.clock.now(), 50)


async def _sql(shop: Shop, *statements: tuple[str, tuple[object, ...]]) -> None:
    def run() -> None:
        database: Connection = connect(shop.home / "sessions.db", timeout=30)
        with database:
            for statement, values in statements:
                database.execute(statement, values)
        database.close()

    await asyncio.to_thread(run)


async def _talk(shop: Shop) -> str:
    """One customer agrees and says more than asked; another refuses. Returns the first one's session."""
    _, agreed = await shop.answer("given")
    await shop.say("Ich heiße Erika Blumfeld, DE02120300000000202051", headers=agreed)
    _, refused = await shop.answer("refused")
    await shop.say("Guten Tag", headers=refused)
    return agreed["X-Sordino-Session"].partition(".")[0]


async def sweep_switched_off(shop: Shop) -> None:
    shop.clock.move(days=31)


async def consent_forged(shop: Shop) -> None:
    """A call is recorded under a consent that somebody wrote into the state: nobody was asked, nothing proves it."""
    gateway, session, now = shop.addresses.gateway, uuid7(shop.clock.now()), shop.clock.now()
    notice, digest = gateway.loaded.notice, gateway.loaded.digest
    new = NewSession(session, "hotline", notice.version, digest, now, b"t" * 32)
    forged = ConsentRecord(
        "quality", ConsentState.GIVEN, now, notice.notice, notice.version, digest, "de", "", "dtmf", ("quality",)
    )
    await gateway.store.write(Write(session, Plan({}), now, new=new, consents=(forged,)))
    wanted = (
        Rules(notice, notice.channels["hotline"])
        .decide({"quality": ConsentState.GIVEN}, disclosed=True)
        .plan.assignments
    )
    only = Plan({PartKind.RECORDING: wanted[PartKind.RECORDING]})
    recorder = await gateway.store.recordings.open(session, only, AudioFormat(AudioCodec.PCMU), now)
    await recorder.stop(now)


async def consent_ignored(shop: Shop) -> None:
    """Somebody sets the state back, and what rests on it stays."""
    await _sql(shop, ("update consent_states set state = 'withdrawn' where state = 'given'", ()))


async def part_smuggled_in(shop: Shop) -> None:
    """What the customer said is kept as it was said, which the notice does not name."""
    await _keep_more(shop, PartKind.ORIGINAL, _transcript_for_improving(shop))


async def legal_basis_changed(shop: Shop) -> None:
    """Something is kept for a contract that the notice bases on a legitimate interest."""
    await _keep_more(shop, PartKind.TRANSCRIPT, replace(_transcript_for_improving(shop), legal_basis="A6-1-b"))


async def day_moved(shop: Shop) -> None:
    await _sql(shop, ("update parts set due_at = due_at + 86400000000 where kind = 'facts'", ()))


async def redaction_left_out(shop: Shop) -> None:
    gateway, session = shop.addresses.gateway, UUID((await shop.sessions())[0])
    plan = gateway.channels["chat"].rules.decide({}, disclosed=True).plan
    words = "Meine Mail ist erika@blumfeld.example"
    said = Turn(Speaker.SUBJECT, words, shop.clock.now())
    await gateway.store.write(Write(session, Plan(plan.assignments), shop.clock.now(), turns=(said,)))


async def disclosure_left_out(shop: Shop) -> None:
    await _sql(shop, ("update sessions set disclosed_at = null", ()))


async def _asked(shop: Shop, state: RequestState, *messages: NewMessage) -> None:
    """Lay down a request of proven identity, with messages to recipients that it caused."""
    store, now = shop.addresses.gateway.store, shop.clock.now()
    due, ends = due_at(now, "Europe/Berlin"), now + timedelta(days=900)
    new = NewRequest(uuid7(now), Right.ERASURE, "de", due, ends, b"s" * 32, Matter(), RequestState.OPEN)
    await store.requests.open(new, now)
    await store.requests.take(new.id, RequestStep({new.state}, state, "carried-out", "dpo-1", messages=messages), now)


async def request_left_lying(shop: Shop) -> None:
    await _asked(shop, RequestState.OPEN)
    await _on(shop, days=32)


async def recipients_not_told(shop: Shop) -> None:
    await _asked(
        shop, RequestState.ANSWERED, NewMessage(uuid7(shop.clock.now()), "Helfer GmbH", "{}", MessageKind.ERASURE)
    )
    await _on(shop, days=4)


async def _on(shop: Shop, days: int) -> None:
    """Let time pass, with all that expires meanwhile erased."""
    shop.clock.move(days=days)
    await sweep(shop.addresses.gateway.store, shop.clock.now())


def _transcript_for_improving(shop: Shop) -> Assignment:
    (found,) = (
        shop.addresses.gateway.channels["chat"].rules.decide({}, disclosed=True).plan.assignments[PartKind.TRANSCRIPT]
    )
    return found


async def _keep_more(shop: Shop, kind: PartKind, why: Assignment) -> None:
    """Add a turn to a conversation, kept as a part of this kind for this reason: all else is as the store writes it."""
    session, now = UUID((await shop.sessions())[0]), shop.clock.now()
    said = Turn(Speaker.SUBJECT, "Guten Tag", now, original="Guten Tag")
    await shop.addresses.gateway.store.write(Write(session, Plan({kind: (why,)}), now, turns=(said,)))


MUTATIONS: dict[Mutation, Promise] = {
    sweep_switched_off: Promise.ERASED_ON_ITS_DAY,
    consent_forged: Promise.RECORDED_WITH_CONSENT,
    consent_ignored: Promise.WITHDRAWN_IS_GONE,
    part_smuggled_in: Promise.NAMED_PURPOSE,
    legal_basis_changed: Promise.LEGAL_BASIS,
    day_moved: Promise.DAYS_AS_WRITTEN,
    redaction_left_out: Promise.PERSONAL_DATA_REDACTED,
    disclosure_left_out: Promise.AI_DISCLOSED,
    request_left_lying: Promise.REQUESTS_IN_TIME,
    recipients_not_told: Promise.RECIPIENTS_INFORMED,
}
"""What is done behind the gateway's back, one wrong each, and the one promise that it breaks."""


async def test_a_gateway_that_does_what_it_should_keeps_every_promise(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        session = await _talk(shop)
        proof = await _prove(shop)
        assert proof.kept, proof.outcomes
        assert {outcome.promise for outcome in proof.outcomes} == set(Promise)
        checked = {outcome.promise: outcome.checked for outcome in proof.outcomes}
        assert checked[Promise.NAMED_PURPOSE] > 5
        assert checked[Promise.PERSONAL_DATA_REDACTED] == 2
        assert session in await shop.sessions()
        metrics = await shop.metrics()
        assert metrics['sordino_promise_kept{promise="erased-on-its-day"}'] == 1
        await _show(shop)
        metrics = await shop.metrics()
        assert metrics['sordino_parts_expiring{days="7"}'] == 0
        assert metrics['sordino_parts_expiring{days="30"}'] > 2
        assert metrics['sordino_parts_begun{days="1",kind="transcript"}'] == 2


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
async def test_a_mutation_turns_exactly_its_promise_to_0(make_shop: MakeShop, mutation: Mutation) -> None:
    async with make_shop(notice=RECORDED, sweep_seconds=3600) as shop:
        await _talk(shop)
        await _show(shop)
        assert await _zeros(shop) == set()
        await mutation(shop)
        await _show(shop)
        assert await _zeros(shop) == {MUTATIONS[mutation]}


async def _show(shop: Shop) -> None:
    """Check every promise once, as the running gateway does at intervals."""
    gateway = shop.addresses.gateway
    prover = build_prover(gateway.loaded, gateway.store)
    await Proving(prover, gateway.store.proofs, gateway.metrics, shop.clock, 3600, 50, lambda _: None).once()


async def _zeros(shop: Shop) -> set[Promise]:
    metrics = await shop.metrics()
    return {each for each in Promise if metrics[f'sordino_promise_kept{{promise="{each.value}"}}'] == 0}


async def test_what_is_withdrawn_leaves_every_promise_kept(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        _, given = await shop.answer("given")
        await shop.say("Guten Tag", headers=given)
        assert (await shop.answer("withdrawn", given))[0] == 200
        assert (await _prove(shop)).kept


def test_there_is_a_mutation_for_every_promise() -> None:
    assert sorted(MUTATIONS.values()) == sorted(Promise)
