"""The only wiring: settings and a notice in; a store, the channels of a gateway and two applications out.

`gateway.serving` lets them run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from aiohttp import web
from aiohttp.typedefs import Middleware

from gateway.access import Doors
from gateway.bootstrap import internal_token
from gateway.building import Building, redactor_of
from gateway.channels import GATEWAY, Gateway
from gateway.clock import Clock
from gateway.consent import Rules
from gateway.desk.api import add_api
from gateway.desk.case_api import add_case_api
from gateway.desk.case_forms import add_case_forms
from gateway.desk.figures import Figures
from gateway.desk.forms import add_forms
from gateway.desk.guard import guard
from gateway.desk.limiting import Attempts
from gateway.desk.oidc import Provider
from gateway.desk.pages import add_pages
from gateway.desk.planning import Planner
from gateway.desk.refusing import page_errors
from gateway.desk.signing_in import add_signing_in
from gateway.desk.state import DESK, Desk
from gateway.errors import SettingsError
from gateway.handlers import retention
from gateway.handlers.call import add_calls
from gateway.handlers.chat import converse
from gateway.handlers.consent import answer_consent, rate, show_consent, take_signed
from gateway.handlers.freshchat import add_webhooks
from gateway.handlers.health import KEPT, live, metrics, ready
from gateway.handlers.kit import COMPONENT_PATH, component
from gateway.handlers.recording import read_recording, silence_recording
from gateway.handlers.rights import add_rights
from gateway.handlers.sessions import list_sessions, read_session
from gateway.handlers.ticket import add_tickets
from gateway.importing import Importer
from gateway.logs import LOGGER
from gateway.metrics import Metrics
from gateway.middlewares import continuing, finish_headers, origins, problems
from gateway.notice.load import Loaded
from gateway.promises import Prover
from gateway.redacting import ChannelRedaction
from gateway.rights.job import Leading, RightsJob
from gateway.rights.letters import Courier, HookCourier, SmtpCourier
from gateway.rights.office import Office
from gateway.rights.outbox import WEB, Outbox
from gateway.settings import SHORTEST_TOKEN, Settings, hook_secret
from gateway.tracing import Tracing
from gateway.upstream import Upstream
from storage.sql import RootKey
from storage.store import SessionStore

Pages = Callable[[web.Application], None]
_NOT_OURS = r"(?!(?:consent|consents|ratings|rights|rights/(?:code|status|copy))$)"


def build_public(
    gateway: Gateway, settings: Settings, pages: Pages | None = None, handing_over: Middleware | None = None
) -> web.Application:
    """Return the application of the public listener; `pages` may add routes that go before all others.

    `handing_over` takes away what is for another worker.
    """
    traced = [continuing] if gateway.tracing.on else []
    handed = [] if handing_over is None else [handing_over]
    app = web.Application(middlewares=[*traced, origins, problems, *handed], client_max_size=settings.max_body_bytes)
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
    app[GATEWAY], app[DESK], app[KEPT] = desk.gateway, desk, desk.figures.kept
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
    planner = Planner(gateway.store, gateway.clock)
    return Desk(gateway, doors, figures, root_key, Attempts(), planner, provider, settings.desk_url)


def build_gateway(
    settings: Settings, loaded: Loaded, store: SessionStore, upstream: Upstream, clock: Clock, tracing: Tracing
) -> Gateway:
    """Put the channels of a notice together. Raises SettingsError for settings that do not fit it."""
    metrics, courier = Metrics(), courier_of(settings, loaded)
    _check_recipients(settings, loaded, courier)
    office = build_office(settings, loaded, store, metrics, clock)
    return Building(
        settings, loaded, store, upstream=upstream, clock=clock, tracing=tracing, metrics=metrics, office=office
    ).gateway()


def build_office(settings: Settings, loaded: Loaded, store: SessionStore, metrics: Metrics, clock: Clock) -> Office:
    """Return what works on requests of data subjects."""

    @cache
    def texts(name: str) -> ChannelRedaction:
        channel = loaded.notice.channels[name]
        return ChannelRedaction(channel, redactor_of(channel), metrics.channel(name))

    return Office(loaded, store, courier_of(settings, loaded), texts, metrics, clock)


def _check_recipients(settings: Settings, loaded: Loaded, courier: Courier | None) -> None:
    """Raise SettingsError where recipients would be told unsigned, and warn where mail has no way to them."""
    informed = [each.inform for each in loaded.notice.recipients if each.inform is not None]
    mailboxes = [each for each in informed if not each.startswith(WEB)]
    if len(mailboxes) < len(informed) and len(hook_secret(settings)) < SHORTEST_TOKEN:
        msg = "recipients are informed at an address, which takes SORDINO_HOOK_SECRET, of 16 characters or more"
        raise SettingsError(msg)
    if mailboxes and courier is None:
        what = {"count": len(mailboxes)}
        LOGGER.warning("recipients can't be told: set SORDINO_SMTP_URL or SORDINO_LETTERS_HOOK", extra=what)


def courier_of(settings: Settings, loaded: Loaded) -> Courier | None:
    """Return what brings codes and letters to people, if the settings name anything."""
    if settings.letters_hook is not None:
        return HookCourier(str(settings.letters_hook), hook_secret(settings))
    if settings.smtp_url:
        password = settings.smtp_password.get_secret_value() if settings.smtp_password is not None else ""
        return SmtpCourier(settings.smtp_url, password, settings.mail_from or loaded.notice.controller.email)
    return None


def build_rights_job(gateway: Gateway, settings: Settings, clock: Clock, leader: Leading) -> RightsJob:
    """Return what goes on with requests by itself."""
    secret = hook_secret(settings)
    courier = courier_of(settings, gateway.loaded)
    casework, metrics = gateway.office.casework, gateway.metrics
    outbox = Outbox(gateway.loaded.notice, gateway.store, courier, secret, casework, metrics, clock)
    return RightsJob(gateway.store, casework, outbox, metrics, clock, leader)


def build_importer(loaded: Loaded, name: str, store: SessionStore, now: datetime) -> Importer:
    """Return what brings the transcripts of another system into a channel; no consent comes with them."""
    channel = loaded.notice.channels[name]
    texts = ChannelRedaction(channel, redactor_of(channel), Metrics().channel(name))
    return Importer(loaded, name, Rules(loaded.notice, channel).decide({}, disclosed=True).plan, texts, store, now)


def build_prover(loaded: Loaded, store: SessionStore) -> Prover:
    """Return what checks the promises of a notice over a store."""
    redactors = {name: redactor_of(channel) for name, channel in loaded.notice.channels.items()}
    return Prover(loaded, store, redactors)
