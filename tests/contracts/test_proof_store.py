"""What every ProofStore tells: figures by which promises are checked."""

from __future__ import annotations

from dataclasses import replace

from storage import ConsentState, ErasureReason, Ground, HoldTerms, PartKind, SessionEvent, SessionStore, Speaker
from storage.audio import AudioCodec, AudioFormat
from storage.proving import Kept
from tests.unit.storage.builders import DAY, NOW, TRANSCRIPT, USUAL, Customer, assignment, consent, plan, turn

TOLD = ("chatbot",)
ON_CONSENT = plan(
    transcript=assignment("train", consent="training"), consent=assignment("prove-consent", "P3Y"),
    recording=assignment("train", consent="training"),
)  # fmt: skip


async def test_it_counts_what_stands_and_why(store: SessionStore) -> None:
    for name in ("one", "two"):
        await store.write(Customer(name).opening(USUAL, turns=turn()))
    evidence = await store.proofs.evidence(NOW, TOLD)
    assert evidence.kept == {
        Kept("chatbot", PartKind.TRANSCRIPT, "improve-chatbot", "A6-1-f"): 2,
        Kept("chatbot", PartKind.TRANSCRIPT, "legal-defence", "A6-1-f"): 2,
        Kept("chatbot", PartKind.FACTS, "improve-chatbot", "A6-1-f"): 2,
    }
    assert (evidence.overdue, evidence.unfounded, evidence.unconsented, evidence.unproven) == (0, {}, {}, 0)
    assert evidence.sessions == 2


async def test_what_is_past_its_day_is_overdue_unless_something_bars_it(store: SessionStore) -> None:
    late, held = Customer("late"), Customer("held")
    for each in (late, held):
        await store.write(each.opening(TRANSCRIPT, turns=turn()))
    await store.retention.place_hold(held.id, HoldTerms("case-1", "legal", NOW + DAY), NOW)
    assert (await store.proofs.evidence(NOW + 29 * DAY, TOLD)).overdue == 0
    assert (await store.proofs.evidence(NOW + 31 * DAY, TOLD)).overdue == 1
    await store.erase(await store.part_ids(late.id), ErasureReason.EXPIRED, NOW + 31 * DAY, "sweep")
    assert (await store.proofs.evidence(NOW + 31 * DAY, TOLD)).overdue == 0


async def test_what_ends_is_overdue_and_not_unfounded(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(ON_CONSENT, turns=turn(), consents=consent()))
    assert (await store.proofs.evidence(NOW, TOLD)).unconsented == {}
    await store.write(one.write(ON_CONSENT, now=NOW + DAY, consents=consent(ConsentState.WITHDRAWN, at=NOW + DAY)))
    evidence = await store.proofs.evidence(NOW + DAY, TOLD)
    assert (evidence.unconsented, evidence.unfounded) == ({}, {})
    await store.withdraw(one.id, "training", NOW + DAY)
    assert (await store.proofs.evidence(NOW + 2 * DAY, TOLD)).overdue == 0


async def test_a_recording_has_its_proof_from_before(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(ON_CONSENT, consents=consent()))
    await store.recordings.open(one.id, ON_CONSENT, AudioFormat(AudioCodec.PCMU, 8000, 1), NOW + DAY)
    evidence = await store.proofs.evidence(NOW, TOLD)
    assert evidence.kept[Kept("chatbot", PartKind.RECORDING, "train", "A6-1-a", "training")] == 1
    assert evidence.unproven == 0


async def test_a_bot_that_answered_has_told_what_it_is(store: SessionStore) -> None:
    told, untold, imported, alone = (Customer(name) for name in ("told", "untold", "imported", "alone"))
    elsewhere = Customer("elsewhere", "desk")
    answer = (turn(), turn("Hallo", Speaker.BOT))
    await store.write(told.opening(TRANSCRIPT, turns=answer, events=SessionEvent.AI_DISCLOSED))
    await store.write(untold.opening(TRANSCRIPT, turns=answer))
    await store.write(elsewhere.opening(TRANSCRIPT, turns=answer))
    old = imported.opening(TRANSCRIPT, turns=answer)
    assert old.new is not None
    await store.write(replace(old, new=replace(old.new, imported=True)))
    await store.write(alone.opening(TRANSCRIPT, turns=turn()))
    assert (await store.proofs.evidence(NOW, TOLD)).untold == 1
    assert (await store.proofs.evidence(NOW, ())).untold == 0


async def test_a_sample_holds_what_may_be_read(store: SessionStore) -> None:
    readable, restricted, bare = Customer("readable"), Customer("restricted"), Customer("bare")
    for each in (readable, restricted):
        await store.write(each.opening(TRANSCRIPT, turns=turn()))
    await store.write(bare.opening(plan(facts=assignment()), turns=turn()))
    await store.retention.restrict(restricted.id, Ground.ACCURACY, NOW)
    (sampled,) = await store.proofs.sample(NOW, 10)
    assert (sampled.session_id, sampled.channel, sampled.purpose) == (readable.id, "chatbot", "improve-chatbot")
    assert await store.proofs.sample(NOW + 31 * DAY, 10) == ()
    assert await store.proofs.sample(NOW, 0) == ()


async def test_what_expires_on_which_day(store: SessionStore) -> None:
    soon, later = Customer("soon"), Customer("later")
    await store.write(soon.opening(plan(transcript=assignment(period="P1D")), turns=turn()))
    await store.write(later.opening(plan(transcript=assignment(period="P3D")), turns=turn()))
    assert await store.proofs.expiring(NOW, 4) == (1, 0, 1, 0)
    assert await store.proofs.expiring(NOW + DAY, 2) == (0, 1)


async def test_how_old_what_is_kept_is(store: SessionStore) -> None:
    old, new = Customer("old"), Customer("new")
    await store.write(old.opening(plan(transcript=assignment()), turns=turn(at=NOW)))
    kept = plan(transcript=assignment(), facts=assignment())
    await store.write(new.opening(kept, now=NOW + 2 * DAY, turns=turn(at=NOW + 2 * DAY)))
    assert await store.proofs.ages(NOW + 2 * DAY, 3) == (
        {PartKind.TRANSCRIPT: 1, PartKind.FACTS: 1}, {}, {PartKind.TRANSCRIPT: 1},
    )  # fmt: skip


async def test_how_consents_stand_by_when_that_was_said(store: SessionStore) -> None:
    one, other = Customer(), Customer()
    for each in (one, other):
        await store.write(each.opening(ON_CONSENT, turns=turn(), consents=consent()))
    (given,) = await store.proofs.consents(NOW, 30)
    assert (given.state, given.day, given.sessions) == (ConsentState.GIVEN, 0, 2)
    later = NOW + 2 * DAY
    await store.write(one.write(ON_CONSENT, now=later, consents=consent(ConsentState.WITHDRAWN, at=later)))
    counts = {(each.state, each.day): each.sessions for each in await store.proofs.consents(later, 30)}
    assert counts == {(ConsentState.GIVEN, 2): 1, (ConsentState.WITHDRAWN, 0): 1}
    assert [each.state for each in await store.proofs.consents(later, 2)] == [ConsentState.WITHDRAWN]
