"""What every RetentionStore does: days are as the rules say, and a changed notice only shortens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import (
    Assignment,
    ConsentState,
    ErasureReason,
    Ground,
    HoldTerms,
    PartKind,
    RetentionRefusedError,
    SessionEvent,
    SessionStore,
    StartEvent,
)
from storage.shortening import PLAN_PERIOD, Promises
from tests.contracts.stores import texts
from tests.unit.storage.builders import (
    DAY,
    NOTHING,
    NOW,
    SECOND,
    TRANSCRIPT,
    Customer,
    assignment,
    consent,
    deletion_class,
    plan,
    turn,
)


def promised(*said: Assignment, kind: PartKind = PartKind.TRANSCRIPT, channel: str = "chatbot") -> Promises:
    return {channel: {kind: {each.purpose: each for each in said}}}


async def test_after_all_that_can_happen_every_day_is_as_the_rules_say(store: SessionStore) -> None:
    one, two = Customer(), Customer("two")
    ended = deletion_class("P5D", StartEvent.SESSION_END)
    kept = plan(
        transcript=(assignment(period=ended), assignment("train", consent="training"), assignment("learn")),
        facts=assignment("count", deletion_class("P9D", StartEvent.MATTER_RESOLVED)),
    )
    for each in (one, two):
        await store.write(each.opening(kept, turns=turn(), consents=consent()))
    await store.retention.place_hold(one.id, HoldTerms("case-1", "legal", NOW + DAY), NOW)
    await store.retention.place_hold(two.id, HoldTerms("case-1", "legal", NOW + DAY), NOW, await store.part_ids(two.id))
    await store.retention.object(one.id, NOW, "learn")
    await store.retention.restrict(two.id, Ground.ACCURACY, NOW)
    await store.write(one.write(kept, now=NOW + DAY, turns=turn(), events=SessionEvent.SESSION_END))
    await store.write(two.write(NOTHING, now=NOW + DAY, events=SessionEvent.MATTER_RESOLVED))
    await store.write(two.write(NOTHING, now=NOW + DAY, consents=consent(ConsentState.WITHDRAWN)))
    await store.retention.end_purpose(two.id, "learn", NOW + DAY)
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW + DAY, "dpo")
    await store.end_idle(NOW + 2 * DAY, "chatbot", NOW + 3 * DAY)
    assert await store.retention.verify() == {}


class TestChangedNotice:
    async def test_lengthening_never_touches_what_exists(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        plan_ = await store.retention.shortening(promised(assignment(period="P90D")), "n2", NOW)
        assert (plan_.parts, plan_.days) == (0, {})
        await store.retention.shortening(promised(assignment(period="P90D")), "n2", NOW, apply=plan_.id)
        assert len(await store.due(NOW + 30 * DAY)) == 1

    async def test_shortening_is_shown_first_and_applied_as_shown(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other", channel="hotline")
        await store.write(one.opening(plan(transcript=(assignment(), assignment("learn", "P60D"))), turns=turn()))
        await store.write(other.opening(TRANSCRIPT, turns=turn()))
        new = promised(assignment(period="P10D"), assignment("learn", "P60D"))
        shown = await store.retention.shortening(new, "n2", NOW)
        assert shown.days == {("improve-chatbot", (NOW + 10 * DAY).date()): 1}
        assert shown.parts == 1
        assert await texts(store, one, "improve-chatbot", NOW + 20 * DAY), "showing changes nothing"
        before = await store.ledger.figures()
        await store.retention.shortening(new, "n2", NOW, apply=shown.id)
        after = await store.ledger.figures()
        assert after.size + after.waiting == before.size + before.waiting + 1
        (listed,) = await store.sessions(NOW, channel="chatbot")
        assert listed.purposes == {"improve-chatbot": NOW + 10 * DAY, "learn": NOW + 60 * DAY}
        assert (await store.retention.shortening(new, "n2", NOW)).parts == 0
        assert await store.retention.verify() == {}
        assert {part.session_id for part in await store.due(NOW + 30 * DAY)} == {other.id}

    async def test_another_plan_is_refused(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        new = promised(assignment(period="P10D"))
        shown = await store.retention.shortening(new, "n2", NOW)
        for promises, digest, apply, at in (
            (new, "n3", shown.id, NOW),
            (promised(assignment(period="P9D")), "n2", shown.id, NOW),
            (promised(assignment(period="P10D"), channel="hotline"), "n2", shown.id, NOW),
            (new, "n2", shown.id, NOW + PLAN_PERIOD),
            (new, "n2", shown.id, NOW - DAY),
            (new, "n2", shown.id[:-1], NOW),
            (new, "n2", "not a plan", NOW),
            (new, "n2", "f" * 32, NOW),
        ):
            with pytest.raises(RetentionRefusedError):
                await store.retention.shortening(promises, digest, at, apply=apply)
        assert len(await store.due(NOW + 29 * DAY)) == 0

    async def test_what_came_later_is_not_touched_and_what_has_gone_is_gone(self, store: SessionStore) -> None:
        one, gone, later = Customer(), Customer("gone"), Customer("later")
        for each in (one, gone):
            await store.write(each.opening(TRANSCRIPT, turns=turn()))
        new = promised(assignment(period="P10D"))
        shown = await store.retention.shortening(new, "n2", NOW)
        await store.write(later.opening(TRANSCRIPT, now=NOW + SECOND, turns=turn()))
        await store.erase(await store.part_ids(gone.id), ErasureReason.REQUESTED, NOW + SECOND, "dpo")
        done = await store.retention.shortening(new, "n2", NOW + DAY, apply=shown.id)
        assert (shown.parts, done.parts, done.id) == (2, 1, shown.id)
        assert {part.session_id for part in await store.due(NOW + 29 * DAY)} == {one.id}
        assert (await store.retention.shortening(new, "n2", NOW + DAY)).parts == 1, "what came later is another plan's"

    async def test_what_broke_off_is_done_again(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        new, looked_at = promised(assignment(period="P10D")), list[int]()

        async def note(count: int) -> None:
            looked_at.append(count)

        shown = await store.retention.shortening(new, "n2", NOW, progress=note)
        assert looked_at[-1] == 1
        for parts in (1, 0):
            done = await store.retention.shortening(new, "n2", NOW, apply=shown.id)
            assert done.parts == parts
        assert await store.retention.verify() == {}

    async def test_what_is_promised_no_longer_ends_at_once(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(), assignment("learn")), original=assignment("learn"))
        await store.write(one.opening(kept, turns=turn(original="Eva")))
        shown = await store.retention.shortening(promised(assignment()), "n2", NOW)
        assert shown.days == {("learn", None): 2}
        await store.retention.shortening(promised(assignment()), "n2", NOW, apply=shown.id)
        assert set((await store.part_ids(one.id)).values()) == {PartKind.TRANSCRIPT}
        assert [list(each.purposes) for each in await store.sessions(NOW)] == [["improve-chatbot"]]
        assert [each.reason for each in await store.receipts()] == [ErasureReason.ENDED]
        assert await store.retention.verify() == {}

    async def test_what_waits_for_its_event_is_shortened_for_later(self, store: SessionStore) -> None:
        one = Customer()
        old = deletion_class("P30D", StartEvent.MATTER_RESOLVED, maximum_open="P90D")
        await store.write(one.opening(plan(transcript=assignment(period=old)), turns=turn()))
        new = promised(assignment(period=deletion_class("P10D", StartEvent.MATTER_RESOLVED, maximum_open="P90D")))
        shown = await store.retention.shortening(new, "n2", NOW)
        await store.retention.shortening(new, "n2", NOW, apply=shown.id)
        await store.write(one.write(NOTHING, now=NOW + DAY, events=SessionEvent.MATTER_RESOLVED))
        assert [part.due_at for part in await store.due(NOW + 11 * DAY)] == [NOW + timedelta(days=11)]

    async def test_a_hold_stands_against_it(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        await store.retention.place_hold(one.id, HoldTerms("case-1", "legal", NOW + DAY), NOW)
        new: Promises = {"chatbot": {}}
        shown = await store.retention.shortening(new, "n2", NOW)
        await store.retention.shortening(new, "n2", NOW, apply=shown.id)
        assert len(await store.part_ids(one.id)) == 1
        assert [each.held for each in await store.retention.blocked(one.id, NOW)] == [True]
