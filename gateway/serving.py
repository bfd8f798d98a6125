"""A gateway that runs: its jobs in the background, its listeners, and an orderly end.

async with running(settings, loaded) as addresses: ...
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from gateway import tls
from gateway.app import Pages, build_desk, build_gateway, build_internal, build_prover, build_public, build_rights_job
from gateway.calls.script import idle_of
from gateway.channels import Gateway
from gateway.checking import LedgerCheck
from gateway.clock import Clock, SystemClock
from gateway.desk.figures import Figures
from gateway.desk.state import Desk
from gateway.draining import Draining
from gateway.handlers.handing_over import handing_over
from gateway.handlers.health import OTHERS
from gateway.jobs import Sweeper
from gateway.leader import Leader
from gateway.logs import LOGGER
from gateway.notice.load import Loaded
from gateway.process import harden
from gateway.promises import Proving
from gateway.rotation import KeyRotation
from gateway.rounds import again
from gateway.sealing import Sealer
from gateway.server import OnRefusal, Runner
from gateway.setting_kinds import cannot_listen, parse_listen
from gateway.settings import Settings, ensure_home
from gateway.sharing import Share
from gateway.stores import started
from gateway.tracing import open_tracing
from gateway.upstream import Upstream
from storage.store import SessionStore

_TICK_SECONDS = 1.0
_LOOK_SECONDS = 5.0
"""How often the store's books are looked at for what was withdrawn elsewhere, while calls are recorded."""
_TIDY_SECONDS = 60.0
_TIDY_EACH = timedelta(days=1)
_LEAVE_SECONDS = 10.0
_COLLECT_AFTER = 20_000  # container objects made and not freed


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the listeners are, as URLs, and what they share; `public` is empty where nothing but jobs runs."""

    public: str
    internal: str
    gateway: Gateway
    desk: Desk


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    loaded: Loaded,
    *,
    clock: Clock | None = None,
    pages: Pages | None = None,
    public: bool = True,
    share: Share | None = None,
) -> AsyncIterator[Addresses]:
    """Serve until the block ends. `pages` adds routes to the public listener (the demo's page).

    Without `public` nothing but the jobs runs, with the internal listener to watch them by.
    With `share` it is one of several workers, which listen on the same addresses.
    Raises SettingsError, KeyUnavailableError or StoreUnavailableError before anything is served.
    """
    harden()
    ensure_home(settings)
    clock = clock or SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        contexts = tls.secured(settings)
        store = await stack.enter_async_context(started(settings, clock, loaded.notice.notice, spools=public))
        gateway = _before(store, settings, loaded, clock, contexts, stack)
        leader = Leader(store, clock, gateway.metrics, candidate=settings.background_jobs or not public)
        stack.push_async_callback(leader.resign)
        rotation = KeyRotation(store.root_key, gateway.metrics, leader, automatic=settings.key_rotation == "automatic")
        figures = Figures(store, clock)
        desk = build_desk(settings, gateway, store.root_key, figures)
        if desk.provider is not None:
            stack.push_async_callback(desk.provider.close)
        jobs = await _jobs(gateway, settings, clock, leader, figures)
        following = tls.follow(contexts.kept, settings.tls_reload_seconds)
        for job in (following, rotation.run(), figures.run(), desk.planner.run(), *jobs):
            await stack.enter_async_context(_in_background(job))

        def count(reason: str) -> None:
            gateway.metrics.refused.labels("none", reason).inc()

        app, inside = None, build_internal(desk)
        if public:
            elsewhere = {} if share is None else share.elsewhere(loaded.notice)
            inside[OTHERS] = tuple(set(elsewhere.values()))
            hand_over = await stack.enter_async_context(handing_over(elsewhere)) if elsewhere else None
            app = build_public(gateway, settings, pages, hand_over)
        listening = _Listening(stack, settings, count, shared=share is not None)
        beside = None if share is None else share.socket_of(share.number)
        addresses = Addresses(
            public="" if app is None else await listening(app, settings.public_listen, contexts.public, beside),
            internal=await listening(inside, settings.internal_listen, contexts.internal),
            gateway=gateway,
            desk=desk,
        )
        LOGGER.info("serving", extra={"notice": loaded.notice.notice, "version": loaded.notice.version})
        stack.push_async_callback(_leave, gateway)
        yield addresses


def _before(
    store: SessionStore,
    settings: Settings,
    loaded: Loaded,
    clock: Clock,
    contexts: tls.Secured,
    stack: contextlib.AsyncExitStack,
) -> Gateway:
    """Return the gateway before the store and the bots, with what it traces; the stack closes the ways to both."""
    address = None if settings.traces_url is None else str(settings.traces_url)
    tracing = open_tracing(address, sample=settings.traces_sample, to_bots=settings.traces_to_bots)
    stack.push_async_callback(tracing.close)
    upstream = Upstream(
        connect_seconds=settings.connect_seconds, answer_seconds=settings.answer_seconds,
        max_answer_bytes=settings.max_body_bytes, connections_per_bot=settings.max_connections_per_bot,
        tls=contexts.upstream,
    )  # fmt: skip
    stack.push_async_callback(upstream.close)
    return build_gateway(settings, loaded, store, upstream, clock, tracing)


async def _jobs(
    gateway: Gateway, settings: Settings, clock: Clock, leader: Leader, figures: Figures
) -> list[Coroutine[None, None, None]]:
    """Return what runs beside the requests, after a first sweep; what only one process does is for the leader."""
    store, metrics, loaded = gateway.store, gateway.metrics, gateway.loaded
    idle = {name: idle_of(channel) for name, channel in loaded.notice.channels.items()}

    def forget(name: str, before: datetime) -> None:
        gateway.channels[name].conversation.forget(before)

    sweeper = Sweeper(store, metrics, clock, idle, settings.sweep_seconds, leader=leader, forget=forget)
    await sweeper.once()
    jobs = [
        leader.run(),
        sweeper.run(),
        Sealer(store.ledger, metrics, clock, leader).run(),
        LedgerCheck(store.ledger, metrics, clock, leader).run(),
    ]
    if store.spool is not None:
        jobs.append(Draining(store.spool, metrics, clock).run())
    jobs.append(build_rights_job(gateway, settings, clock, leader).run())
    if leader.candidate:
        prover = build_prover(loaded, store)
        proving = Proving(
            prover, store.proofs, metrics, clock, settings.prove_seconds, settings.prove_sample, figures.show_proof
        )
        jobs.append(proving.run())
    parts = gateway.channels.values()
    jobs.append(again(_tidying(store, leader, clock), _TIDY_SECONDS, "recordings not tidied"))
    looks = [each.line.look for each in parts if each.line is not None]
    jobs += [again(look, _LOOK_SECONDS, "consents not looked at") for look in looks]
    ticks = [each.line.tick for each in parts if each.line is not None]
    ticks += [each.recordings.tick for each in parts if each.recordings is not None]
    # Each apart: a platform that answers slowly does not stop the time of others' calls.
    return [*jobs, *(again(tick, _TICK_SECONDS, "tick failed") for tick in ticks)]


async def _leave(gateway: Gateway) -> None:
    """Have the calls recorded no further, before the listeners close and open requests finish."""
    LOGGER.info("ending: open requests may finish")
    lines = [parts.line for parts in gateway.channels.values() if parts.line is not None]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LEAVE_SECONDS):
            await asyncio.gather(*(line.leave() for line in lines))


def _tidying(store: SessionStore, leader: Leader, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Return what deletes once a day what the database does not know of recordings; a large bucket takes a while."""
    due = clock.now()

    async def tidy() -> None:
        nonlocal due
        if clock.now() < due:
            return
        async with leader.leading() as leads:
            if leads:
                await store.recordings.collect_orphans()
                due = clock.now() + _TIDY_EACH

    return tidy


def calm_the_collector() -> None:
    """Leave what lives as long as the process (code, languages, weights) out of garbage collections, and collect less.

    For a process that serves one gateway until it ends, for what is frozen stays even when it has become garbage.
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


@dataclass(frozen=True, slots=True)
class _Listening:
    """Serves applications until the stack ends; with `shared` other processes listen on the same addresses."""

    stack: contextlib.AsyncExitStack
    settings: Settings
    on_refusal: OnRefusal
    shared: bool

    async def __call__(
        self, app: web.Application, listen: str, context: ssl.SSLContext | None, beside: Path | None = None
    ) -> str:
        """Return the URL at which an application is served; `beside` is a socket for what workers hand over."""
        host, port = parse_listen(listen)
        settings = self.settings
        runner = Runner(
            app, self.on_refusal, settings.body_seconds, access_log=None, handler_cancellation=True,
            auto_decompress=False, keepalive_timeout=settings.keep_alive_seconds,
            shutdown_timeout=settings.drain_seconds,
        )  # fmt: skip
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        try:
            if beside is not None:
                await web.UnixSite(runner, beside).start()
            site = web.TCPSite(runner, host, port, reuse_address=True, reuse_port=self.shared, ssl_context=context)
            await site.start()
        except OSError as error:
            raise cannot_listen(listen, error) from None
        address = next(each for each in runner.addresses if not isinstance(each, str))
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        return f"{'http' if context is None else 'https'}://{shown}:{address[1]}"
