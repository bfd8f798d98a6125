"""The signature of an AudioHook request: HTTP message signatures with HMAC-SHA256 and the client's secret.

Source: https://developer.genesys.cloud/devapps/audiohook/security and draft-ietf-httpbis-message-signatures-11. What is
signed are the request's target, its authority, the ids of organisation, session and correlation, and the API key, then
the parameters of the signature itself; it is a few seconds old at most, and each nonce counts once.
"""

from __future__ import annotations

import binascii
import hmac
import re
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Final

_INPUT: Final = re.compile(
    r'(?P<label>[a-z*][\w.*-]*)=(?P<params>\((?P<names>"[^"]*"(?: "[^"]*")*)\)(?P<more>(?:;[^,]*)?))'
)
_MORE: Final = re.compile(r';(?P<name>[a-z]+)=(?:"(?P<text>[^"\\]*)"|(?P<number>\d{1,15}))')
_NEEDED: Final = frozenset({
    "@request-target", "@authority", "audiohook-organization-id", "audiohook-session-id", "audiohook-correlation-id",
    "x-api-key",
})  # fmt: skip
_OLDEST_SECONDS: Final = 10
_SKEW_SECONDS: Final = 3
_SHORTEST_NONCE: Final = 22
_MOST_NONCES: Final = 10_000


class Verifier:
    """Verifies the requests of one channel; `secret` is `<API key>:<client secret in base64>`."""

    def __init__(self, secret: str) -> None:
        """Take the secret. Raises ValueError if it has not this form."""
        key, colon, encoded = secret.partition(":")
        try:
            self._secret = b64decode(encoded, validate=True)
        except binascii.Error:
            self._secret = b""
        if not key or not colon or not self._secret:
            msg = "the secret of AudioHook is <API key>:<client secret in base64>"
            raise ValueError(msg)
        self._key = key
        self._nonces: OrderedDict[str, None] = OrderedDict()

    def verifies(self, headers: Mapping[str, str], *, target: str, authority: str, now: datetime) -> bool:
        """Tell whether a request is signed as it has to be. `headers` are looked up by small letters."""
        found = _INPUT.fullmatch(headers.get("signature-input", "").strip())
        if found is None:
            return False
        names = re.findall(r'"([^"]*)"', found["names"])
        more = {one["name"]: one["text"] or one["number"] or "" for one in _MORE.finditer(found["more"])}
        lines = []
        for name in names:
            value = {"@request-target": target, "@authority": authority}.get(name, headers.get(name))
            if value is None or (name.startswith("@") and name not in _NEEDED):
                return False
            lines.append(f'"{name}": {value.strip()}')
        lines.append(f'"@signature-params": {found["params"]}')
        signed = hmac.digest(self._secret, "\n".join(lines).encode(), "sha256")
        right = hmac.compare_digest(signed, _signature(headers.get("signature", ""), found["label"]))
        covers = set(names) >= _NEEDED and len(names) == len(set(names))
        ours = (
            more.get("keyid") == self._key == headers.get("x-api-key")
            and more.get("alg", "hmac-sha256") == "hmac-sha256"
        )
        return right and covers and ours and _is_young(more, now) and self._is_new(more.get("nonce", ""))

    def _is_new(self, nonce: str) -> bool:
        """Count a nonce once; those that are forgotten are too old to be sent again."""
        if len(nonce) < _SHORTEST_NONCE or nonce in self._nonces:
            return False
        self._nonces[nonce] = None
        if len(self._nonces) > _MOST_NONCES:
            self._nonces.popitem(last=False)
        return True


def _is_young(more: Mapping[str, str], now: datetime) -> bool:
    at, created, expires = now.timestamp(), more.get("created", ""), more.get("expires", "")
    if not created.isdigit() or (expires and not expires.isdigit()):
        return False
    age = at - int(created)
    return -_SKEW_SECONDS <= age <= _OLDEST_SECONDS + _SKEW_SECONDS and (
        not expires or int(expires) >= at - _SKEW_SECONDS
    )


def _signature(header: str, label: str) -> bytes:
    found = re.fullmatch(re.escape(label) + r"=:([A-Za-z0-9+/=]+):", header.strip())
    try:
        return b64decode(found[1], validate=True) if found is not None else b""
    except binascii.Error:
        return b""
