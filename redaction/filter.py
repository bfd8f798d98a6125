"""What ``sordino redact`` does with a line: pure functions between text or JSON records and the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from redaction.languages import identify
from redaction.operators import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redaction.engine import Channel, Redactor

_CHANNELS = ("chat", "call", "mail", "ticket")


def redact_text(redactor: Redactor, text: str, *, policy: Policy | None = None, language: str | None = None) -> str:
    """Returns ``text`` with its personal data masked, or treated as ``policy`` says.

    Without ``language`` the text's own is inferred.
    """
    return redactor.redact(text, policy or Policy(), language=language or identify(text)).text


def find_in_record(redactor: Redactor, record: Mapping[str, Any], *, explain: bool = False) -> dict[str, Any]:
    """Returns ``{"id", "text", "findings": [[start, end, TYPE], ...]}`` for one JSON record.

    Args:
        redactor: the engine.
        record: ``id``, ``text`` and, where known, ``lang``, ``previous``, ``channel``; other fields are left out.
            Without ``lang`` the text's language is inferred.
        explain: adds recogniser and score to every finding; for the eye of a developer, never for a log.

    Raises:
        KeyError: there is no ``text``.
    """
    channel, text = record.get("channel") or "chat", str(record["text"])
    findings = redactor.find(
        text,
        previous=str(record.get("previous") or ""),
        language=record.get("lang") or identify(text),
        channel=cast("Channel", channel if channel in _CHANNELS else "chat"),
    )
    rows: list[list[Any]] = [[finding.start, finding.end, str(finding.type)] for finding in findings]
    if explain:
        rows = [
            [*row, finding.recogniser, round(finding.score, 3)] for row, finding in zip(rows, findings, strict=True)
        ]
    return {"id": record.get("id"), "text": record["text"], "findings": rows}
