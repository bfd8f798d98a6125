"""docs/notices.md and the ready notices say the same: what a file names stands on its part of the page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.notice.load import load_notice
from storage.records import ClassKind
from storage.retention import add_period

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "notices.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^## (\S+\.yaml)$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
INVENTED = "example-consent.yaml"


def test_every_ready_notice_has_its_part_of_the_page() -> None:
    assert set(PARTS) == {path.name for path in (ROOT / "notices").glob("*.yaml")} - {INVENTED}


@pytest.mark.parametrize("name", sorted(PARTS))
def test_what_a_file_names_stands_on_the_page(name: str) -> None:
    loaded, part = load_notice(ROOT / "notices" / name), PARTS[name]
    notice = loaded.notice
    named = {word for code in re.findall(r"`([^`]+)`", part) for word in re.findall(r"[a-z0-9][a-z0-9-]*", code)}
    expected = {*notice.channels, *notice.purposes, *notice.deletion_classes, *notice.consents, *notice.not_for}
    assert expected - named == set()


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_sentence_is_executed_or_out_of_scope_with_a_reason(name: str) -> None:
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", PARTS[name], re.MULTILINE)[1:]
    assert len(rows) > 7
    for sentence, executed in rows:
        assert sentence.endswith("."), sentence
        assert "`" in executed or "(" in executed or re.search(r"out of scope: \w", executed), sentence
    assert any("out of scope: " in executed for _, executed in rows)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_ready_notice_has_every_wording_in_each_of_its_languages(name: str) -> None:
    notice = load_notice(ROOT / "notices" / name).notice
    assert notice.text is not None
    for language in notice.text:
        for consent in notice.consents.values():
            assert language in consent.ask
        for purpose in notice.purposes.values():
            assert purpose.description is None or language in purpose.description
            assert not isinstance(purpose.interest, dict) or language in purpose.interest
        for channel in notice.channels.values():
            assert channel.tell is None or language in channel.tell.ai_disclosure


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_ready_notice_says_what_article_13_asks_for(name: str) -> None:
    notice = load_notice(ROOT / "notices" / name).notice
    languages = notice.text or {}
    assert notice.rights.authority is not None
    assert "77" in notice.rights.articles
    assert not isinstance(notice.rights.authority, dict) or set(notice.rights.authority) == set(languages)
    for recipient in notice.recipients:
        assert (recipient.country is None) == (recipient.safeguard is None)
        assert recipient.inform is not None or "19" not in notice.rights.articles


@pytest.mark.parametrize("name", sorted(PARTS))
def test_what_a_law_keeps_is_not_lost_with_a_matter_that_nobody_resolves(name: str) -> None:
    for rule in load_notice(ROOT / "notices" / name).notice.deletion_classes.values():
        if rule.kind is ClassKind.STATUTORY:
            zone, begun = "Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC)
            of_law = add_period(datetime(2026, 12, 31, tzinfo=UTC), rule.period, zone)
            assert add_period(begun, rule.maximum_open, zone) >= of_law
