"""`OpenBaoKeyProvider` has keys wrapped by the transit engine of an OpenBao server, which they never leave.

Its address is `openbao+https://host:8200/MOUNT/KEY`; plain `openbao+http://` only for this machine. The key must be
a derived one (`aes256-gcm96`, `derived=true`): what a wrapped key is bound to goes in as `context`, so that it is
wrapped by a key of its own and opens for nothing else. (Associated data would not do: `rewrap` takes none.) A key
that can be exported or backed up in plain text is refused, since destroying a version of it would prove nothing.

Versions are destroyed by raising `min_decryption_version` and trimming; either alone destroys nothing.

The token needs, under MOUNT: `read` on `keys/KEY`; `update` on `encrypt/KEY`, `decrypt/KEY` and `rewrap/KEY`; and
for rotation `update` on `keys/KEY/rotate`, `keys/KEY/config` and `keys/KEY/trim`. `keys init` needs `create` on
`keys/KEY`. See https://openbao.org/api-docs/secret/transit/.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp

from storage.crypto.providers.provider import WrappedByRoot
from storage.crypto.providers.transit import SCHEME, transit_address
from storage.errors import KeyUnavailableError, ProviderDownError
from storage.key_material import SecretBytes

_TIMEOUT_SECONDS: Final = 5.0
_LONGEST_ANSWER: Final = 1_048_576
_CIPHERTEXT: Final = re.compile(r"vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]+")
_OK, _REFUSED, _DENIED, _NOT_FOUND = 200, 400, 403, 404


class OpenBaoKeyProvider:
    """A derived key of the transit engine."""

    def __init__(self, address: str, token: Callable[[], str]) -> None:
        """Take the address, and what gives the token; it is asked each time, so that tokens can be renewed.

        Raises ValueError for an address that is none.
        """
        self._address = transit_address(address)
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def create(self) -> None:
        """Make the key. Raises KeyUnavailableError if there is one already, or no transit engine at the mount."""
        if await self._asked("GET", f"keys/{self._address.key}") is not None:
            msg = f"{self._where}: there is a key already; root keys are never overwritten"
            raise KeyUnavailableError(msg)
        said = {"type": "aes256-gcm96", "derived": True, "exportable": False, "allow_plaintext_backup": False}
        await self._ask("POST", f"keys/{self._address.key}", said)
        await self.check()

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version."""
        await self.check()  # or the server would make a key of that name where there is none
        plain = base64.b64encode(key.reveal()).decode()
        said = await self._ask("POST", f"encrypt/{self._address.key}", {"plaintext": plain} | _context(bound_to))
        return self._wrapped(said)

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key. Raises KeyUnavailableError if this key has not wrapped it for this use."""
        said = await self._ask("POST", f"decrypt/{self._address.key}", _ciphertext(wrapped) | _context(bound_to))
        try:
            return SecretBytes(base64.b64decode(said["plaintext"], validate=True))
        except (KeyError, TypeError, ValueError):  # ValueError: base64's own errors; they could quote the key
            raise self._strange() from None

    async def rewrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> WrappedByRoot:
        """Wrap a wrapped key under the current version, without it leaving the server."""
        said = await self._ask("POST", f"rewrap/{self._address.key}", _ciphertext(wrapped) | _context(bound_to))
        return self._wrapped(said)

    async def check(self) -> None:
        """Return if the server serves and the key is of the kind that it must be."""
        await self._key()

    async def versions(self) -> tuple[int, ...]:
        """Return the versions that have not been trimmed, oldest first."""
        key = await self._key()
        return tuple(range(max(1, key["min_available_version"]), key["latest_version"] + 1))

    async def rotate(self) -> int:
        """Make a new version."""
        await self.check()
        await self._ask("POST", f"keys/{self._address.key}/rotate", {})
        return (await self.versions())[-1]

    async def destroy(self, up_to: int) -> None:
        """Trim this version and those before it. Refuses the current one."""
        versions = await self.versions()
        if up_to >= versions[-1]:
            msg = f"{self._where}: the current version of the root key can't be destroyed; rotate first"
            raise KeyUnavailableError(msg)
        if versions[0] <= up_to:
            first = up_to + 1
            least = {"min_decryption_version": first, "min_encryption_version": first}
            await self._ask("POST", f"keys/{self._address.key}/config", least)
            await self._ask("POST", f"keys/{self._address.key}/trim", {"min_available_version": first})

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _key(self) -> Mapping[str, Any]:
        key = await self._ask("GET", f"keys/{self._address.key}")
        if not key.get("derived") or key.get("type") != "aes256-gcm96":
            msg = f"{self._where}: must be a key of type aes256-gcm96 with derived=true; `sordino keys init` makes one"
            raise KeyUnavailableError(msg)
        if key.get("exportable") or key.get("allow_plaintext_backup"):
            msg = f"{self._where}: the key may leave the server (exportable or plain backups), so nothing destroys it"
            raise KeyUnavailableError(msg)
        if not all(isinstance(key.get(name), int) for name in ("min_available_version", "latest_version")):
            raise self._strange()
        return key

    async def _ask(self, method: str, path: str, said: Mapping[str, object] | None = None) -> Mapping[str, Any]:
        answer = await self._asked(method, path, said)
        if answer is None:
            msg = f"{self._where}: there is no such key; `sordino keys init` makes one for a new store"
            raise KeyUnavailableError(msg)
        return answer

    async def _asked(
        self, method: str, path: str, said: Mapping[str, object] | None = None
    ) -> Mapping[str, Any] | None:
        """Return what the server says, None for 404; no error quotes what was sent or received."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS))
        url = f"{self._address.server}/v1/{self._address.mount}/{path}"
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        try:
            async with self._session.request(method, url, json=said, headers=headers, allow_redirects=False) as got:
                status, content = got.status, b""
                async for chunk in got.content.iter_any():
                    content += chunk
                    if len(content) > _LONGEST_ANSWER:
                        raise self._strange()
            document = json.loads(content) if content and status == _OK else {}
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            msg = f"{self._where}: the server does not answer, or not as OpenBao does"
            raise ProviderDownError(msg) from None
        if status == _NOT_FOUND and method == "GET":
            return None
        self._judge(status)
        data = document.get("data") if isinstance(document, dict) else None
        return data if isinstance(data, dict) else {}

    def _judge(self, status: int) -> None:
        if status == _DENIED:
            msg = f"{self._where}: the token is not accepted, or may not do this (see its policy)"
            raise ProviderDownError(msg)
        if status in {_REFUSED, _NOT_FOUND}:
            msg = (
                f"{self._where}: the request was refused: another key wrapped this, for another use, or no such engine"
            )
            raise KeyUnavailableError(msg)
        if not 200 <= status < 300:  # noqa: PLR2004 - sealed, in standby, overloaded, redirected
            msg = f"{self._where}: the server can't serve now (status {status}); is it sealed?"
            raise ProviderDownError(msg)

    def _wrapped(self, said: Mapping[str, Any]) -> WrappedByRoot:
        text = said.get("ciphertext")
        match = _CIPHERTEXT.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise self._strange()
        return WrappedByRoot(int(match[1]), match[0].encode())

    def _strange(self) -> ProviderDownError:
        return ProviderDownError(f"{self._where}: the server answers, but not as OpenBao does")

    @property
    def _where(self) -> str:
        return f"{SCHEME}{self._address.server}/{self._address.mount}/{self._address.key}"


def _context(bound_to: bytes) -> dict[str, object]:
    return {"context": base64.b64encode(bound_to).decode()}


def _ciphertext(wrapped: WrappedByRoot) -> dict[str, object]:
    return {"ciphertext": wrapped.wrapped.decode("ascii", "replace")}
