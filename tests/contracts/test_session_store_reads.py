"""What every SessionStore gives back: for a purpose, until its end; lists and figures."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from storage import PartKind, PurposeRefusedError, SessionStore, UnknownSessionError
from tests.contracts.stores import texts
from tests.unit.storage.builders import DAY, NOTHING, NOW, SECOND, TRANSCRIPT, Customer, assignment, consent, plan, turn


class TestReads:
    async def test_a_purpose_that_nothing_is_kept_for_is_refused(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn()))
        for purpose in ("advertising", "", "improve"):
            with pytest.raises(PurposeRefusedError):
                await store.read(one.id, purpose, NOW)

    async def test_a_purpose_ends_in_its_second_before_any_sweep(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(), assignment("legal-defence", "P31D")))
        await store.write(one.opening(kept, turns=turn("ja")))
        assert await texts(store, one, "improve-chatbot", NOW + 30 * DAY - SECOND) == ["ja"]
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "improve-chatbot", NOW + 30 * DAY)
        assert await texts(store, one, "legal-defence", NOW + 30 * DAY) == ["ja"]
        summary = (await store.read(one.id, "legal-defence", NOW + 30 * DAY)).summary
        assert list(summary.purposes) == ["legal-defence"]

    async def test_no_session(self, store: SessionStore) -> None:
        with pytest.raises(UnknownSessionError):
            await store.read(uuid4(), "improve-chatbot", NOW)

    async def test_sessions_are_listed_newest_first_and_in_pages(self, store: SessionStore) -> None:
        customers = [Customer(str(number), now=NOW + number * SECOND) for number in range(5)]
        for customer in customers:
            await store.write(customer.opening(turns=turn()))
        newest_first = [customer.id for customer in reversed(customers)]
        assert [each.id for each in await store.sessions(NOW)] == newest_first
        page = await store.sessions(NOW, limit=2)
        assert [each.id for each in page] == newest_first[:2]
        assert [each.id for each in await store.sessions(NOW, after=page[-1].id)] == newest_first[2:]

    async def test_sessions_are_listed_by_channel_and_purpose(self, store: SessionStore) -> None:
        chat, call = Customer(), Customer("caller", "hotline")
        await store.write(chat.opening(plan(transcript=assignment("a")), turns=turn()))
        await store.write(call.opening(plan(transcript=assignment("b")), turns=turn()))
        assert [each.id for each in await store.sessions(NOW, channel="hotline")] == [call.id]
        assert [each.id for each in await store.sessions(NOW, purpose="a")] == [chat.id]
        assert await store.sessions(NOW, channel="hotline", purpose="a") == ()

    @pytest.mark.parametrize("rare", [1, 5, 1000])
    async def test_lists_by_purpose_do_not_depend_on_how_rare_it_is(
        self, store: SessionStore, monkeypatch: pytest.MonkeyPatch, rare: int
    ) -> None:
        monkeypatch.setattr("storage.sql.reading.RARE", rare)
        named: dict[str, list[UUID]] = {"common": [], "some": [], "never": []}
        for number in range(12):
            channel = "hotline" if number % 2 else "chatbot"
            one = Customer(str(number), channel, now=NOW + number * SECOND)
            purposes = ("common", "some") if number % 3 == 0 else ("common",)
            kept = tuple(assignment(purpose) for purpose in purposes)
            await store.write(one.opening(plan(transcript=kept, facts=kept), turns=turn()))
            for purpose in purposes:
                named[purpose].insert(0, one.id)
        for purpose, ids in named.items():
            assert [each.id for each in await store.sessions(NOW, purpose=purpose)] == ids
            first = await store.sessions(NOW, purpose=purpose, limit=3)
            assert [each.id for each in first] == ids[:3]
            if ids:
                rest = await store.sessions(NOW, purpose=purpose, after=first[-1].id)
                assert [each.id for each in rest] == ids[3:]
            calls = await store.sessions(NOW, purpose=purpose, channel="hotline")
            assert {each.channel for each in calls} <= {"hotline"}
            assert [each.id for each in calls] == [each for each in ids if each in {call.id for call in calls}]
        assert await store.sessions(NOW + 31 * DAY, purpose="some") == ()

    async def test_a_list_says_what_is_kept_until_when(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn(), consents=consent()))
        (summary,) = await store.sessions(NOW)
        three_years = NOW.replace(year=2029)
        assert summary.channel == "chatbot"
        assert summary.parts == (PartKind.TRANSCRIPT, PartKind.CONSENT, PartKind.FACTS)
        assert summary.purposes == {
            "improve-chatbot": NOW + 30 * DAY,
            "legal-defence": NOW + 30 * DAY,
            "prove-consent": three_years,
        }
        assert summary.expires_at == three_years
        (later,) = await store.sessions(NOW + 30 * DAY)
        assert (later.parts, later.facts) == ((PartKind.CONSENT,), None)

    async def test_what_has_ended_or_keeps_nothing_is_not_listed(self, store: SessionStore) -> None:
        one, bare = Customer(), Customer("bare")
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        await store.write(bare.opening(NOTHING, turns=turn()))
        assert [each.id for each in await store.sessions(NOW)] == [one.id]
        assert await store.sessions(NOW + 30 * DAY) == ()


class TestFigures:
    async def test_they_count_what_is_kept_and_what_is_late(self, store: SessionStore) -> None:
        for number in range(3):
            await store.write(Customer(str(number)).opening(turns=turn()))
        late = Customer("late")
        await store.write(late.opening(plan(transcript=assignment(period="PT1H")), turns=turn()))
        figures = await store.figures(NOW + timedelta(hours=1, seconds=90))
        assert figures.parts == {
            (PartKind.TRANSCRIPT, "improve-chatbot"): 3,
            (PartKind.TRANSCRIPT, "legal-defence"): 3,
            (PartKind.FACTS, "improve-chatbot"): 3,
        }
        assert (figures.sessions, figures.overdue, figures.oldest_overdue_seconds) == (4, 1, 90)

    async def test_an_empty_store(self, store: SessionStore) -> None:
        figures = await store.figures(NOW)
        assert (dict(figures.parts), figures.sessions, figures.overdue) == ({}, 0, 0)
        assert figures.oldest_overdue_seconds == 0
        await store.check()
