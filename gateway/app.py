"""The only wiring: settings and a notice in, two applications out.

    async with running(settings, loaded) as addresses: ...

puts store, keys, redaction, channels and jobs together, serves both listeners and lets open requests end.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from gateway.calls.line import Line
from gateway.calls.links import Links
from gateway.calls.script import idle_of
from gateway.calls.twilio.edge import TwilioEdge
from gateway.calls.twilio.recordings import PlatformRecordings
from gateway.channels import GATEWAY, ChannelParts, Gateway
from gateway.clock import Clock, SystemClock
from gateway.connectors import connector_for
from gateway.consent import Rules
from gateway.consent_book import ConsentBook
from gateway.conversation import Conversation
from gateway.errors import SettingsError
from gateway.handlers import retention
from gateway.handlers.call import add_calls
from gateway.handlers.chat import converse
from gateway.handlers.consent import answer_consent, rate, show_consent
from gateway.handlers.health import live, metrics, ready
from gateway.handlers.kit import COMPONENT_PATH, component
from gateway.handlers.recording import read_recording, silence_recording
from gateway.handlers.sessions import list_sessions, read_session
from gateway.importing import Importer
from gateway.jobs import Sweeper, Ticker
from gateway.leader import Leader
from gateway.limits import Limits
from gateway.logs import LOGGER
from gateway.metrics import Metrics
from gateway.middlewares import finish_headers, origins, problems
from gateway.notice.channel import Channel
from gateway.notice.load import Loaded
from gateway.promises import Prover, Proving
from gateway.redacting import ChannelRedaction
from gateway.rotation import KeyRotation
from gateway.sealing import Sealer
from gateway.server import OnRefusal, Runner
from gateway.sessions import Sessions
from gateway.settings import Settings, ensure_home, internal_token, parse_listen
from gateway.upstream import Upstream
from redaction.engine import Redactor
from redaction.names import NamesModel
from storage.blobs import BlobStore
from storage.blobs.files import FileBlobs
from storage.blobs.s3 import Bucket, S3Blobs
from storage.crypto import providers
from storage.ledger.outside import Outside
from storage.ledger.signing import signing_key
from storage.ledger.sinks import FileSink
from storage.sql import RootKey, SqlStore
from storage.store import SessionStore

Pages = Callable[[web.Application], None]
_KEEP_ALIVE_SECONDS = 75.0
_TWILIO = "https://api.twilio.com"
_COLLECT_AFTER = 20_000  # container objects made and not freed


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the listeners are, as URLs, and what they share."""

    public: str
    internal: str
    gateway: Gateway


async def make_root_key(settings: Settings) -> None:
    """Make the root key that the settings name. Raises KeyUnavailableError if there is one already."""
    ensure_home(settings)
    await providers.make_root_key(settings.root_key_address, settings.openbao_token)


def create_root_key(settings: Settings) -> None:
    """Make the root key's file, if the root key is to be in a file and there is none."""
    path = settings.root_key_path
    if path is not None and not path.exists():
        ensure_home(settings)
        providers.FileKeyProvider.create(path)


@contextlib.asynccontextmanager
async def open_root_key(settings: Settings, clock: Clock) -> AsyncIterator[RootKey]:
    """Open the store's root key until the block ends; beside a running gateway, if there is one."""
    store = open_store(settings, clock)
    try:
        await store.open_keys()
        yield store.root_key
    finally:
        await store.close()


def open_store(settings: Settings, clock: Clock, tenant: str | None = None) -> SqlStore:
    """Return the store that the settings name, not started yet; without a tenant, of whichever notice it is."""
    return SqlStore(
        settings.sessions_url,
        settings.key_store_url,
        providers.provider_at(settings.root_key_address, os.environ, settings.openbao_token),
        tenant=tenant,
        blobs=_blobs(settings),
        clock=clock,
        outside=Outside(FileSink(settings.ledger_sink_path), signing_key(settings.ledger_key_path)),
        key_backup_horizon=settings.key_backup_horizon,
    )


def _blobs(settings: Settings) -> BlobStore:
    if settings.blobs_bucket is None:
        return FileBlobs(settings.blobs_path)
    name, prefix = settings.blobs_bucket
    secret, endpoint = settings.blobs_secret_key, settings.blobs_endpoint
    bucket = Bucket(
        name,
        prefix,
        endpoint="" if endpoint is None else str(endpoint).rstrip("/"),
        region=settings.blobs_region,
        access_key=settings.blobs_access_key,
        secret_key="" if secret is None else secret.get_secret_value(),
    )
    return S3Blobs(bucket)


