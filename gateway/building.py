"""Puts the channels of a notice together: redaction, sessions, consent, connectors, and the edges of platforms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from gateway.addresses import is_forbidden, parsed
from gateway.calls.line import Line
from gateway.calls.script import idle_of
from gateway.channel_kit import ChannelKit
from gateway.channels import ChannelParts, Gateway
from gateway.clock import Clock
from gateway.connectors import connector_for
from gateway.consent import Rules
from gateway.consent_book import ConsentBook
from gateway.conversation import Conversation, Signer
from gateway.crowds import Crowds
from gateway.edges import (
    audiocodes_edge,
    bot_signer,
    genesys_edge,
    in_time,
    jambonz_edge,
    platform_recordings,
    twilio_edge,
    vier_edge,
)
from gateway.environment import PREFIX
from gateway.errors import SettingsError
from gateway.limits import Limits
from gateway.logs import LOGGER
from gateway.metrics import Metrics
from gateway.notice.channel import Channel
from gateway.notice.load import Loaded
from gateway.notice.webhook_checks import WEBHOOK_CONNECTORS
from gateway.redacting import ChannelRedaction
from gateway.rights.chat import ChatRequests
from gateway.rights.office import Office
from gateway.sessions import Sessions
from gateway.settings import Settings
from gateway.site_tokens import SiteVerifier
from gateway.ticketing import Ticketing
from gateway.tracing import Tracing
from gateway.upstream import Upstream
from gateway.webhooks import Webhooks
from redaction.engine import Caution, Redactor
from redaction.findings import EntityType
from storage.crypto.signatures import RsaVerifier
from storage.store import SessionStore

_BY_CHANNEL: Final = (
    "upstreams",
    "channel_secrets",
    "platform_secrets",
    "bot_secrets",
    "platform_apis",
    "platform_api_keys",
    "platform_keys",
    "consent_keys",
)
_WITH_SECRET: Final = frozenset({"calls", "tickets"})
"""Connectors whose every request shows the channel's secret."""


@dataclass(frozen=True, slots=True)
class Building:
    """What the channels of one gateway are made of."""

    settings: Settings
    loaded: Loaded
    store: SessionStore
    upstream: Upstream
    clock: Clock
    tracing: Tracing
    metrics: Metrics
    office: Office

    def gateway(self) -> Gateway:
        """Return the channels at work, with what their handlers share.

        Raises:
            SettingsError: settings of a channel that the notice does not have, a place at which no bot may be, or a key
                that is none.
        """
        settings = self.settings
        self._check()
        self._warn()
        return Gateway(
            self.loaded,
            {name: self._parts(name, channel) for name, channel in self.loaded.notice.channels.items()},
            self.store,
            self.metrics,
            self.clock,
            self.office,
            allowed_origins=settings.allowed_origins,
            body_seconds=settings.body_seconds,
            client_seconds=settings.client_seconds,
            trusted_proxies=settings.trusted_proxies,
            crowds=Crowds(settings.max_streams_per_client),
            tracing=self.tracing,
        )

    def _warn(self) -> None:
        if not self.settings.ledger_sink:
            LOGGER.warning(
                "the ledger's sink lies in the home, and what puts back a copy of the home puts back what was erased: "
                "set SORDINO_LEDGER_SINK"
            )

    def _check(self) -> None:
        settings, channels = self.settings, self.loaded.notice.channels
        for setting in _BY_CHANNEL:
            for name in getattr(settings, setting):
                if name not in channels:
                    raise SettingsError(
                        f"{PREFIX}{setting.upper()}: the notice has no channel {name!r}; it has: {', '.join(channels)}"
                    )
        for name, secret in settings.bot_secrets.items():
            if channels[name].kind != "call":
                raise SettingsError(f"SORDINO_BOT_SECRETS names {name!r}, which is no channel of calls")
            if not secret.get_secret_value():
                raise SettingsError(f"SORDINO_BOT_SECRETS, channel {name!r}: anybody could show an empty secret")
        for name, channel in channels.items():
            _check_place(name, self._bot(name, channel))
            _check_place(name, str(settings.platform_apis.get(name, "")))
            if channel.connector == "jambonz" and name not in settings.platform_api_keys:
                told = "jambonz is not asked what it records: set SORDINO_PLATFORM_APIS and SORDINO_PLATFORM_API_KEYS"
                LOGGER.warning(told, extra={"channel": name})
            if channel.connector in _WITH_SECRET and name not in settings.channel_secrets:
                LOGGER.warning(
                    "a channel serves nobody: set its secret in SORDINO_CHANNEL_SECRETS", extra={"channel": name}
                )

    def _parts(self, name: str, channel: Channel) -> ChannelParts:
        settings, upstream = self.settings, self.upstream
        kit = self._kit(name, channel)
        self.office.forgets_in(kit.recent)
        edge = twilio_edge(settings, name, channel, upstream)
        conversation = self._conversation(kit, bot_signer(settings, name, channel, edge))
        line = Line(kit, conversation, self.office.acts) if channel.kind == "call" else None
        return ChannelParts(
            name,
            channel,
            kit.rules,
            conversation,
            ConsentBook(kit, self.office.acts),
            kit.sessions,
            line,
            settings.channel_secrets.get(name),
            edge=edge,
            audiohook=genesys_edge(settings, name, channel),
            tickets=Ticketing(kit, self.office.acts) if channel.kind == "ticket" else None,
            webhooks=self._webhooks(kit, conversation),
            site=_site(settings, kit),
            jambonz=jambonz_edge(settings, name, channel, upstream),
            audiocodes=audiocodes_edge(settings, name, channel, upstream),
            vier=vier_edge(settings, name, channel, upstream),
            recordings=platform_recordings(settings, kit, upstream, line) if line is not None else None,
        )

    def _kit(self, name: str, channel: Channel) -> ChannelKit:
        counts = self.metrics.channel(name)
        return ChannelKit(
            self.loaded,
            name,
            Rules(self.loaded.notice, channel),
            ChannelRedaction(channel, redactor_of(channel), counts),
            Sessions(self.loaded, name, idle_of(channel), self.store),
            self.store,
            in_time(self.upstream, channel),
            self._bot(name, channel).rstrip("/"),
            self.metrics,
            counts,
            self.clock,
            Limits(self.settings.max_message_characters),
            self.tracing,
        )

    def _conversation(self, kit: ChannelKit, sign: Signer | None) -> Conversation:
        connector = connector_for(kit.channel)
        asks = kit.channel.kind == "chat"
        requests = (
            ChatRequests(kit.notice, kit.name, connector, self.office, self.settings.public_url) if asks else None
        )
        return Conversation(kit, connector, sign=sign, requests=requests)

    def _webhooks(self, kit: ChannelKit, conversation: Conversation) -> Webhooks | None:
        verifier = _verifier(self.settings, kit.name, kit.channel)
        if verifier is None:
            return None
        return Webhooks(kit, verifier, conversation, self.settings.channel_secrets.get(kit.name))

    def _bot(self, name: str, channel: Channel) -> str:
        """Return where the channel's bot is; empty where it has none."""
        return str(self.settings.upstreams.get(name, channel.upstream or ""))


