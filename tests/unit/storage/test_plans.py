from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage import Assignment, ConsentState, StartEvent
from storage.plans import PlanPreparer, consent_end, fingerprint, prepare
from tests.unit.storage.builders import DAY, NOW, assignment, deletion_class

A, B = assignment("a"), assignment("b", "P2D")
GIVEN, REFUSED, WITHDRAWN, REQUESTED = (
    ConsentState.GIVEN,
    ConsentState.REFUSED,
    ConsentState.WITHDRAWN,
    ConsentState.REQUESTED,
)


def test_order_and_repetition_make_no_other_plan() -> None:
    assert prepare((A, B)) == prepare((B, A, B))
    assert prepare((A, B)).fingerprint == fingerprint(rule.id for rule in prepare((B, A)).rules)


@pytest.mark.parametrize(
    "other",
    [
        replace(A, purpose="c"),
        replace(A, legal_basis="A6-1-b"),
        replace(A, consent="training"),
        replace(A, deletion_class=deletion_class("P31D")),
        replace(A, deletion_class=deletion_class(name="another")),
        replace(A, deletion_class=deletion_class(start=StartEvent.SESSION_END)),
        replace(A, deletion_class=deletion_class(maximum_open="P2Y")),
        replace(A, deletion_class=replace(deletion_class(), time_zone="UTC")),
    ],
)
def test_whatever_is_promised_otherwise_makes_another_plan(other: Assignment) -> None:
    assert prepare((A,)).fingerprint != prepare((other,)).fingerprint


def test_each_rule_ends_by_its_class() -> None:
    prepared = prepare((A, B, assignment("c")))
    ends = prepared.delete_by(NOW, {})
    by_purpose = {rule.assignment.purpose: end for rule, end in zip(prepared.rules, ends, strict=True)}
    assert by_purpose == {"a": NOW + 30 * DAY, "b": NOW + 2 * DAY, "c": NOW + 30 * DAY}


def test_a_preparer_remembers_without_mixing_up() -> None:
    preparer = PlanPreparer()
    for number in range(3000):
        said = (assignment(str(number)),)
        assert preparer.prepare(said) == preparer.prepare(said) == prepare(said)


@pytest.mark.parametrize(
    ("states", "before", "end"),
    [
        ([GIVEN], None, None),
        ([REFUSED], None, None),
        ([REQUESTED], None, None),
        ([WITHDRAWN], None, NOW),
        ([WITHDRAWN, GIVEN], None, None),
        ([WITHDRAWN, REFUSED], None, NOW),
        ([WITHDRAWN, WITHDRAWN], NOW - timedelta(1), NOW - timedelta(1)),
        ([GIVEN], NOW - timedelta(1), None),
        ([REFUSED], NOW - timedelta(1), NOW - timedelta(1)),
        ([], None, None),
    ],
)
def test_consents_have_ended_when_the_last_one_given_is_withdrawn(
    states: list[ConsentState], before: datetime | None, end: datetime | None
) -> None:
    assert consent_end(states, before, NOW) == end
