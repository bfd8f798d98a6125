"""The client to the bots: pooled connections, deadlines, an allow-list of headers, no redirects, no cookies.

Only the address that the notice or the deployment names is ever contacted, and only where a bot may be
(`gateway/destinations.py`). Nothing of the client's own
connection goes on (address, user agent, cookies).
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from copy import copy
from time import perf_counter
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver

from gateway.destinations import Resolver, open_socket
from gateway.errors import UpstreamError

REQUEST_HEADERS = (
    "Accept", "Authorization", "Content-Type", "Idempotency-Key", "OpenAI-Beta", "OpenAI-Organization",
    "OpenAI-Project", "X-API-Key", "X-Request-Id",
)  # fmt: skip
RESPONSE_HEADERS = ("Content-Type", "OpenAI-Processing-Ms", "OpenAI-Version", "Retry-After", "X-Request-Id")
_HEARTBEAT_SECONDS = 20.0


class Reply:
    """A bot's answer whose body is still to be read; `waited_seconds` grows with the time spent on it."""

    def __init__(self, response: aiohttp.ClientResponse, max_bytes: int, waited_seconds: float) -> None:
        """Take over an open response."""
        self._response = response
        self._max_bytes = max_bytes
        self.waited_seconds = waited_seconds
        self.status = response.status
        self.content_type = response.headers.get("Content-Type", "")
        self.headers: Mapping[str, str] = _allowed(response.headers, RESPONSE_HEADERS)

    @property
    def is_whole(self) -> bool:
        """Whether all of the body is here."""
        return self._response.content.is_eof()

    async def body(self) -> bytes:
        """Read the whole body. Raises UpstreamError when it is too large, too slow or cut off."""
        chunks = []
        size = 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > self._max_bytes:
                raise UpstreamError("answer_too_large", 502)
            chunks.append(chunk)
        return b"".join(chunks)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises UpstreamError."""
        stream = self._response.content
        while True:
            began = perf_counter()
            try:
                chunk = await stream.readany()
            except TimeoutError:
                raise UpstreamError("too_slow", 504) from None
            except (aiohttp.ClientError, ConnectionError):
                raise UpstreamError("cut_off", 502) from None
            finally:
                self.waited_seconds += perf_counter() - began
            if not chunk:
                return
            yield chunk

    def close(self) -> None:
        """Let go: a body read to its end gives its connection back, any other is cut (the bot may stop)."""
        self._response.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


class Upstream:
    """The bots of one gateway process."""

    def __init__(
        self,
        *,
        connect_seconds: float,
        answer_seconds: float,
        max_answer_bytes: int,
        connections_per_bot: int = 512,
        tls: ssl.SSLContext | None = None,
        names: AbstractResolver | None = None,
    ) -> None:
        """Open the pool; call within a running event loop.

        There is a limit for each bot and none for all together: who waits for a slow bot takes no other's place.

        `tls`: whom to trust and what to show over https; by default whom the system trusts.
        `names`: what looks names up; by default the system does.
        """
        self._max_bytes = max_answer_bytes
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=answer_seconds, sock_connect=connect_seconds, sock_read=answer_seconds
        )
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                limit_per_host=connections_per_bot,
                ttl_dns_cache=60,
                resolver=Resolver(names),
                socket_factory=open_socket,
                ssl=tls or True,
            ),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity"},
            skip_auto_headers=["User-Agent"],
        )
        tracing = aiohttp.TraceConfig()
        tracing.on_request_redirect.append(_refuse_redirect)
        self._sockets = aiohttp.ClientSession(
            connector=self._client.connector,
            connector_owner=False,
            timeout=self._client.timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=["User-Agent"],
            trace_configs=[tracing],
        )

    def within(self, seconds: float) -> Upstream:
        """Return the same client, for whoever waits no longer than this: a whole answer has to be there by then."""
        hurried, its = copy(self), self._timeout
        hurried._timeout = aiohttp.ClientTimeout(  # noqa: SLF001 - its own copy
            total=seconds, connect=its.connect, sock_connect=its.sock_connect, sock_read=its.sock_read
        )
        return hurried

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, own: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request and return when the answer's head is there; `own` are headers of ours.

        Raises UpstreamError.
        """
        began = perf_counter()
        try:
            response = await self._client.request(
                method,
                url,
                data=body or None,
                headers={**_allowed(headers, REQUEST_HEADERS), **(own or {})},
                allow_redirects=False,
                timeout=self._timeout,
            )
        except TimeoutError:
            raise UpstreamError("too_slow", 504) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise UpstreamError("unreachable", 502) from None
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity" or 300 <= response.status < 400:  # noqa: PLR2004 - the class of redirects
            response.close()
            raise UpstreamError("redirect" if encoding == "identity" else "encoded", 502)
        return Reply(response, self._max_bytes, perf_counter() - began)

    async def connect(
        self, url: str, headers: Mapping[str, str], *, protocols: tuple[str, ...] = ()
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a WebSocket to the bot, with the subprotocols that it may choose from. Raises UpstreamError."""
        try:
            return await self._sockets.ws_connect(
                url, headers=headers, protocols=protocols, compress=0, heartbeat=_HEARTBEAT_SECONDS
            )
        except _RedirectError:
            raise UpstreamError("redirect", 502) from None
        except TimeoutError:
            raise UpstreamError("too_slow", 504) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise UpstreamError("unreachable", 502) from None

    async def close(self) -> None:
        """Close all connections."""
        await self._sockets.close()
        await self._client.close()


class _RedirectError(aiohttp.ClientError):
    """A bot sends a WebSocket elsewhere."""


async def _refuse_redirect(_session: object, _context: object, told: aiohttp.TraceRequestRedirectParams) -> None:
    """Follow none: `ws_connect` would, and has no setting against it."""
    told.response.close()
    raise _RedirectError


def _allowed(headers: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}