def redactor_of(channel: Channel) -> Redactor:
    """Return what finds personal data as the notice says for the channel; channels that say the same share it."""
    own = tuple((pattern, kind) for kind, patterns in channel.patterns.items() for pattern in patterns)
    return _redactor(channel.own, channel.caution, own)


@lru_cache(maxsize=64)
def _redactor(allow: tuple[str, ...], caution: Caution, patterns: tuple[tuple[str, EntityType], ...]) -> Redactor:
    return Redactor(allow=allow, caution=caution, patterns=dict(patterns))


def _verifier(settings: Settings, name: str, channel: Channel) -> RsaVerifier | None:
    """Return what verifies the webhooks of a channel's platform. Raises SettingsError where it can't be safe."""
    if channel.connector not in WEBHOOK_CONNECTORS:
        return None
    try:
        return RsaVerifier(settings.platform_keys.get(name, ""))
    except ValueError as error:
        raise SettingsError(f"SORDINO_PLATFORM_KEYS, channel {name!r}: {error}") from None


def _site(settings: Settings, kit: ChannelKit) -> SiteVerifier | None:
    """Return what reads the consents that the site of a channel signs. Raises SettingsError where it can read none."""
    key = settings.consent_keys.get(kit.name)
    if key is None and any(kit.notice.consents[name].template is not None for name in kit.rules.consents):
        msg = f"the channel {kit.name!r} has a consent with a template, which takes SORDINO_CONSENT_KEYS"
        raise SettingsError(msg)
    try:
        return None if key is None else SiteVerifier(kit.name, key)
    except ValueError as error:
        raise SettingsError(f"SORDINO_CONSENT_KEYS, channel {kit.name!r}: {error}") from None


def _check_place(name: str, url: str) -> None:
    """Raise SettingsError for an address at which no bot may be; names are looked at when they are resolved."""
    address = parsed(urlsplit(url).hostname or "")
    if address is not None and is_forbidden(address):
        raise SettingsError(f"the channel {name!r} leads to a link-local, metadata or multicast address")
