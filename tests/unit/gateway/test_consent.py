from pathlib import Path

import pytest
import yaml

from gateway.consent import Rules, Telling
from gateway.notice.load import load_notice
from storage.records import ConsentState, PartKind

NOTICES = Path(__file__).parents[3] / "notices"

TEXT = """
notice: shop
version: "1"
language: de
controller: {name: Shop, address: Köln, email: ds@shop.example}
purposes:
  facts-only: {legal_basis: A6-1-f, interest: answering}
  quality: {legal_basis: A6-1-a, consent: recording}
  prove-consent: {legal_basis: A6-1-c}
deletion_classes:
  month: {start: collection, period: P1M}
consents:
  recording: {ask: {de: "Dürfen wir das Gespräch speichern?"}, required: %s}
channels:
  chat:
    kind: chat
    connector: openai
    upstream: http://bot:1
    tell: {ai_disclosure: {de: "Ein Bot."}, deliver: %s}
    keep:
      transcript: {quality: month}
      facts: {facts-only: month, quality: month}
      consent: {prove-consent: month}
rights: {contact: ds@shop.example, articles: ["15"]}
"""


def rules(tmp_path: Path, *, required: bool = False, deliver: str = "prepend") -> Rules:
    path = tmp_path / "notice.yaml"
    path.write_text(TEXT % (str(required).lower(), deliver), encoding="utf-8")
    notice = load_notice(path).notice
    return Rules(notice, notice.channels["chat"])


@pytest.mark.parametrize("state", [None, ConsentState.REQUESTED, ConsentState.REFUSED, ConsentState.WITHDRAWN])
def test_without_consent_nothing_that_rests_on_it_is_kept(tmp_path: Path, state: ConsentState | None) -> None:
    chat = rules(tmp_path)
    states = {} if state is None else {"recording": state}
    plan = chat.decide(states, disclosed=True).plan.assignments
    assert PartKind.TRANSCRIPT not in plan
    assert [a.purpose for a in plan[PartKind.FACTS]] == ["facts-only"]


def test_with_consent_it_is_kept_and_says_on_what_it_rests(tmp_path: Path) -> None:
    chat = rules(tmp_path)
    plan = chat.decide({"recording": ConsentState.GIVEN}, disclosed=True).plan.assignments
    (assignment,) = plan[PartKind.TRANSCRIPT]
    assert (assignment.purpose, assignment.legal_basis, assignment.consent) == ("quality", "A6-1-a", "recording")
    assert assignment.deletion_class.period == "P1M"


@pytest.mark.parametrize(("state", "asked"), [(None, True), (ConsentState.REFUSED, False), (ConsentState.GIVEN, False)])
def test_what_was_answered_is_not_asked_again(tmp_path: Path, state: ConsentState | None, asked: bool) -> None:  # noqa: FBT001
    chat = rules(tmp_path)
    decision = chat.decide({} if state is None else {"recording": state}, disclosed=True)
    assert decision.ask == (("recording",) if asked else ())


def test_a_required_consent_is_missing_until_it_is_given(tmp_path: Path) -> None:
    chat = rules(tmp_path, required=True)
    assert chat.decide({}, disclosed=True).missing == ("recording",)
    assert chat.decide({"recording": ConsentState.REFUSED}, disclosed=True).missing == ("recording",)
    assert chat.decide({"recording": ConsentState.GIVEN}, disclosed=True).missing == ()


@pytest.mark.parametrize(("deliver", "expected"), [("prepend", Telling.PREPEND), ("frontend", Telling.REQUIRED)])
def test_the_disclosure_comes_before_the_first_answer(tmp_path: Path, deliver: str, expected: Telling) -> None:
    chat = rules(tmp_path, deliver=deliver)
    assert chat.decide({}, disclosed=False).telling is expected
    assert chat.decide({}, disclosed=True).telling is Telling.DONE


def test_consents_and_purposes_of_a_channel(tmp_path: Path) -> None:
    chat = rules(tmp_path)
    assert chat.consents == ("recording",)
    assert chat.purposes_of("recording") == ("quality",)


@pytest.mark.parametrize("path", sorted(NOTICES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_notices_that_come_with_the_project_are_in_order(path: Path) -> None:
    loaded = load_notice(path)
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["notice"] == loaded.notice.notice


def test_the_same_answers_yield_the_very_same_plan(tmp_path: Path) -> None:
    chat = rules(tmp_path)
    given = {"recording": ConsentState.GIVEN}
    assert chat.decide(given, disclosed=True).plan is chat.decide(dict(given), disclosed=False).plan
    assert chat.decide({}, disclosed=True).plan is not chat.decide(given, disclosed=True).plan
