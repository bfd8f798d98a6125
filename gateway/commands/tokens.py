"""`sordino tokens`: who may use the internal listener by a token."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import uvloop

from gateway.access import COMMAND_LINE, Role, written_secret
from gateway.clock import SystemClock
from gateway.command_line import a_number, an_id
from gateway.settings import load_settings
from gateway.stores import started
from storage.access import LONGEST_TOKEN, ApiToken, new_secret
from storage.ids import uuid7
from storage.store import SessionStore


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and what is below it."""
    tokens = commands.add_parser("tokens", help="tokens for the internal listener").add_subparsers(
        required=True, metavar="COMMAND"
    )
    create = tokens.add_parser("create", help="create a token, and print it: it is shown this once")
    create.add_argument("name", help="what or who uses it")
    create.add_argument("--role", choices=[role.value for role in Role], action="append", required=True)
    create.add_argument(
        "--days", type=a_number(1, LONGEST_TOKEN.days), default=90, help="until it expires; default: 90, at most 366"
    )
    create.set_defaults(run=_create)
    listing = tokens.add_parser("list", help="list tokens, never their secrets")
    listing.set_defaults(run=_list)
    revoke = tokens.add_parser("revoke", help="end a token, and the sign-ins made with it")
    revoke.add_argument("token", type=an_id, help="its id")
    revoke.set_defaults(run=_revoke)


def _create(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> None:
        secret = new_secret()
        roles = tuple(role.value for role in Role if role.value in arguments.role)
        expires_at = now + timedelta(days=arguments.days)
        await store.access.create_token(
            ApiToken(uuid7(now), arguments.name, roles, COMMAND_LINE, now, expires_at), secret
        )
        print(written_secret(secret))

    return _run(work)


def _list(_arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> None:
        for token in await store.access.tokens():
            if token.revoked_at is not None:
                state = f"revoked {token.revoked_at.date().isoformat()}"
            else:
                state = f"{'expires' if token.serves(now) else 'expired'} {token.expires_at.date().isoformat()}"
            print(f"token {token.id}: {token.name}, {' '.join(token.roles)}, {state}")

    return _run(work)


def _revoke(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> None:
        await store.access.revoke(arguments.token, COMMAND_LINE, now)
        print(f"token {arguments.token} revoked")

    return _run(work)


def _run(work: Callable[[SessionStore, datetime], Awaitable[None]]) -> int:
    settings, clock = load_settings(), SystemClock()

    async def run() -> None:
        async with started(settings, clock) as store:
            await work(store, clock.now())

    uvloop.run(run())
    return 0
