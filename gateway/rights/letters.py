"""How a letter reaches a person or a recipient: by SMTP, or by a hook of the controller's.

A hook gets a POST with JSON, signed: `X-Sordino-Signature: sha256=<HMAC-SHA256 of the body, in hexadecimal digits>`.
Any 2xx is the word that it was taken on. Nothing of a letter is logged, nor what a server answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import aiohttp
import orjson

from gateway.destinations import Resolver, open_socket
from gateway.errors import RefusedError
from gateway.rights.contacts import is_mailbox

SIGNATURE_HEADER: Final = "X-Sordino-Signature"
_SECONDS: Final = 15.0
_FIRST_BAD: Final = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter. `kind` tells a hook what it is; `fields` are what it may use in place of the text."""

    to: str = field(repr=False)
    kind: str
    language: str
    subject: str
    text: str = field(repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


class Courier(Protocol):
    """Brings letters. Raises RefusedError (503) if that fails."""

    def reaches(self, to: str) -> bool:
        """Tell whether letters can go there at all."""

    async def send(self, letter: Letter) -> None:
        """Bring a letter."""


class SmtpCourier:
    """Brings letters by SMTP: `smtp://user@host:25`, `smtps://host:465`, or `smtp+starttls://host:587`."""

    def __init__(self, address: str, password: str, sender: str) -> None:
        """Take the server's address, the password that goes with its user, and from whom letters come."""
        self._at = urlsplit(address)
        self._password = password
        self._sender = sender

    def reaches(self, to: str) -> bool:
        """Tell whether this is a mailbox."""
        return "@" in to

    async def send(self, letter: Letter) -> None:
        """Bring a letter to the mailbox that it is for, and to no other that its name could be read as."""
        if not is_mailbox(letter.to):
            raise undelivered()
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        try:
            await asyncio.to_thread(self._send, message)
        except (OSError, smtplib.SMTPException, ValueError):
            raise undelivered() from None

    def _send(self, message: EmailMessage) -> None:
        host, tls = self._at.hostname or "", ssl.create_default_context()
        name = self._sender.rpartition("@")[2]  # otherwise this machine's name is looked up and told
        if self._at.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, self._at.port or 465, name, timeout=_SECONDS, context=tls)
        else:
            server = smtplib.SMTP(host, self._at.port or 25, name, timeout=_SECONDS)
        with server:
            if self._at.scheme == "smtp+starttls":
                server.starttls(context=tls)
            if self._at.username:
                server.login(unquote(self._at.username), self._password)
            server.send_message(message)


class HookCourier:
    """Brings letters to a hook of the controller's, which knows how to reach people: mail, SMS, a letter."""

    def __init__(self, address: str, secret: str) -> None:
        """Take the hook's address and the secret that signs."""
        self._address = address
        self._secret = secret

    def reaches(self, to: str) -> bool:
        """Tell that the hook decides."""
        return bool(to)

    async def send(self, letter: Letter) -> None:
        """Bring a letter."""
        said = {
            "kind": letter.kind,
            "to": letter.to,
            "language": letter.language,
            "subject": letter.subject,
            "text": letter.text,
            **letter.fields,
        }
        await post_signed(self._address, orjson.dumps(said), self._secret)


async def post_signed(address: str, body: bytes, secret: str) -> None:
    """Send a signed body. Raises RefusedError (503) unless it was taken with 2xx."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: f"sha256={signature}"}
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    connector = aiohttp.TCPConnector(resolver=Resolver(), socket_factory=open_socket)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client,
            client.post(address, data=body, headers=headers, allow_redirects=False) as response,
        ):
            if response.status >= _FIRST_BAD:
                raise undelivered()
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise undelivered() from None


def undelivered() -> RefusedError:
    """Return the error for a letter that did not go."""
    return RefusedError("letter_not_sent", 503, "The message can't be sent now; try again later")