def build_public(gateway: Gateway, settings: Settings, pages: Pages | None = None) -> web.Application:
    """Return the application of the public listener; `pages` may add routes that go before all others."""
    app = web.Application(middlewares=[origins, problems], client_max_size=settings.max_body_bytes)
    app[GATEWAY] = gateway
    app.on_response_prepare.append(finish_headers)
    if pages is not None:
        pages(app)
    # The bots' own paths come next: nearly all requests are theirs, and routes are tried in turn.
    chats = [name for name, parts in gateway.channels.items() if parts.line is None]
    if chats:
        _add_bots(app, "{channel:(?:" + "|".join(chats) + ")}")
    add_calls(app, gateway)
    _add_bots(app, "{channel}")
    app.router.add_get("/{channel}/consent", show_consent, allow_head=False)
    app.router.add_post("/{channel}/consent", answer_consent)
    app.router.add_post("/{channel}/ratings", rate)
    app.router.add_get(COMPONENT_PATH, component)
    return app


def _add_bots(app: web.Application, channel: str) -> None:
    bot = app.router.add_resource("/" + channel + r"/{tail:(?!(?:consent|ratings)$).*}")
    bot.add_route("POST", converse)
    bot.add_route("GET", converse)


def build_internal(gateway: Gateway) -> web.Application:
    """Return the application of the internal listener."""
    app = web.Application(middlewares=[problems])
    app[GATEWAY] = gateway
    app.on_response_prepare.append(finish_headers)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/sessions", list_sessions)
    app.router.add_get("/sessions/{id}", read_session)
    app.router.add_get("/sessions/{id}/recording", read_recording, allow_head=False)
    app.router.add_put("/sessions/{id}/recording/silence", silence_recording)
    retention.add_routes(app)
    return app


def build_gateway(settings: Settings, loaded: Loaded, store: SessionStore, upstream: Upstream, clock: Clock) -> Gateway:
    """Put the channels of a notice together. Raises SettingsError for settings of channels that it does not have."""
    for name in (*settings.upstreams, *settings.channel_secrets, *settings.platform_secrets, *settings.platform_apis):
        if name not in loaded.notice.channels:
            raise SettingsError(f"the notice has no channel {name!r}; it has: {', '.join(loaded.notice.channels)}")
    measured, names = Metrics(), NamesModel.load()

    def parts(name: str) -> ChannelParts:
        channel = loaded.notice.channels[name]
        sessions = Sessions(loaded, name, idle_of(channel), store)
        counts, rules = measured.channel(name), Rules(loaded.notice, channel)
        edge = _edge(settings, name, channel, measured, upstream, clock)
        conversation = Conversation(
            loaded,
            name,
            connector_for(channel),
            rules=rules,
            base_url=str(settings.upstreams.get(name, channel.upstream or "")),
            texts=ChannelRedaction(channel, _redactor(channel, names), counts),
            sessions=sessions,
            store=store,
            upstream=upstream,
            metrics=counts,
            clock=clock,
            limits=Limits(settings.max_message_characters),
            sign=edge.signed if edge is not None else None,
        )
        line = (
            Line(
                loaded, name, rules=rules, conversation=conversation, sessions=sessions, store=store,
                metrics=measured, clock=clock,
            )
            if channel.kind == "call"
            else None
        )  # fmt: skip
        consent = ConsentBook(loaded, name, rules=rules, sessions=sessions, store=store, metrics=measured, clock=clock)
        if edge is not None:
            edge.recordings.opens = line
        secret = settings.channel_secrets.get(name)
        return ChannelParts(name, channel, rules, conversation, consent, sessions, line, secret, edge)

    channels = {name: parts(name) for name in loaded.notice.channels}
    return Gateway(
        loaded,
        channels,
        store,
        measured,
        clock,
        internal_token(settings),
        allowed_origins=settings.allowed_origins,
        body_seconds=settings.body_seconds,
        client_seconds=settings.client_seconds,
    )


def build_importer(loaded: Loaded, name: str, store: SessionStore, now: datetime) -> Importer:
    """Return what brings the transcripts of another system into a channel; no consent comes with them."""
    channel = loaded.notice.channels[name]
    texts = ChannelRedaction(channel, _redactor(channel, NamesModel.load()), Metrics().channel(name))
    return Importer(loaded, name, Rules(loaded.notice, channel).decide({}, disclosed=True).plan, texts, store, now)


def _redactor(channel: Channel, names: NamesModel) -> Redactor:
    own = {pattern: kind for kind, patterns in channel.patterns.items() for pattern in patterns}
    return Redactor(allow=channel.own, caution=channel.caution, names=names, patterns=own)


def build_prover(loaded: Loaded, store: SessionStore) -> Prover:
    """Return what checks the promises of a notice over a store."""
    names = NamesModel.load()
    redactors = {name: _redactor(channel, names) for name, channel in loaded.notice.channels.items()}
    return Prover(loaded, store, redactors)


