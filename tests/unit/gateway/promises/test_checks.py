from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.notice.load import load_notice
from gateway.promises import Findings, Promise, outcomes
from gateway.rendering import all_words
from storage.proving import Evidence, Kept
from storage.records import PartKind
from storage.requests import RequestFigures, RequestState
from storage.verifying import Difference

NOTICE = load_notice(Path("notices/example-consent.yaml")).notice
TRANSCRIPT = Kept("chat", PartKind.TRANSCRIPT, "quality-assurance", "A6-1-a", "keep-transcript")
FACTS = Kept("chat", PartKind.FACTS, "count-usage", "A6-1-f")
GOOD = Evidence({TRANSCRIPT: 3, FACTS: 5}, 0, {}, {}, 0, 0, 5)


def _broken(evidence: Evidence, findings: Findings | None = None) -> dict[Promise, dict[str, int]]:
    told = outcomes(NOTICE, evidence, findings or Findings())
    return {outcome.promise: dict(outcome.of_what) for outcome in told if not outcome.kept}


def test_what_is_as_promised_breaks_nothing() -> None:
    assert _broken(GOOD) == {}
    assert [outcome.promise for outcome in outcomes(NOTICE, GOOD, Findings())] == list(Promise)


@pytest.mark.parametrize(
    ("change", "promise", "of_what"),
    [
        ({"overdue": 2}, Promise.ERASED_ON_ITS_DAY, {"overdue": 2}),
        ({"unproven": 1}, Promise.RECORDED_WITH_CONSENT, {"without proof from before": 1}),
        ({"untold": 4}, Promise.AI_DISCLOSED, {"sessions": 4}),
        ({"unfounded": {PartKind.ORIGINAL: 1}}, Promise.NAMED_PURPOSE, {"original for nothing": 1}),
        ({"unconsented": {PartKind.TRANSCRIPT: 1}}, Promise.WITHDRAWN_IS_GONE, {"transcript": 1}),
    ],
)
def test_each_figure_breaks_its_promise_alone(
    change: dict[str, object], promise: Promise, of_what: dict[str, int]
) -> None:
    assert _broken(replace(GOOD, **change)) == {promise: of_what}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kept", "promise"),
    [
        (replace(FACTS, legal_basis="A6-1-b"), Promise.LEGAL_BASIS),
        (replace(TRANSCRIPT, consent=None), Promise.LEGAL_BASIS),
        (replace(FACTS, purpose="advertising"), Promise.NAMED_PURPOSE),
        (replace(FACTS, kind=PartKind.ORIGINAL), Promise.NAMED_PURPOSE),
        (replace(FACTS, channel="elsewhere"), Promise.NAMED_PURPOSE),
    ],
)
def test_what_is_kept_otherwise_than_named(kept: Kept, promise: Promise) -> None:
    what = {f"{kept.kind.value} for {kept.purpose}": 1}
    assert _broken(replace(GOOD, kept=GOOD.kept | {kept: 1})) == {promise: what}  # type: ignore[operator]


def test_what_was_looked_at_breaks_its_promise() -> None:
    assert _broken(GOOD, Findings(read=9, found={"IBAN": 1})) == {Promise.PERSONAL_DATA_REDACTED: {"IBAN": 1}}


def test_a_request_that_waits_too_long_or_did_breaks_its_promise() -> None:
    findings = Findings(requests=RequestFigures(states={RequestState.ANSWERED: 3}, overdue=2, late=1))
    assert _broken(GOOD, findings) == {Promise.REQUESTS_IN_TIME: {"overdue": 2, "answered late": 1}}


@pytest.mark.parametrize("difference", sorted(set(Difference) - {Difference.CONSENT}))
def test_a_day_or_state_that_is_not_as_the_rules_say(difference: Difference) -> None:
    assert _broken(GOOD, Findings(differences={difference.value: 2})) == {
        Promise.DAYS_AS_WRITTEN: {difference.value: 2}
    }


def test_what_stands_without_its_consent_is_told_once() -> None:
    resting = replace(GOOD, unconsented={PartKind.TRANSCRIPT: 1})
    found = _broken(resting, Findings(differences={Difference.CONSENT.value: 1}))
    assert found == {Promise.WITHDRAWN_IS_GONE: {"transcript": 1}}


@pytest.mark.parametrize("language", sorted(all_words()))
def test_every_promise_has_its_sentence(language: str) -> None:
    assert set(all_words()[language].proof.sentences) == {promise.value for promise in Promise}


def test_every_promise_has_its_row_in_the_documentation() -> None:
    rows = {line.split("`")[1] for line in Path("docs/notice.md").read_text("utf-8").splitlines() if "| `" in line[:3]}
    assert {promise.value for promise in Promise} <= rows
