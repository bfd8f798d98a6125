"""The bootstrap token of the internal listener: a setting, or a file in the home that is made on first start."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from gateway.errors import SettingsError
from gateway.settings import SHORTEST_TOKEN, Settings
from storage.durable import write_new


def internal_token(settings: Settings) -> str:
    """Return the internal listener's bearer token; a random one is made on first start (mode 0600)."""
    if settings.internal_token is not None:
        return settings.internal_token.get_secret_value()
    path = settings.home / "internal.token"
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise SettingsError(f"internal.token in SORDINO_HOME can't be made: {error.strerror}") from None
    token = _read_token(path)
    if len(token) < SHORTEST_TOKEN:
        raise SettingsError(
            f"internal.token in SORDINO_HOME is shorter than {SHORTEST_TOKEN} characters; "
            "delete it, so that a new one is made, or set SORDINO_INTERNAL_TOKEN"
        )
    return token


def _make(path: Path) -> None:
    """Make the file whole: of several gateways that start at once the first one's is read by all."""
    with contextlib.suppress(FileExistsError):
        write_new(path, f"{secrets.token_urlsafe(32)}\n".encode(), 0o600)


def _read_token(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not ASCII"
        raise SettingsError(f"internal.token in SORDINO_HOME can't be read: {why}") from None
