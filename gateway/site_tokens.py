"""Consents that a consent platform on the controller's site has taken, in tokens that the site has signed.

A token is a JWT (RFC 7519) as a JWS, signed with RS256, ES256 or EdDSA. Its claims:

    aud          the channel
    iat          when the token was made, seconds; it counts for five minutes of the gateway's clock, and the site's
                 clock may be a minute ahead
    template_id  the platform's id of what was agreed to (Usercentrics: templateId), as in the notice
    status       true: given; false: refused or revoked
    controller_id, version, time   the platform's own record: whose, of which settings, when (ISO 8601)
    sub          the session's id, where the site knows it: the token is then for that session alone
    address, browser, device       where and with what it was said, as far as the site saw it

A consent that was refused or withdrawn is given again only by a token whose `time` is later than the gateway's time of
that: a platform's clock that is behind has to reach it first, one that is ahead gains nothing beyond `iat`.

What a client says by itself is a claim; this is the site's word for it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Annotated, Final
from uuid import UUID

import jwt
from jwt.algorithms import get_default_algorithms
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, ValidationError

from gateway.addresses import parsed, shortened
from gateway.errors import RefusedError

_ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_COUNTS_FOR: Final = timedelta(minutes=5)
_CLOCKS_DIFFER: Final = timedelta(seconds=60)
_SECOND: Final = timedelta(seconds=1)
_LATEST_SECONDS: Final = 10**13  # milliseconds, too, are told to be far ahead
_Short = Annotated[str, Field(min_length=1, max_length=300)]


class SiteConsent(BaseModel):
    """What a token says."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    issued_at: Annotated[int, Field(alias="iat", ge=0, le=_LATEST_SECONDS)]
    template: Annotated[_Short, Field(alias="template_id")]
    given: Annotated[StrictBool, Field(alias="status")]
    controller: Annotated[_Short, Field(alias="controller_id")]
    version: _Short
    time: AwareDatetime
    session: Annotated[UUID | None, Field(alias="sub")] = None
    address: _Short | None = None
    browser: _Short | None = None
    device: _Short | None = None

    def said_at(self) -> datetime:
        """Return when it was said: not after the token was made, whatever the clock of a browser tells."""
        return min(self.time.astimezone(UTC), _EPOCH + timedelta(seconds=self.issued_at) + _SECOND)

    def evidence(self) -> dict[str, str]:
        """Return what is kept as the proof of the answer; of the address only the network."""
        address = self.address or ""
        said = {
            "controller_id": self.controller,
            "template_id": self.template,
            "version": self.version,
            "stated_at": self.time.astimezone(UTC).isoformat(),
            "address": None if parsed(address) is None else shortened(address),
            "browser": self.browser,
            "device": self.device,
        }
        return {name: value for name, value in said.items() if value}


class SiteVerifier:
    """Reads the tokens of one channel's site."""

    def __init__(self, channel: str, pem: str) -> None:
        """Take the site's public key in PEM. Raises ValueError for a key that fits none of the algorithms."""
        self._channel = channel
        self._pem = pem.strip()
        self._algorithm = _algorithm_of(self._pem)

    def read(self, token: str, now: datetime) -> SiteConsent:
        """Return what a token says. Raises RefusedError (403) for one that is not the site's, or no longer counts."""
        try:
            claims = jwt.decode(
                token,
                self._pem,
                algorithms=[self._algorithm],
                audience=self._channel,
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["aud", "iat"]},
            )
            said = SiteConsent.model_validate(claims)
        except (jwt.PyJWTError, ValidationError):
            raise _refused() from None
        age = now - _EPOCH - timedelta(seconds=said.issued_at)
        if age < -_CLOCKS_DIFFER:
            raise _untimely(f"The token's iat is {_seconds(-age)} seconds ahead of the gateway's clock", _CLOCKS_DIFFER)
        if age > _COUNTS_FOR:
            raise _untimely(f"The token's iat is {_seconds(age)} seconds before the gateway's clock", _COUNTS_FOR)
        return said


def _algorithm_of(pem: str) -> str:
    known = get_default_algorithms()
    for name in _ALGORITHMS:
        try:
            known[name].prepare_key(pem)
        except (jwt.InvalidKeyError, ValueError, TypeError):
            continue
        if "PRIVATE" not in pem:
            return name
    raise ValueError("must be a public key in PEM for RS256, ES256 or EdDSA")


def _refused() -> RefusedError:
    return RefusedError(
        "bad_token", 403, "The token is not signed by this channel's site, or not for it, or lacks a claim"
    )


def _untimely(told: str, allowed: timedelta) -> RefusedError:
    return RefusedError("bad_token", 403, f"{told}; {_seconds(allowed)} are allowed")


def _seconds(span: timedelta) -> int:
    return ceil(span.total_seconds())
