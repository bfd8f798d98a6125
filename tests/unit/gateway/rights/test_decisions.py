from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gateway.notice.load import load_notice
from gateway.notice.model import Notice
from gateway.rights import decisions
from gateway.rights.attempts import Attempts
from gateway.rights.outbox import GIVEN_UP_AFTER, next_try
from storage.copies import HeldAssignment, HeldPart, SessionCopy
from storage.records import AssignmentState, ClassKind, ErasureReason, PartKind, Receipt
from storage.requests import Message, MessageKind, MessageState
from tests.integration.rights_shop import RIGHTS

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"
ID = UUID(int=1)


@pytest.fixture
def notice(tmp_path: Path) -> Notice:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    return load_notice(path).notice


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        ((2026, 1, 31, 11), (2026, 2, 28, 11), (2026, 4, 30, 10)),  # the last of a shorter month; summer time
        ((2026, 11, 26, 12), (2026, 12, 26, 12), (2027, 2, 26, 12)),
        ((2026, 3, 15, 23, 30), (2026, 4, 15, 22, 30), (2026, 6, 15, 22, 30)),  # 16 March in Berlin, at half past
    ],
)
def test_the_clock_counts_months_on_the_notice_s_calendar(
    received: tuple[int, ...], due: tuple[int, ...], extended: tuple[int, ...]
) -> None:
    at = datetime(*received, tzinfo=UTC)  # type: ignore[misc,arg-type]
    assert decisions.due(at, BERLIN) == datetime(*due, tzinfo=UTC)  # type: ignore[misc,arg-type]
    assert decisions.extended(at, BERLIN) == datetime(*extended, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_request_is_kept_from_its_answer_on(notice: Notice) -> None:
    assert decisions.kept_until(notice, NOW, NOW) == datetime(2029, 11, 26, 12, tzinfo=UTC)
    assert decisions.kept_until(notice, NOW, None) > decisions.extended(NOW, BERLIN)


def test_a_request_outlives_its_messages_however_short_its_class_is(notice: Notice) -> None:
    short = notice.deletion_classes["requests-3-years"].model_copy(update={"period": "P1D"})
    brief = notice.model_copy(update={"deletion_classes": {"requests-3-years": short}})
    assert decisions.kept_until(brief, NOW, NOW) > NOW + GIVEN_UP_AFTER


def part(kind: PartKind = PartKind.TRANSCRIPT, *, held: bool = False, statutory: bool = False) -> HeldPart:
    class_kind = ClassKind.STATUTORY if statutory else ClassKind.OPERATIONAL
    until = NOW + timedelta(days=9)
    why = HeldAssignment("improve", "A6-1-f", "days", class_kind, AssignmentState.ACTIVE, until)
    return HeldPart(ID, kind, NOW, (why,), held=held)


def copy(*parts: HeldPart) -> SessionCopy:
    return SessionCopy(ID, "chat", NOW, "1", restricted=False, parts=parts)


def test_an_erasure_s_answer_says_what_is_gone_and_what_is_blocked() -> None:
    receipt = Receipt(
        ID, ID, PartKind.FACTS, ("days",), ErasureReason.REQUESTED, "subject", "1", 1, "", "rows", NOW, NOW
    )
    later = replace(receipt, backups_clean_by=NOW + timedelta(days=30))
    answer = decisions.erasure_answer([receipt, later], [copy(part(statutory=True), part(held=True))])
    assert answer.gone == {PartKind.FACTS: 2}
    assert answer.backups_clean_by == NOW + timedelta(days=30)
    assert answer.blocked == (
        decisions.Blocked(PartKind.TRANSCRIPT, "improve", NOW + timedelta(days=9)),
        decisions.Blocked(PartKind.TRANSCRIPT, None, None),
    )
    assert decisions.erasure_answer([], []) == decisions.ErasureAnswer({}, (), None)


def test_only_what_rests_on_an_interest_can_be_objected_to() -> None:
    assert decisions.objected_sessions([copy(part())], "improve") == (ID,)
    assert decisions.objected_sessions([copy(part(statutory=True))], "improve") == ()
    assert decisions.objected_sessions([copy(part())], "quality") == ()
    assert decisions.objected_sessions([copy(part())], None) == (ID,)


@pytest.mark.parametrize("state", list(AssignmentState))
def test_only_what_stands_can_be_objected_to(state: AssignmentState) -> None:
    improve = part()
    its = replace(improve, assignments=(replace(improve.assignments[0], state=state),))
    stands = state in {AssignmentState.ACTIVE, AssignmentState.OBJECTED}
    assert decisions.objected_sessions([copy(its)], "improve") == ((ID,) if stands else ())


def test_attempts_end_and_come_back() -> None:
    attempts = Attempts(2, timedelta(hours=1))
    assert [attempts.allow("a", NOW) for _ in range(3)] == [True, True, False]
    assert attempts.allow("b", NOW)
    assert attempts.allow("a", NOW + timedelta(hours=1))


def test_waits_grow_and_end() -> None:
    message = Message(ID, ID, "Helfer GmbH", MessageKind.ERASURE, MessageState.WAITING, NOW, 0, NOW)
    waits = [next_try(replace(message, attempts=number), NOW) for number in range(20)]
    lengths = [each - NOW for each in waits if each is not None]
    assert lengths[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert lengths == sorted(lengths)
    assert lengths[-1] == timedelta(hours=6)
    assert next_try(message, NOW + GIVEN_UP_AFTER) is None
