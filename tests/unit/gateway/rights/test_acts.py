"""Erasures and withdrawals without a request, on every store, and what becomes of them if the process is killed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from gateway.metrics import Metrics
from gateway.notice.load import Loaded, load_notice
from gateway.rights.office import Asked, Office
from storage import (
    ConsentState,
    ErasureReason,
    Ground,
    Identifier,
    PartKind,
    RetentionRefusedError,
    SessionStore,
    UnknownSessionError,
    Verdict,
)
from storage.requests import Proof, RequestState, Right
from tests.contracts.stores import STORES
from tests.fakes import FakeClock
from tests.integration.rights_shop import RIGHTS, texts_of
from tests.kept import Kept
from tests.unit.storage.builders import NOW, Customer, assignment, consent, plan, turn

KEPT = plan(
    transcript=(assignment("improve"), assignment("quality", consent="quality")),
    consent=assignment("prove-consent", "P3Y"),
)
ON_CONSENT = plan(transcript=assignment("quality", consent="quality"), consent=assignment("prove-consent", "P3Y"))
TOLD = RIGHTS.replace("purposes: [improve]", "purposes: [quality, improve]")


@dataclass
class Desk:
    """A store, and an office that may be made anew over it as after a restart."""

    store: SessionStore
    loaded: Loaded
    clock: FakeClock

    def office(self) -> Office:
        return Office(self.loaded, self.store, None, texts_of(self.loaded), Metrics(), self.clock)

    async def told_of_restrictions(self) -> list[tuple[str, str, str, list[str]]]:
        """Return who is told of what begins and ends: recipient, which of it, on which ground, for which purposes."""
        messages = await self.store.requests.waiting(self.clock.now())
        said = [(each.recipient, json.loads(each.content)) for each in sorted(messages, key=lambda each: each.made_at)]
        return [
            (name, document["restriction"], document["ground"], document["sessions"][0]["purposes"])
            for name, document in said
            if document["right"] == "restriction"
        ]

    async def told(self) -> list[tuple[str, str, list[str]]]:
        """Return who is told: the recipient, of which right, and for which purposes of the one session."""
        messages = await self.store.requests.waiting(self.clock.now())
        said = [(each.recipient, json.loads(each.content)) for each in messages]
        return [(name, document["right"], document["sessions"][0]["purposes"]) for name, document in said]

    async def states(self) -> list[tuple[Right, RequestState]]:
        return [(each.right, each.state) for each in await self.store.requests.requests()]

    async def sweep(self) -> None:
        due = await self.store.due(self.clock.now())
        await self.store.erase([part.part_id for part in due], ErasureReason.EXPIRED, self.clock.now(), "sweep")


@pytest_asyncio.fixture(params=list(STORES), loop_scope="session")
async def desk(request: pytest.FixtureRequest, tmp_path: Path, kept: Kept) -> AsyncIterator[Desk]:
    store = await STORES[request.param](tmp_path, kept)
    await store.start()
    path = tmp_path / "notice.yaml"
    path.write_text(TOLD, encoding="utf-8")
    yield Desk(store, load_notice(path), FakeClock(NOW))
    await store.close()


async def talked(desk: Desk, kept: object = KEPT, *identifiers: Identifier, name: str = "one") -> UUID:
    customer = Customer(name, channel="chat")
    said = turn("Guten Tag", identifiers=identifiers)
    await desk.store.write(customer.opening(kept, turns=said, consents=consent(name="quality")))  # type: ignore[arg-type]
    return customer.id


async def withdrawn(desk: Desk, session: UUID) -> None:
    """Record the withdrawal as a front end's answer does."""
    customer = Customer(channel="chat")
    customer.id = session
    record = consent(ConsentState.WITHDRAWN, "quality", desk.clock.now())
    await desk.store.write(customer.write(KEPT, desk.clock.now(), consents=record))


