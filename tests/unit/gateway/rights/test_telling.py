"""Who is told of what (Art. 19): each recipient of its own sessions and purposes, of an end as of a beginning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.notice.load import load_notice
from gateway.notice.model import Notice
from gateway.rights import decisions, telling
from storage.copies import HeldAssignment, HeldPart, SessionCopy
from storage.holds import Ground, Verdict
from storage.records import AssignmentState, ClassKind, PartKind
from storage.requests import NewMessage
from tests.integration.rights_shop import RIGHTS

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ID = UUID(int=1)
ACTIVE, OBJECTED, OPERATIONAL = AssignmentState.ACTIVE, AssignmentState.OBJECTED, ClassKind.OPERATIONAL


@pytest.fixture
def notice(tmp_path: Path) -> Notice:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    return load_notice(path).notice


def kept(
    purpose: str = "improve", basis: str = "A6-1-f", state: AssignmentState = ACTIVE, kind: ClassKind = OPERATIONAL
) -> HeldAssignment:
    return HeldAssignment(purpose, basis, "days", kind, state, NOW + timedelta(days=9))


def copy(*assignments: HeldAssignment, session: UUID = ID, channel: str = "chat") -> SessionCopy:
    part = HeldPart(session, PartKind.TRANSCRIPT, NOW, assignments)
    return SessionCopy(session, channel, NOW, "1", restricted=False, parts=(part,))


def said(messages: Sequence[NewMessage]) -> list[dict[str, Any]]:
    return [{"recipient": each.recipient, **json.loads(each.content)} for each in messages]


def test_each_is_told_of_its_own_sessions_and_purposes_alone(notice: Notice) -> None:
    other = copy(kept("prove-consent", "A6-1-c"), session=UUID(int=2), channel="hotline")
    told = said(telling.erased(notice, [copy(kept()), other], NOW))
    assert {each["recipient"]: each["sessions"] for each in told} == {
        "Helfer GmbH": [{"id": str(ID), "channel": "chat", "purposes": ["improve"]}],
        "Andere GmbH": [{"id": str(UUID(int=2)), "channel": "hotline", "purposes": ["prove-consent"]}],
    }
    assert {(each["right"], each["article"], each["at"]) for each in told} == {("erasure", "19", NOW.isoformat())}
    assert telling.erased(notice, [], NOW) == ()


def test_a_recipient_of_one_channel_hears_nothing_of_another(notice: Notice) -> None:
    recipients = tuple(each.model_copy(update={"channels": ("hotline",)}) for each in notice.recipients)
    elsewhere = notice.model_copy(update={"recipients": recipients})
    assert telling.erased(elsewhere, [copy(kept())], NOW) == ()
    assert [fact.recipients for fact in decisions.facts(elsewhere, [copy(kept())], NOW)] == [()]


def test_a_withdrawal_tells_what_rested_on_the_consent_and_is_not_withdrawn_yet(notice: Notice) -> None:
    resting = replace(kept("improve"), consent="quality")
    (told,) = said(telling.withdrawn(notice, "quality", [copy(resting, kept("prove-consent"))], NOW))
    assert (told["recipient"], told["right"]) == ("Helfer GmbH", "erasure")
    assert telling.withdrawn(notice, "", [copy(resting)], NOW) != ()
    assert telling.withdrawn(notice, "other", [copy(resting)], NOW) == ()
    assert telling.withdrawn(notice, "quality", [copy(replace(resting, state=AssignmentState.WITHDRAWN))], NOW) == ()


def test_a_restriction_is_told_as_it_begins_and_as_it_ends(notice: Notice) -> None:
    (begun,) = said(telling.restricted(notice, Ground.ACCURACY, [copy(kept())], NOW))
    (ended,) = said(telling.lifted(notice, Ground.ACCURACY, [copy(kept())], NOW))
    assert (begun["right"], begun["restriction"], begun["ground"]) == ("restriction", "begun", "18-1-a")
    assert (ended["right"], ended["restriction"], ended["ground"]) == ("restriction", "ended", "18-1-a")
    assert begun["sessions"] == ended["sessions"]


@pytest.mark.parametrize("tell", [telling.restricted, telling.lifted])
def test_an_objection_to_one_purpose_is_told_to_who_has_data_for_it(notice: Notice, tell: Any) -> None:  # noqa: ANN401
    both = copy(kept("improve"), kept("prove-consent", "A6-1-c"))
    (told,) = said(tell(notice, Ground.OBJECTION, [both], NOW, "improve"))
    assert (told["recipient"], told["ground"], told["sessions"][0]["purposes"]) == (
        "Helfer GmbH",
        "18-1-d",
        ["improve"],
    )
    assert tell(notice, Ground.OBJECTION, [both], NOW, "prove-consent") == ()  # it can't be objected to
    assert {each["recipient"] for each in said(tell(notice, Ground.OBJECTION, [both], NOW))} == {
        "Helfer GmbH",
        "Andere GmbH",
    }


def test_an_objection_upheld_erases_what_it_covers_and_gives_back_the_rest(notice: Notice) -> None:
    both = copy(kept("improve", state=OBJECTED), kept("prove-consent", "A6-1-c"))
    told = said(telling.decided(notice, Verdict.UPHELD, [both], NOW))
    assert [(each["recipient"], each["right"], each.get("restriction")) for each in told] == [
        ("Helfer GmbH", "erasure", None),
        ("Andere GmbH", "restriction", "ended"),
    ]
    (alone,) = said(telling.decided(notice, Verdict.UPHELD, [both], NOW, "improve"))
    assert (alone["recipient"], alone["right"]) == ("Helfer GmbH", "erasure")
    dismissed = said(telling.decided(notice, Verdict.DISMISSED, [both], NOW))
    assert {(each["recipient"], each["restriction"]) for each in dismissed} == {
        ("Helfer GmbH", "ended"),
        ("Andere GmbH", "ended"),
    }


def test_a_purpose_that_ends_is_told_but_not_the_duty_of_the_same_name(notice: Notice) -> None:
    assert said(telling.ended(notice, "improve", [copy(kept())], NOW))[0]["right"] == "erasure"
    assert telling.ended(notice, "improve", [copy(kept(kind=ClassKind.STATUTORY))], NOW) == ()
    assert telling.ended(notice, "improve", [copy(kept(state=AssignmentState.ENDED))], NOW) == ()


def test_a_correction_is_told_in_the_person_s_words(notice: Notice) -> None:
    (told,) = said(telling.rectified(notice, "Ich heiße anders.", [copy(kept())], NOW))
    assert (told["right"], told["statement"]) == ("rectification", "Ich heiße anders.")
