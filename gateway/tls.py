"""TLS: certificates of the listeners and of the client to the bots, read again when their files change.

A context takes a new certificate for the handshakes that come; connections that are open keep theirs. Files that can't
be read, or do not go together, change nothing: the old certificate serves on and the log says so.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import SettingsError
from gateway.logs import LOGGER
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate, with those that have signed it, and of its key (PEM)."""

    certificate: Path
    key: Path

    def load(self, context: ssl.SSLContext) -> None:
        """Put them into a context. Raises OSError (an SSLError among them)."""
        context.load_cert_chain(self.certificate, self.key, password=_nobody)

    def state(self) -> tuple[object, ...]:
        """Return what differs once a file is another; links are followed. Raises OSError."""
        found = [path.stat() for path in (self.certificate, self.key)]
        return tuple((one.st_mtime_ns, one.st_size, one.st_ino) for one in found)


class Kept:
    """A context whose certificate follows its files."""

    def __init__(self, context: ssl.SSLContext, pair: Pair, name: str) -> None:
        """Load the files. Raises SettingsError that names the setting."""
        self.context = context
        self._pair = pair
        try:
            self._state = pair.state()
            pair.load(context)
        except OSError as error:
            raise SettingsError(f"{name}: the certificate and its key can't be used: {_why(error)}") from None

    def look(self) -> bool:
        """Take up files that have changed; returns whether they were."""
        try:
            state = self._pair.state()
            if state == self._state:
                return False
            self._pair.load(self.context)
        except OSError as error:
            LOGGER.error(
                "a new certificate can't be used; the old one serves on", extra={"error": type(error).__name__}
            )
            return False
        self._state = state
        LOGGER.info("a new certificate is used")
        return True


@dataclass(frozen=True, slots=True)
class Secured:
    """The contexts of TLS; `kept`: those whose certificates follow their files."""

    public: ssl.SSLContext | None
    internal: ssl.SSLContext | None
    upstream: ssl.SSLContext
    kept: tuple[Kept, ...]


def secured(settings: Settings) -> Secured:
    """Read the certificates that the settings name. Raises SettingsError."""
    public = _listener("PUBLIC", settings.public_tls_cert, settings.public_tls_key)
    internal = _listener("INTERNAL", settings.internal_tls_cert, settings.internal_tls_key)
    upstream, shown = calling(settings.upstream_tls_ca), None
    if settings.upstream_tls_cert is not None and settings.upstream_tls_key is not None:
        shown = Kept(upstream, Pair(settings.upstream_tls_cert, settings.upstream_tls_key), "SORDINO_UPSTREAM_TLS_CERT")
    return Secured(
        None if public is None else public.context,
        None if internal is None else internal.context,
        upstream,
        tuple(one for one in (public, internal, shown) if one is not None),
    )


def _listener(name: str, certificate: Path | None, key: Path | None) -> Kept | None:
    if certificate is None or key is None:
        return None
    return listening(Pair(certificate, key), f"SORDINO_{name}_TLS_CERT")


def listening(pair: Pair, name: str) -> Kept:
    """Return what a listener takes. Raises SettingsError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return Kept(context, pair, name)


def calling(authorities: Path | None) -> ssl.SSLContext:
    """Return what a client takes: the system's authorities, and these. Raises SettingsError."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is not None:
        try:
            context.load_verify_locations(authorities)
        except OSError as error:
            raise SettingsError(f"SORDINO_UPSTREAM_TLS_CA can't be used: {_why(error)}") from None
    return context


async def follow(kept: Sequence[Kept], every_seconds: float) -> None:
    """Look at the files again and again until cancelled."""
    while True:
        await asyncio.sleep(every_seconds)
        for one in kept:
            one.look()


def _nobody() -> str:
    """No terminal is asked for the password of a key."""
    return ""


def _why(error: OSError) -> str:
    return "they are no PEM files that go together" if isinstance(error, ssl.SSLError) else str(error.strerror)