@contextlib.asynccontextmanager
async def running(
    settings: Settings, loaded: Loaded, *, clock: Clock | None = None, pages: Pages | None = None
) -> AsyncIterator[Addresses]:
    """Serve until the block ends. `pages` adds routes to the public listener (the demo's page).

    Raises SettingsError, KeyUnavailableError or StoreUnavailableError before anything is served.
    """
    ensure_home(settings)
    clock = clock or SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        store = open_store(settings, clock, loaded.notice.notice)
        await store.start()
        stack.push_async_callback(store.close)
        await store.recordings.collect_orphans()
        upstream = Upstream(
            connect_seconds=settings.connect_seconds, answer_seconds=settings.answer_seconds,
            max_answer_bytes=settings.max_body_bytes,
        )  # fmt: skip
        stack.push_async_callback(upstream.close)
        gateway = build_gateway(settings, loaded, store, upstream, clock)
        idle = {name: idle_of(channel) for name, channel in loaded.notice.channels.items()}

        def forget(name: str, before: datetime) -> None:
            gateway.channels[name].conversation.forget(before)

        leader = Leader(store, clock, gateway.metrics)
        stack.push_async_callback(leader.resign)
        await stack.enter_async_context(_in_background(leader.run()))
        sweeper = Sweeper(
            store, gateway.metrics, clock, idle, settings.sweep_seconds, leader=leader, forget=forget
        )  # fmt: skip
        await sweeper.once()
        await stack.enter_async_context(_in_background(sweeper.run()))
        await stack.enter_async_context(_in_background(Sealer(store.ledger, gateway.metrics, clock, leader).run()))
        lines = [parts.line for parts in gateway.channels.values() if parts.line is not None]
        if lines:
            edges = [parts.edge for parts in gateway.channels.values() if parts.edge is not None]
            ticks = [*(line.tick for line in lines), *(edge.recordings.tick for edge in edges)]
            await stack.enter_async_context(_in_background(Ticker(ticks).run()))
        rotation = KeyRotation(store.root_key, gateway.metrics, leader, automatic=settings.key_rotation == "automatic")
        await stack.enter_async_context(_in_background(rotation.run()))
        proving = Proving(
            build_prover(loaded, store), gateway.metrics, clock, settings.prove_seconds, settings.prove_sample
        )
        await stack.enter_async_context(_in_background(proving.run()))
        app = build_public(gateway, settings, pages)

        def count(reason: str) -> None:
            gateway.metrics.refused.labels("none", reason).inc()

        addresses = Addresses(
            public=await _listen(stack, app, settings.public_listen, settings, count),
            internal=await _listen(stack, build_internal(gateway), settings.internal_listen, settings, count),
            gateway=gateway,
        )
        _calm_the_collector()
        _warn(loaded)
        LOGGER.info("serving", extra={"notice": loaded.notice.notice, "version": loaded.notice.version})
        yield addresses
        LOGGER.info("ending: open requests may finish")


def _edge(
    settings: Settings, name: str, channel: Channel, measured: Metrics, upstream: Upstream, clock: Clock
) -> TwilioEdge | None:
    """Return the edge of a channel that speaks Twilio's protocol. Raises SettingsError where it can't be safe."""
    if channel.connector != "twilio":
        return None
    token = settings.platform_secrets.get(name)
    if token is None or not settings.public_url:
        raise SettingsError(
            f"the channel {name!r} speaks twilio, which takes SORDINO_PUBLIC_URL and SORDINO_PLATFORM_SECRETS"
        )
    own = channel.call.bot_addresses if channel.call is not None else ()
    links = Links(settings.public_url, name, str(settings.upstreams.get(name, channel.upstream or "")), own)
    api = str(settings.platform_apis.get(name, _TWILIO))
    show = measured.platform_recordings.labels(name).set
    return TwilioEdge(token, links, PlatformRecordings(api, token, upstream, clock, show), upstream)


def _warn(loaded: Loaded) -> None:
    """Say what the notice promises and nothing acts on yet, and which of its channels are not served."""
    if loaded.pending:
        what = {"notice": loaded.notice.notice, "version": loaded.notice.version, "count": len(loaded.pending)}
        LOGGER.warning("parts of the notice are not in effect yet: see `sordino check`", extra=what)
    for name, channel in loaded.notice.channels.items():
        if channel.kind == "ticket":
            what = {"channel": name, "kind": channel.kind}
            LOGGER.warning("channel is not served: it is neither chat nor calls", extra=what)


def _calm_the_collector() -> None:
    """Leave what lives as long as the process (code, languages, weights) out of garbage collections, and collect less.

    Requests make hardly any cycles; collections took about a tenth of a stored exchange's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])


@contextlib.asynccontextmanager
async def _in_background(job: Coroutine[None, None, None]) -> AsyncIterator[None]:
    # No TaskGroup: it would wrap the errors of what runs beside the job, and those are for people to read.
    task = asyncio.ensure_future(job)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listen(
    stack: contextlib.AsyncExitStack, app: web.Application, listen: str, settings: Settings, on_refusal: OnRefusal
) -> str:
    host, port = parse_listen(listen)
    runner = Runner(
        app, on_refusal, settings.body_seconds, access_log=None, handler_cancellation=True,
        keepalive_timeout=_KEEP_ALIVE_SECONDS, shutdown_timeout=settings.drain_seconds,
    )  # fmt: skip
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port, reuse_address=True)
    try:
        await site.start()
    except OSError as error:
        raise SettingsError(f"can't listen on {listen}: {error.strerror}") from None
    address = runner.addresses[0]
    shown = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"http://{shown}:{address[1]}"
