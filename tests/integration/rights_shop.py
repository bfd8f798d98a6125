"""A shop whose notice takes requests, a mail server that remembers, and what a person does on the page or the API."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from gateway.building import redactor_of
from gateway.metrics import Metrics
from gateway.notice.load import Loaded
from gateway.redacting import ChannelRedaction
from tests.integration.conftest import NOTICE, Shop

RIGHTS = (
    NOTICE.replace(
        'rights: {contact: ds@shop.example, articles: ["15"]}',
        """
rights:
  contact: ds@shop.example
  articles: ["15", "16", "17", "18", "19", "20", "21", "7(3)"]
  authority: Die Landesbeauftragte
  keep: requests-3-years
  doubt: {de: "Wir können nicht erkennen, dass Sie es sind.", en: "We can't tell that it is you."}
recipients:
  - {name: Helfer GmbH, purposes: [improve], inform: dpo@helfer.example}
  - {name: Andere GmbH, purposes: [prove-consent], inform: dpo@andere.example}
  - name: {de: Stille GmbH, en: Quiet Ltd}
    country: {de: Kanada, en: Canada}
    safeguard: {de: Angemessenheitsbeschluss, en: adequacy decision}
""",
    )
    .replace(
        "deletion_classes:",
        "deletion_classes:\n  requests-3-years: {start: matter-resolved, period: P3Y}\n"
        "  tax-6-years: {start: collection, period: P6Y, kind: statutory}",
    )
    .replace("    asks_for: [DEVICE_ID]", "    asks_for: [DEVICE_ID]\n    index: [EMAIL, PHONE, CUSTOMER_NO]")
)
EMAIL = "erika@muster.example"
SAYS = f"Guten Tag, meine Mail ist {EMAIL}"


def texts_of(loaded: Loaded) -> Callable[[str], ChannelRedaction]:
    """Return what gives the redaction of a channel."""

    def texts(name: str) -> ChannelRedaction:
        channel = loaded.notice.channels[name]
        return ChannelRedaction(channel, redactor_of(channel), Metrics().channel(name))

    return texts


@dataclass
class Mailbox:
    """Remembers what it was sent: recipient and text."""

    letters: list[tuple[str, str]] = field(default_factory=list)
    refuses: bool = False

    async def handle_DATA(self, _server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return "451 later"
        message = message_from_bytes(envelope.content or b"")  # type: ignore[arg-type]
        payload = message.get_payload(decode=True)
        assert isinstance(payload, bytes)
        self.letters.append((envelope.rcpt_tos[0], payload.decode()))
        return "250 OK"

    def code(self) -> str:
        """Return the last code."""
        found = re.search(r"\b(\d{8})\b", self.letters[-1][1])
        assert found is not None
        return found[1]


@contextlib.asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[Mailbox, str]]:
    """Run a real mail server; yields its mailbox and its address as a setting."""
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="localhost", loop=loop), "127.0.0.1", 0)
    async with server:
        yield mailbox, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def post(
    shop: Shop,
    path: str,
    shown: dict[str, str] | None = None,
    /,
    **said: Any,  # noqa: ANN401 - fields
) -> tuple[int, Any]:
    """Post JSON to a path of the public listener; returns status and document."""
    url = f"{shop.addresses.public}{path}"
    async with shop.client.post(url, json=said, headers=shown or {}) as response:
        return response.status, await response.json()


async def proven(
    shop: Shop,
    mailbox: Mailbox,
    right: str,
    contact: str = EMAIL,
    **said: Any,  # noqa: ANN401 - fields
) -> dict[str, Any]:
    """Ask for a right by mail and give the code; returns the answer."""
    status, taken = await post(shop, "/-/rights", right=right, contact=contact, **said)
    assert status == 202, taken
    status, answer = await post(shop, "/-/rights/code", reference=taken["reference"], code=mailbox.code())
    assert status == 200, answer
    document: dict[str, Any] = answer
    return document
