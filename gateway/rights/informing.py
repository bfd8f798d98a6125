"""What Art. 15(1) and (2) let a person know beside what is stored, in the reader's language, as JSON has it."""

from __future__ import annotations

from typing import Any, Final

from gateway.notice.model import Notice, Recipient
from storage.requests import Matter, Request

ORIGIN: Final = "data-subject"
"""Where all data come from (Art. 15(1)(g)): from the person, and from the device or line that they use."""


def information(notice: Notice, language: str) -> dict[str, Any]:
    """Return controller, purposes, recipients with transfers, rights, origin, and whether machines decide."""
    controller = notice.controller
    return {
        "controller": controller.model_dump(mode="json"),
        "purposes": {
            name: {
                "description": _said(notice, purpose.description, language),
                "legal_basis": purpose.legal_basis,
                "interest": _said(notice, purpose.interest, language),
            }
            for name, purpose in notice.purposes.items()
        },
        "recipients": [recipient(notice, each, language) for each in notice.recipients],
        "origin": ORIGIN,
        "rights": list(notice.rights.articles),
        "contact": notice.rights.contact,
        "authority": _said(notice, notice.rights.authority, language),
        "automated_decisions": _said(notice, notice.automated_decisions, language),
    }


def recipient(notice: Notice, each: Recipient, language: str) -> dict[str, Any]:
    """Return a recipient; `country` and `safeguard` where it processes outside the EEA (Art. 15(2))."""
    return {
        "name": notice.wording(each.name, language),
        "role": each.role,
        "categories": _said(notice, each.categories, language),
        "country": _said(notice, each.country, language),
        "safeguard": _said(notice, each.safeguard, language),
    }


def asked(request: Request, matter: Matter) -> dict[str, Any]:
    """Return what is held of the request itself."""
    return {
        "right": request.right.value,
        "received_at": request.received_at.isoformat(),
        "until": request.delete_by.isoformat(),
        "contact": matter.contact,
        "identifiers": [{"type": each.kind, "value": each.value} for each in matter.identifiers],
        "statement": matter.statement,
        "answer": matter.answer,
    }


def _said(notice: Notice, wording: Any, language: str) -> str | None:  # noqa: ANN401 - a text, or one per language
    return None if wording is None else notice.wording(wording, language)
