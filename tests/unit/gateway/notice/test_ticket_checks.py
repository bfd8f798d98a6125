"""What must hold for a channel of tickets."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.connectors.tickets import CONNECTOR
from gateway.errors import NoticeError
from gateway.notice.load import load_notice
from gateway.notice.ticket_checks import TICKET_CONNECTOR
from tests.integration.test_tickets import NOTICE


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("connector: tickets", "connector: openai", "connector: does not go with this kind"),
        ("kind: ticket", "kind: chat", "connector: does not go with this kind"),
        ("    index:", "    upstream: http://bot\n    index:", "upstream: goes with chats and calls"),
        ("    index:", '    tell: {ai_disclosure: {de: "KI"}}\n    index:', "tell: goes with chats and calls"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in NOTICE
    path = tmp_path / "notice.yaml"
    path.write_text(NOTICE.replace(old, new), encoding="utf-8")
    with pytest.raises(NoticeError) as refused:
        load_notice(path)
    assert any(f"channels.chat.{told}" in f"{one.field}: {one.message}" for one in refused.value.problems)


def test_the_connector_has_the_name_that_the_check_knows() -> None:
    assert CONNECTOR.name == TICKET_CONNECTOR