async def test_an_erasure_is_told_and_nothing_linked_is_touched(desk: Desk) -> None:
    mail = Identifier("EMAIL", "erika@muster.example")
    session, other = await talked(desk, KEPT, mail), await talked(desk, KEPT, mail, name="two")
    receipts = await desk.office().acts.erase(session, "customer", Proof.TOKEN)
    assert len(receipts) == 2
    assert await desk.store.part_ids(session) == {}
    assert len(await desk.store.part_ids(other)) == 2
    assert await desk.states() == [(Right.ERASURE, RequestState.ANSWERED)]
    assert sorted(await desk.told()) == [
        ("Andere GmbH", "erasure", ["prove-consent"]),
        ("Helfer GmbH", "erasure", ["improve", "quality"]),
    ]


async def test_a_withdrawal_is_told_for_what_rested_on_the_consent(desk: Desk) -> None:
    session, acts = await talked(desk), desk.office().acts
    request = await acts.announce(session, "quality", "customer", Proof.TOKEN)
    await withdrawn(desk, session)
    assert await acts.withdraw(session, "quality", "customer", request) == ()  # another purpose keeps the transcript
    assert await desk.told() == [("Helfer GmbH", "erasure", ["quality"])]
    assert await desk.states() == [(Right.WITHDRAWAL, RequestState.ANSWERED)]
    assert await acts.announce(session, "quality", "customer", Proof.TOKEN) is None  # nothing rests on it any more


@pytest.mark.parametrize("recorded", [False, True])
async def test_a_withdrawal_that_was_broken_off_is_completed_and_told_once(desk: Desk, *, recorded: bool) -> None:
    session = await talked(desk, ON_CONSENT)
    await desk.office().acts.announce(session, "quality", "customer", Proof.TOKEN)
    if recorded:
        await withdrawn(desk, session)
        await desk.sweep()  # it comes before anybody looks at the request
    desk.clock.move(minutes=2)
    office = desk.office()
    await office.casework.resume()
    assert (await desk.store.consent_states(session))["quality"] is ConsentState.WITHDRAWN
    assert set((await desk.store.part_ids(session)).values()) == {PartKind.CONSENT}
    assert {each[0] for each in await desk.told()} == {"Helfer GmbH"}
    assert len(await desk.told()) == (1 if recorded else 2)
    assert await desk.states() == [(Right.WITHDRAWAL, RequestState.ANSWERED)]


async def test_what_is_being_worked_on_is_left_alone(desk: Desk) -> None:
    session, office = await talked(desk), desk.office()
    request = await office.acts.announce(session, "quality", "customer", Proof.TOKEN)
    await office.casework.resume()
    assert await desk.states() == [(Right.WITHDRAWAL, RequestState.OPEN)]
    await withdrawn(desk, session)
    await office.acts.withdraw(session, "quality", "customer", request)
    assert await desk.states() == [(Right.WITHDRAWAL, RequestState.ANSWERED)]


async def test_the_desk_s_restriction_is_told_as_it_begins_and_as_it_ends(desk: Desk) -> None:
    session, acts = await talked(desk), desk.office().acts
    made = await acts.restrict(session, Ground.CLAIMS, "dpo-1")
    assert made.ground is Ground.CLAIMS
    desk.clock.move(seconds=1)
    await acts.lift(session, made.id, "dpo-2")
    assert await desk.store.retention.restrictions() == ()
    purposes = ["improve", "quality"]
    assert [each for each in await desk.told_of_restrictions() if each[0] == "Helfer GmbH"] == [
        ("Helfer GmbH", "begun", "18-1-c", purposes),
        ("Helfer GmbH", "ended", "18-1-c", purposes),
    ]
    assert {each[0] for each in await desk.told_of_restrictions()} == {"Helfer GmbH", "Andere GmbH"}
    assert await desk.states() == [(Right.RESTRICTION, RequestState.ANSWERED)] * 2


