"""Sign-in at an identity provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636, S256).

What has to come back the same (state, nonce, verifier) waits in a cookie of the browser that began. Roles come from a
claim of the ID token, or of the userinfo endpoint where the token has none; values that are no role mean nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.access import Role
from gateway.errors import RefusedError

_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]
_SECONDS: Final = 10
_MOST_BYTES: Final = 1_048_576
_LEEWAY_SECONDS: Final = 60
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun, as it waits in the browser's cookie."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    back: str = "/desk"

    def written(self) -> str:
        """Return it as a cookie's value."""
        said = {"state": self.state, "nonce": self.nonce, "verifier": self.verifier, "back": self.back}
        return urlsafe_b64encode(orjson.dumps(said)).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who has signed in. `reference` is a digest of issuer and subject, so that the ledger names nobody."""

    reference: str
    name: str
    roles: frozenset[Role]


class Provider:
    """An identity provider, found by its issuer's discovery document."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, *, claim: str, roles: Mapping[str, str]
    ) -> None:
        """Take the client's registration, the claim of the roles, and what its values mean (empty: as they are)."""
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._claim = claim
        self._roles = dict(roles) or {role.value: role.value for role in Role}
        self._client: aiohttp.ClientSession | None = None
        self._found: dict[str, Any] | None = None

    async def begin(self, redirect: str, back: str) -> tuple[str, Begun]:
        """Return the address to send the browser to, and what waits for its return. Raises RefusedError."""
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), back)
        challenge = urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self._client_id, "redirect_uri": redirect,
            "scope": "openid profile", "state": begun.state, "nonce": begun.nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        endpoint = str((await self._document())["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", begun

    async def finish(self, query: Mapping[str, str], begun: Begun, redirect: str, now: datetime) -> Identity:
        """Return who has signed in. Raises RefusedError if the provider says no, or what came back does not fit."""
        if not hmac.compare_digest(query.get("state", "").encode(), begun.state.encode()) or "code" not in query:
            raise _refused()
        document = await self._document()
        form = {
            "grant_type": "authorization_code", "code": query["code"], "redirect_uri": redirect,
            "code_verifier": begun.verifier,
        }  # fmt: skip
        # Basic is the one way that every provider has to offer (RFC 6749, 2.3.1).
        registered = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}".encode()
        basic = {"Authorization": f"Basic {b64encode(registered).decode()}"}
        tokens = await self._fetch("POST", str(document["token_endpoint"]), data=form, headers=basic)
        claims = await self._claims(str(tokens.get("id_token", "")), str(document["jwks_uri"]), now)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), begun.nonce.encode()):
            raise _refused()
        if self._claim not in claims and "userinfo_endpoint" in document:
            shown = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
            more = await self._fetch("GET", str(document["userinfo_endpoint"]), headers=shown)
            if more.get("sub") == claims["sub"]:
                claims = {**more, **claims}
        return self._identity(claims)

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.close()

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = str(claims["sub"])
        digest = hashlib.sha256(f"{self._issuer}|{subject}".encode()).hexdigest()
        said = claims.get(self._claim, ())
        values = said.split() if isinstance(said, str) else said if isinstance(said, (list, tuple)) else ()
        named = {self._roles.get(str(value)) for value in values}
        name = str(claims.get("name") or claims.get("preferred_username") or subject)[:_LONGEST_NAME]
        return Identity(f"oidc:{digest[:32]}", name, frozenset(role for role in Role if role.value in named))

    async def _claims(self, token: str, keys: str, now: datetime) -> dict[str, Any]:
        expected = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issued_by()}, aud={"essential": True, "value": self._client_id},
            exp={"essential": True}, sub={"essential": True},
        )  # fmt: skip
        known = await self._fetch("GET", keys)
        try:
            decoded = jwt.decode(token, KeySet.import_key_set({"keys": known["keys"]}), algorithms=_ALGORITHMS)
            expected.validate(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise _refused() from None
        return dict(decoded.claims)

    def _issued_by(self) -> str:
        return str((self._found or {}).get("issuer", self._issuer))

    async def _document(self) -> dict[str, Any]:
        if self._found is None:
            found = await self._fetch("GET", f"{self._issuer}/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer or any(name not in found for name in wanted):
                raise _down()
            self._found = found
        return self._found

    async def _fetch(self, method: str, address: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - aiohttp's own
        if self._client is None:
            self._client = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_SECONDS), cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._client.request(method, address, allow_redirects=False, **more) as response:
                said = orjson.loads(await _whole(response))
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            raise _down() from None
        if response.status in {400, 401, 403}:
            raise _refused()
        if response.status != 200 or not isinstance(said, dict):  # noqa: PLR2004 - HTTP
            raise _down()
        return said


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    """Read a body that comes in as many pieces as it likes. Raises RefusedError (503) for one that is too long."""
    raw = bytearray()
    async for piece in response.content.iter_any():
        raw += piece
        if len(raw) > _MOST_BYTES:
            raise _down()
    return bytes(raw)


def read_begun(written: str) -> Begun | None:
    """Read the cookie's value; None for what is none."""
    try:
        said = orjson.loads(urlsafe_b64decode(written + "=" * (-len(written) % 4)))
        return Begun(str(said["state"]), str(said["nonce"]), str(said["verifier"]), str(said["back"]))
    except (ValueError, KeyError, TypeError):
        return None


def _refused() -> RefusedError:
    return RefusedError("sign_in_refused", 403, "The identity provider did not sign you in; try again")


def _down() -> RefusedError:
    return RefusedError("provider_down", 503, "The identity provider can't be reached now")
