"""The only wiring: settings and a notice in; a store, the channels of a gateway and two applications out.

`gateway.serving` lets them run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

from aiohttp import web

from gateway.access import Doors
from gateway.addresses import is_forbidden, parsed
from gateway.bootstrap import internal_token
from gateway.calls.line import Line
from gateway.calls.script import idle_of
from gateway.channels import GATEWAY, ChannelParts, Gateway
from gateway.clock import Clock
from gateway.connectors import connector_for
from gateway.consent import Rules
from gateway.consent_book import ConsentBook
from gateway.conversation import Conversation
from gateway.crowds import Crowds
from gateway.desk.api import add_api
from gateway.desk.case_api import add_case_api
from gateway.desk.case_forms import add_case_forms
from gateway.desk.figures import Figures
from gateway.desk.forms import add_forms
from gateway.desk.guard import guard
from gateway.desk.limiting import Attempts
from gateway.desk.oidc import Provider
from gateway.desk.pages import add_pages
from gateway.desk.refusing import page_errors
from gateway.desk.signing_in import add_signing_in
from gateway.desk.state import DESK, Desk
from gateway.edges import audiocodes_edge, genesys_edge, jambonz_edge, twilio_edge, vier_edge
from gateway.errors import SettingsError
from gateway.handlers import retention
from gateway.handlers.call import add_calls
from gateway.handlers.chat import converse
from gateway.handlers.consent import answer_consent, rate, show_consent, take_signed
from gateway.handlers.freshchat import add_webhooks
from gateway.handlers.health import live, metrics, ready
from gateway.handlers.kit import COMPONENT_PATH, component
from gateway.handlers.recording import read_recording, silence_recording
from gateway.handlers.rights import add_rights
from gateway.handlers.sessions import list_sessions, read_session
from gateway.handlers.ticket import add_tickets
from gateway.importing import Importer
from gateway.limits import Limits
from gateway.metrics import Metrics
from gateway.middlewares import continuing, finish_headers, origins, problems
from gateway.notice.channel import Channel
from gateway.notice.load import Loaded
from gateway.notice.webhook_checks import WEBHOOK_CONNECTORS
from gateway.promises import Prover
from gateway.redacting import ChannelRedaction
from gateway.rights.chat import ChatRequests
from gateway.rights.job import Leading, RightsJob
from gateway.rights.letters import Courier, HookCourier, SmtpCourier
from gateway.rights.office import Office
from gateway.rights.outbox import Outbox
from gateway.sessions import Sessions
from gateway.settings import Settings, hook_secret
from gateway.site_tokens import SiteVerifier
from gateway.ticketing import Ticketing
from gateway.tracing import Tracing
from gateway.upstream import Upstream
from gateway.webhooks import Webhooks
from redaction.engine import Redactor
from redaction.names import NamesModel
from storage.crypto.signatures import RsaVerifier
from storage.sql import RootKey
from storage.store import SessionStore

Pages = Callable[[web.Application], None]
_NOT_OURS = r"(?!(?:consent|consents|ratings|rights|rights/(?:code|status|copy))$)"


def build_public(gateway: Gateway, settings: Settings, pages: Pages | None = None) -> web.Application:
    """Return the application of the public listener; `pages` may add routes that go before all others."""
    traced = [continuing] if gateway.tracing.on else []
    app = web.Application(middlewares=[*traced, origins, problems], client_max_size=settings.max_body_bytes)
    app[GATEWAY] = gateway
    app.on_response_prepare.append(finish_headers)
    if pages is not None:
        pages(app)
    add_webhooks(app, gateway)
    # The bots' own paths come next: nearly all requests are theirs, and routes are tried in turn.
    chats = [name for name, parts in gateway.channels.items() if parts.channel.kind == "chat" and not parts.webhooks]
    if chats:
        _add_bots(app, "{channel:(?:" + "|".join(chats) + ")}")
    add_calls(app, gateway)
    add_tickets(app, gateway)
    _add_bots(app, "{channel}")
    app.router.add_get("/{channel}/consent", show_consent, allow_head=False)
    app.router.add_post("/{channel}/consent", answer_consent)
    app.router.add_post("/{channel}/consents", take_signed)
    app.router.add_post("/{channel}/ratings", rate)
    app.router.add_get(COMPONENT_PATH, component)
    add_rights(app)
    return app


def _add_bots(app: web.Application, channel: str) -> None:
    bot = app.router.add_resource("/" + channel + "/{tail:" + _NOT_OURS + ".*}")
    bot.add_route("POST", converse)
    bot.add_route("GET", converse)


def build_internal(desk: Desk) -> web.Application:
    """Return the application of the internal listener."""
    app = web.Application(middlewares=[problems, page_errors, guard])
    app[GATEWAY], app[DESK] = desk.gateway, desk
    app.on_response_prepare.append(finish_headers)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/sessions", list_sessions)
    app.router.add_get("/sessions/{id}", read_session)
    app.router.add_get("/sessions/{id}/recording", read_recording, allow_head=False)
    app.router.add_put("/sessions/{id}/recording/silence", silence_recording)
    retention.add_routes(app)
    add_api(app)
    add_signing_in(app)
    add_pages(app)
    add_forms(app)
    add_case_forms(app)
    add_case_api(app)
    return app


def build_desk(settings: Settings, gateway: Gateway, root_key: RootKey, figures: Figures) -> Desk:
    """Put the desk together: by whom it is entered, and what it shows."""
    provider, secret = None, settings.oidc_client_secret
    if settings.oidc_issuer is not None and secret is not None:
        provider = Provider(
            str(settings.oidc_issuer), settings.oidc_client_id, secret.get_secret_value(),
            claim=settings.oidc_roles_claim, roles=settings.oidc_roles,
        )  # fmt: skip
    bootstrap = "" if provider is not None and settings.internal_token is None else internal_token(settings)
    doors = Doors(gateway.store.access, bootstrap, timedelta(seconds=settings.desk_idle_seconds))
    return Desk(gateway, doors, figures, root_key, Attempts(), provider, settings.desk_url)


def build_gateway(
    settings: Settings, loaded: Loaded, store: SessionStore, upstream: Upstream, clock: Clock, tracing: Tracing
) -> Gateway:
    """Put the channels of a notice together. Raises SettingsError for settings of channels that it does not have."""
    for name in (
        *settings.upstreams,
        *settings.channel_secrets,
        *settings.platform_secrets,
        *settings.platform_apis,
        *settings.platform_keys,
        *settings.consent_keys,
    ):
        if name not in loaded.notice.channels:
            raise SettingsError(f"the notice has no channel {name!r}; it has: {', '.join(loaded.notice.channels)}")
    for name, channel in loaded.notice.channels.items():
        _check_place(name, str(settings.upstreams.get(name, channel.upstream or "")))
        _check_place(name, str(settings.platform_apis.get(name, "")))
    measured, names = Metrics(), _names()

    office = Office(loaded, store, courier_of(settings, loaded), measured, clock)

    def parts(name: str) -> ChannelParts:
        channel = loaded.notice.channels[name]
        sessions = Sessions(loaded, name, idle_of(channel), store)
        counts, rules = measured.channel(name), Rules(loaded.notice, channel)
        edge = twilio_edge(settings, name, channel, measured, upstream, clock)
        texts, limits = (
            ChannelRedaction(channel, _redactor(channel, names), counts),
            Limits(settings.max_message_characters),
        )
        base_url = str(settings.upstreams.get(name, channel.upstream or ""))
        connector = connector_for(channel)
        conversation = Conversation(
            loaded,
            name,
            connector,
            rules=rules,
            base_url=base_url,
            texts=texts,
            sessions=sessions,
            store=store,
            upstream=upstream,
            metrics=counts,
            clock=clock,
            limits=limits,
            sign=edge.signed if edge is not None else None,
            requests=ChatRequests(loaded.notice, name, connector, office) if channel.kind == "chat" else None,
            tracing=tracing,
        )
        line = (
            Line(
                loaded, name, rules=rules, conversation=conversation, sessions=sessions, store=store,
                metrics=measured, clock=clock,
            )
            if channel.kind == "call"
            else None
        )  # fmt: skip
        tickets = (
            Ticketing(
                name, channel, rules=rules, texts=texts, sessions=sessions, store=store, metrics=counts, clock=clock,
                limits=limits,
            )
            if channel.kind == "ticket"
            else None
        )  # fmt: skip
        consent = ConsentBook(loaded, name, rules=rules, sessions=sessions, store=store, metrics=measured, clock=clock)
        if edge is not None:
            edge.recordings.opens = line
        secret = settings.channel_secrets.get(name)
        genesys = genesys_edge(settings, name, channel)
        jambonz = jambonz_edge(settings, name, channel, upstream)
        audiocodes = audiocodes_edge(settings, name, channel, upstream)
        verifier = _verifier(settings, name, channel)
        webhooks = (
            Webhooks(
                name, verifier, conversation=conversation, store=store, upstream=upstream, base_url=base_url,
                secret=secret, clock=clock,
            )
            if verifier is not None
            else None
        )  # fmt: skip
        return ChannelParts(
            name, channel, rules, conversation, consent, sessions, line, secret, edge, genesys, tickets, webhooks,
            _site(settings, name),
            jambonz, audiocodes, vier_edge(settings, name, channel, upstream),
        )  # fmt: skip

    channels = {name: parts(name) for name in loaded.notice.channels}
    return Gateway(
        loaded,
        channels,
        store,
        measured,
        clock,
        allowed_origins=settings.allowed_origins,
        office=office,
        body_seconds=settings.body_seconds,
        client_seconds=settings.client_seconds,
        trusted_proxies=settings.trusted_proxies,
        crowds=Crowds(settings.max_streams_per_client),
        tracing=tracing,
    )


def courier_of(settings: Settings, loaded: Loaded) -> Courier | None:
    """Return what brings codes and letters to people, if the settings name anything."""
    if settings.letters_hook is not None:
        return HookCourier(str(settings.letters_hook), hook_secret(settings))
    if settings.smtp_url:
        password = settings.smtp_password.get_secret_value() if settings.smtp_password is not None else ""
        return SmtpCourier(settings.smtp_url, password, settings.mail_from or loaded.notice.controller.email)
    return None


def build_rights_job(gateway: Gateway, office: Office, settings: Settings, clock: Clock, leader: Leading) -> RightsJob:
    """Return what goes on with requests by itself."""
    secret = hook_secret(settings)
    courier = courier_of(settings, gateway.loaded)
    outbox = Outbox(gateway.loaded.notice, gateway.store, courier, secret, gateway.metrics, clock)
    return RightsJob(gateway.store, office.casework, outbox, gateway.metrics, clock, leader)


def build_importer(loaded: Loaded, name: str, store: SessionStore, now: datetime) -> Importer:
    """Return what brings the transcripts of another system into a channel; no consent comes with them."""
    channel = loaded.notice.channels[name]
    texts = ChannelRedaction(channel, _redactor(channel, _names()), Metrics().channel(name))
    return Importer(loaded, name, Rules(loaded.notice, channel).decide({}, disclosed=True).plan, texts, store, now)


@cache
def _names() -> NamesModel:
    """Return the one model of this process: it is the largest thing in it."""
    return NamesModel.load()


def _redactor(channel: Channel, names: NamesModel) -> Redactor:
    own = {pattern: kind for kind, patterns in channel.patterns.items() for pattern in patterns}
    return Redactor(allow=channel.own, caution=channel.caution, names=names, patterns=own)


def build_prover(loaded: Loaded, store: SessionStore) -> Prover:
    """Return what checks the promises of a notice over a store."""
    names = _names()
    redactors = {name: _redactor(channel, names) for name, channel in loaded.notice.channels.items()}
    return Prover(loaded, store, redactors)


def _verifier(settings: Settings, name: str, channel: Channel) -> RsaVerifier | None:
    """Return what verifies the webhooks of a channel's platform. Raises SettingsError where it can't be safe."""
    if channel.connector not in WEBHOOK_CONNECTORS:
        return None
    try:
        return RsaVerifier(settings.platform_keys.get(name, ""))
    except ValueError as error:
        raise SettingsError(f"SORDINO_PLATFORM_KEYS, channel {name!r}: {error}") from None


def _site(settings: Settings, name: str) -> SiteVerifier | None:
    """Return what reads the consents that the site of a channel signs. Raises SettingsError for a key that is none."""
    key = settings.consent_keys.get(name)
    try:
        return None if key is None else SiteVerifier(name, key)
    except ValueError as error:
        raise SettingsError(f"SORDINO_CONSENT_KEYS, channel {name!r}: {error}") from None


def _check_place(name: str, url: str) -> None:
    """Raise SettingsError for an address at which no bot may be; names are looked at when they are resolved."""
    address = parsed(urlsplit(url).hostname or "")
    if address is not None and is_forbidden(address):
        raise SettingsError(f"the channel {name!r} leads to a link-local, metadata or multicast address")