async def test_the_desk_s_objection_is_told_and_how_it_was_decided(desk: Desk) -> None:
    session, acts = await talked(desk), desk.office().acts
    objection = await acts.object(session, "improve", "agent-1")
    desk.clock.move(seconds=1)
    assert await acts.decide(session, objection.id, Verdict.DISMISSED, "dpo-1") == ()
    assert await desk.told_of_restrictions() == [
        ("Helfer GmbH", "begun", "18-1-d", ["improve"]),
        ("Helfer GmbH", "ended", "18-1-d", ["improve"]),
    ]
    other = await acts.object(session, "improve", "agent-1")
    await acts.decide(session, other.id, Verdict.UPHELD, "dpo-1")
    assert [each for each in await desk.told() if each[1] == "erasure"] == [("Helfer GmbH", "erasure", ["improve"])]
    assert {state for _, state in await desk.states()} == {RequestState.ANSWERED}


async def test_an_objection_to_all_restricts_all_and_gives_back_what_it_does_not_cover(desk: Desk) -> None:
    session, acts = await talked(desk), desk.office().acts
    objection = await acts.object(session, None, "agent-1")
    assert {each[0] for each in await desk.told_of_restrictions()} == {"Helfer GmbH", "Andere GmbH"}
    desk.clock.move(seconds=1)
    await acts.decide(session, objection.id, Verdict.UPHELD, "dpo-1")
    ended = {(name, *purposes) for name, state, _, purposes in await desk.told_of_restrictions() if state == "ended"}
    assert ended == {("Helfer GmbH", "quality")}
    assert ("Helfer GmbH", "erasure", ["improve"]) in await desk.told()


async def test_a_purpose_that_ends_is_told(desk: Desk) -> None:
    session, acts = await talked(desk), desk.office().acts
    assert await acts.end(session, "improve", "dpo-1") == ()  # another purpose keeps the transcript
    assert await desk.told() == [("Helfer GmbH", "erasure", ["improve"])]
    assert await desk.states() == [(Right.ERASURE, RequestState.ANSWERED)]


async def test_what_the_store_refuses_is_refused(desk: Desk) -> None:
    session, acts = await talked(desk), desk.office().acts
    with pytest.raises(RetentionRefusedError):
        await acts.restrict(session, Ground.OBJECTION, "dpo-1")
    with pytest.raises(RetentionRefusedError):
        await acts.decide(session, uuid4(), Verdict.UPHELD, "dpo-1")
    with pytest.raises(RetentionRefusedError):
        await acts.lift(session, uuid4(), "dpo-1")
    with pytest.raises(RetentionRefusedError):
        await acts.object(session, "nothing-such", "dpo-1")
    with pytest.raises(UnknownSessionError):
        await acts.restrict(uuid4(), Ground.CLAIMS, "dpo-1")
    assert await desk.states() == []


async def test_where_nobody_has_to_be_told_no_request_is_kept(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "alone.yaml"
    path.write_text(RIGHTS.replace(", inform: dpo@helfer.example", "").replace(", inform: dpo@andere.example", ""))
    desk.loaded = load_notice(path)
    session, acts = await talked(desk, ON_CONSENT), desk.office().acts
    assert await acts.announce(session, "quality", "customer", Proof.TOKEN) is None
    made = await acts.restrict(session, Ground.CLAIMS, "dpo-1")
    await acts.lift(session, made.id, "dpo-1")
    await withdrawn(desk, session)
    (receipt,) = await acts.withdraw(session, "quality", "customer", None)
    assert receipt.reason is ErasureReason.WITHDRAWN
    assert len(await acts.erase(session, "customer", Proof.DESK)) == 1
    assert await desk.states() == []


async def test_a_consent_ends_by_request_on_a_channel_that_the_notice_no_longer_has(desk: Desk, tmp_path: Path) -> None:
    session = await talked(desk, ON_CONSENT)
    path = tmp_path / "renamed.yaml"
    path.write_text(RIGHTS.replace("\n  chat:\n", "\n  another:\n"))
    desk.loaded = load_notice(path)
    office = desk.office()
    asked = Asked(Right.WITHDRAWAL, "de", "another", session)
    await office.ask(asked)
    assert await desk.store.consent_states(session) == {"quality": ConsentState.WITHDRAWN}
    assert PartKind.TRANSCRIPT not in (await desk.store.part_ids(session)).values()
