from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gateway.errors import NoticeError
from gateway.notice.load import Loaded, load_notice

NOTICE = dedent("""\
    notice: shop-chat
    version: 2026-11
    language: de
    time_zone: Europe/Berlin
    controller:
      name: Shop GmbH
      address: Musterstadt
      email: datenschutz@shop.example
    purposes:
      improve:
        legal_basis: A6-1-f
        interest: gute Antworten
      quality:
        legal_basis: A6-1-a
        consent: keep-chat
      proof:
        legal_basis: A6-1-c
    deletion_classes:
      month: {start: collection, period: P30D}
    consents:
      keep-chat:
        ask: {de: "Dürfen wir?", en: "May we?"}
    channels:
      chat:
        kind: chat
        connector: openai
        upstream: http://bot:9000
        asks_for: [DEVICE_ID]
        keep:
          transcript: {improve: month, quality: month}
          consent: {proof: month}
    rights:
      contact: datenschutz@shop.example
      articles: ["15", "7(3)"]
    """)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Loaded]:
    """Load the notice above after replacing one piece of it by another."""

    def loaded(old: str = "", new: str = "") -> Loaded:
        assert old in NOTICE
        path = tmp_path / "notice.yaml"
        path.write_text(NOTICE.replace(old, new, 1) if old else NOTICE + new, encoding="utf-8")
        return load_notice(path)

    return loaded


@pytest.fixture
def problems(load: Callable[..., Loaded]) -> Callable[..., list[str]]:
    """Return what is told about a changed notice, each as `line: field: message`."""

    def told(old: str = "", new: str = "") -> list[str]:
        with pytest.raises(NoticeError) as refused:
            load(old, new)
        return [f"{p.line}: {p.field}: {p.message}" for p in refused.value.problems]

    return told
