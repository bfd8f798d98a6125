"""A channel put together, and what the handlers share: carried by the applications under AppKeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from pydantic import SecretStr

from gateway.addresses import Network
from gateway.calls.audiocodes.edge import AudioCodesEdge
from gateway.calls.audiohook.signature import Verifier
from gateway.calls.fetching import PlatformRecordings
from gateway.calls.jambonz.edge import JambonzEdge
from gateway.calls.line import Line
from gateway.calls.twilio.edge import TwilioEdge
from gateway.calls.vier.edge import VierEdge
from gateway.clock import Clock
from gateway.consent import Rules
from gateway.consent_book import ConsentBook
from gateway.conversation import Conversation
from gateway.crowds import Crowds
from gateway.metrics import Metrics
from gateway.notice.channel import Channel
from gateway.notice.load import Loaded
from gateway.rights.office import Office
from gateway.sessions import Sessions
from gateway.site_tokens import SiteVerifier
from gateway.ticketing import Ticketing
from gateway.tracing import Tracing
from gateway.webhooks import Webhooks
from storage.store import SessionStore


@dataclass(frozen=True, slots=True)
class GenesysEdge:
    """What verifies the requests of AudioHook, and the address that they are signed for."""

    verifier: Verifier
    public: str


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """One channel of the notice at work.

    `line`: its calls, where it is a channel of calls. `edge`: where its platform is Twilio. `audiohook`: where it is
    Genesys. `jambonz`, `audiocodes`, `vier`: where it is one of those. `tickets`: where it takes tickets.
    `recordings`: those that its platform has made by itself, where it hands them out.
    `webhooks`: where its platform is Freshchat. `site`: reads the consents that the controller's site signs, where it
    does.
    """

    name: str
    channel: Channel
    rules: Rules
    conversation: Conversation
    consent: ConsentBook
    sessions: Sessions
    line: Line | None
    secret: SecretStr | None
    edge: TwilioEdge | None = None
    audiohook: GenesysEdge | None = None
    tickets: Ticketing | None = None
    webhooks: Webhooks | None = None
    site: SiteVerifier | None = None
    jambonz: JambonzEdge | None = None
    audiocodes: AudioCodesEdge | None = None
    vier: VierEdge | None = None
    recordings: PlatformRecordings | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that the handlers of one process share."""

    loaded: Loaded
    channels: Mapping[str, ChannelParts]
    store: SessionStore
    metrics: Metrics
    clock: Clock
    office: Office
    allowed_origins: tuple[str, ...] = ()
    body_seconds: float = 30.0
    client_seconds: float = 30.0
    trusted_proxies: tuple[Network, ...] = ()
    crowds: Crowds = field(default_factory=lambda: Crowds(0))
    tracing: Tracing = field(default_factory=Tracing)


GATEWAY = web.AppKey("gateway", Gateway)
