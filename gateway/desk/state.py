"""What the desk's handlers share, beside the gateway itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from aiohttp import web

from gateway.access import Doors
from gateway.channels import Gateway
from gateway.desk.figures import Figures
from gateway.desk.limiting import Attempts
from gateway.desk.oidc import Provider
from gateway.desk.planning import Planner


class RootVersion(Protocol):
    """A version of the root key."""

    @property
    def version(self) -> int:
        """Its number."""

    @property
    def since(self) -> datetime:
        """Since when it is there."""

    @property
    def retired_at(self) -> datetime | None:
        """When another took its place."""

    @property
    def destroyed_at(self) -> datetime | None:
        """When it was destroyed."""

    @property
    def wraps(self) -> int:
        """How many keys it wraps."""


class EpochKey(Protocol):
    """The key of a deletion month."""

    @property
    def id(self) -> UUID:
        """Its id."""

    @property
    def month(self) -> int:
        """The month, such as 202712."""

    @property
    def root_version(self) -> int:
        """Which version of the root key wraps it."""

    @property
    def wraps(self) -> int:
        """How many keys it wraps."""


class RootKeys(Protocol):
    """All keys that are kept, never their material."""

    @property
    def versions(self) -> Sequence[RootVersion]:
        """Versions of the root key."""

    @property
    def epochs(self) -> Sequence[EpochKey]:
        """Epoch keys."""

    @property
    def due_at(self) -> datetime | None:
        """When the root key is to be replaced."""


class RootKey(Protocol):
    """What the desk does with the root key."""

    async def list(self) -> RootKeys:
        """Return versions and epoch keys."""

    async def destroy(self, up_to: int) -> None:
        """Destroy a version and all before it. Raises KeyUnavailableError if it is in use."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the desk. `provider`: the identity provider, if people sign in there.

    `url`: where browsers reach it, if that is not what they ask for.
    """

    gateway: Gateway
    doors: Doors
    figures: Figures
    root_key: RootKey
    attempts: Attempts
    planner: Planner
    provider: Provider | None = None
    url: str = ""


DESK: Final = web.AppKey("desk", Desk)
