from __future__ import annotations

from pathlib import Path

from gateway.notice.call_checks import CALL_CONNECTORS
from gateway.notice.elsewhere import TO_SWITCH_OFF, to_switch_off
from gateway.notice.load import load_notice


def test_every_platform_is_asked_what_it_records_or_named() -> None:
    assert CALL_CONNECTORS - {"twilio", "vier"} == TO_SWITCH_OFF.keys()


def test_only_channels_of_calls_are_named() -> None:
    notice = load_notice(Path("notices/imtron.yaml")).notice
    assert [name for name, _ in to_switch_off(notice)] == ["hotline", "callbot"]
