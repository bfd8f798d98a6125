"""Addresses in what a bot answers: those of the bot lead through the gateway, others lead nowhere.

A callback, a stream or a redirect that went straight to the bot would carry what callers say around everything here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

_SOCKETS = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one channel.

    Attributes:
        public: where the platform reaches the gateway, such as `https://voice.shop.example`.
        channel: the channel's name.
        bot: the bot's address, as the gateway calls it.
        own: further addresses by which the bot calls itself.
    """

    public: str
    channel: str
    bot: str
    own: Sequence[str] = ()

    def through(self, url: str, path: str, *, under: str = "") -> str | None:
        """Return an address of the bot as one of the gateway, None for one that is not the bot's.

        `path` is that of the request that is answered: an address may be relative to it. `under` is put before the
        path of one that is no socket's.
        """
        try:
            parts = urlsplit(urljoin(f"{self.bot.rstrip('/')}/{path}", url.strip()))
            rest = next((found for base in (self.bot, *self.own) if (found := _below(parts, base)) is not None), None)
        except ValueError:
            return None
        if rest is None:
            return None
        scheme = parts.scheme if parts.scheme in {"http", "https"} else None
        return self.to(rest if scheme is None else under + rest, parts.query, socket=scheme is None)

    def to(self, path: str, query: str = "", *, socket: bool = False) -> str:
        """Return the gateway's address for a path of the channel."""
        public = urlsplit(self.public)
        scheme = _SOCKETS[public.scheme] if socket else public.scheme
        whole = f"{public.path.rstrip('/')}/{self.channel}/{path.lstrip('/')}"
        return urlunsplit((scheme, public.netloc, whole, query, ""))

    def at_bot(self, path: str, *, socket: bool = False) -> str:
        """Return the bot's address for a path of the channel."""
        base = urlsplit(self.bot)
        scheme = _SOCKETS[base.scheme] if socket else base.scheme
        return urlunsplit((scheme, base.netloc, f"{base.path.rstrip('/')}/{path.lstrip('/')}", "", ""))


def _below(url: SplitResult, base: str) -> str | None:
    """Return the path below a base address, if it is of the same host and below it."""
    root = urlsplit(base)
    if url.username is not None or url.scheme not in {"http", "https", "ws", "wss"}:
        return None
    if (url.hostname, _port(url)) != (root.hostname, _port(root)):
        return None
    above = root.path.rstrip("/")
    if not (url.path == above or url.path.startswith(above + "/")) or ".." in url.path:
        return None
    return url.path[len(above) :].lstrip("/")


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme in {"https", "wss"} else 80)
