"""What verifying takes for a day of an earlier end of consent, and what it does not."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage.holds import Bar
from storage.plans import fingerprint, rule_of
from storage.records import AssignmentState, ConsentState, StartEvent
from storage.retention import Assigned, ends
from storage.verifying import Difference, PartAsKept, RuleAsKept, SessionAsKept, differences
from tests.unit.storage.builders import DAY, NOW, assignment, deletion_class

PROOF = rule_of(assignment("prove", deletion_class("P10D", StartEvent.CONSENT_END, maximum_open="P90D")))


def _found(day: datetime, state: ConsentState, at: datetime, ended_at: datetime | None = None) -> list[Difference]:
    kept = RuleAsKept(PROOF, AssignmentState.ACTIVE, day)
    its = ends([Assigned(PROOF.assignment.deletion_class.kind, kept.state, day)])
    part = PartAsKept(NOW, [kept], fingerprint([PROOF.id]), its, Bar(0), held=False)
    events = {} if ended_at is None else {StartEvent.CONSENT_END: ended_at}
    none = frozenset[str]()
    return list(differences(SessionAsKept(events, {"training": (state, at)}, none, Bar(0), Bar(0), [part])))


@pytest.mark.parametrize(
    ("days", "given", "differs"),
    [
        (90, 0, False),  # it runs as long as it may
        (11, 12, False),  # it had ended on the eleventh day, and the consent was given again on the twelfth
        (11, 11, False),
        (11, 10, True),  # nothing had ended by then: the rules say the ninetieth day
        (50, 0, True),
        (89, 0, True),
        (91, 95, True),
        (9, 95, True),  # no end of a consent sets this day
    ],
)
def test_while_a_consent_is_given_only_a_day_that_had_passed_before_may_be_another(
    days: int,
    given: int,
    differs: bool,  # noqa: FBT001 - a column of the table
) -> None:
    found = _found(NOW + days * DAY, ConsentState.GIVEN, NOW + given * DAY)
    assert found == ([Difference.DELETE_BY] if differs else [])


@pytest.mark.parametrize(
    ("days", "differs"), [(30, False), (11, False), (20, False), (21, True), (29, True), (31, True)]
)
def test_after_its_end_only_a_day_from_before_that_may_be_another(
    days: int,
    differs: bool,  # noqa: FBT001 - a column of the table
) -> None:
    ended = NOW + 20 * DAY
    found = _found(NOW + days * DAY, ConsentState.WITHDRAWN, ended, ended)
    assert found == ([Difference.DELETE_BY] if differs else [])
