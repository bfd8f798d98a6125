"""What the desk does besides showing: the one way for the API and the pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from gateway.access import Person, Role, written_secret
from gateway.consent import promises
from gateway.desk import acting
from gateway.desk.planning import check_counted, unknown_plan
from gateway.desk.state import Desk
from gateway.desk.views import Shown, plan_document
from gateway.errors import NoticeError, RefusedError
from gateway.notice.load import Loaded, parse_notice
from gateway.rendering import all_words
from storage.access import ApiToken, Approval, new_secret
from storage.errors import RetentionRefusedError
from storage.ids import uuid7
from storage.planning import Count
from storage.shortening import planned_at

_SHOWN_PROBLEMS = 10


async def create_token(
    desk: Desk, person: Person, name: str, roles: frozenset[Role], days: int
) -> tuple[ApiToken, str]:
    """Create a token; returns it with its secret, which nobody can see again. Nobody gives a role they do not have."""
    if not roles <= person.roles:
        raise RefusedError("forbidden", 403, "Nobody can give a role that they do not have")
    now, secret = desk.gateway.clock.now(), new_secret()
    named = tuple(role.value for role in Role if role in roles)
    token = ApiToken(uuid7(now), name, named, person.reference, now, now + timedelta(days=days))
    await desk.gateway.store.access.create_token(token, secret)
    return token, written_secret(secret)


async def ask_release(desk: Desk, person: Person, session: UUID, hold: UUID, reason: str) -> Approval:
    """Ask for the release of a hold."""
    found = await desk.gateway.store.retention.holds(session_id=session)
    if all(each.id != hold for each in found):
        raise RetentionRefusedError("this session has no such hold")
    return await acting.ask(desk, person, acting.RELEASE_HOLD, {"session": str(session), "hold": str(hold)}, reason)


async def ask_lift(desk: Desk, person: Person, session: UUID, restriction: UUID, reason: str) -> Approval:
    """Ask for the end of a restriction (Art. 18(3): its subject is told before)."""
    found = await desk.gateway.store.retention.restrictions(session_id=session)
    if all(each.id != restriction for each in found):
        raise RetentionRefusedError("this session has no such restriction or objection")
    facts = {"session": str(session), "restriction": str(restriction)}
    return await acting.ask(desk, person, acting.LIFT_RESTRICTION, facts, reason)


async def ask_export(desk: Desk, person: Person, session: UUID, purpose: str, reason: str) -> Approval:
    """Ask for an export outside a request; whether there is anything to export shows when it is fetched."""
    return await acting.ask(desk, person, acting.EXPORT, {"session": str(session), "purpose": purpose}, reason)


async def ask_destruction(desk: Desk, person: Person, version: int, reason: str) -> Approval:
    """Ask for a version of the root key to be destroyed. Raises RefusedError for one that is not there or in use."""
    kept = (await desk.root_key.list()).versions
    gone = [each for each in kept if each.version == version and each.destroyed_at is None]
    if not gone or gone[0].retired_at is None or gone[0].wraps:
        raise RefusedError("key_refused", 409, "There is no such version, or it still wraps keys")
    return await acting.ask(desk, person, acting.DESTROY_KEY, {"version": str(version)}, reason)


async def plan(desk: Desk, text: str) -> Count:
    """Begin to count what a new notice would shorten. Raises RefusedError that names what is wrong with it."""
    return await desk.planner.begin(read_notice(desk, text), text)


async def look_at_plan(desk: Desk, plan_id: str) -> Count:
    """Return a plan, as far as it has been counted. Raises RefusedError (404) if there is none."""
    found = await desk.planner.look(plan_id)
    if found is None:
        raise unknown_plan()
    return found


async def shown_plan(desk: Desk, count: Count, language: str) -> Shown:
    """Return what a notice changes, and what it would shorten as far as that has been counted."""
    words = all_words().get(language) or all_words()["en"]
    sessions = (await desk.figures.counted()).kept.sessions
    return plan_document(desk, read_notice(desk, count.document), count, sessions, words)


async def ask_shortening(desk: Desk, person: Person, text: str, plan_id: str, reason: str) -> Approval:
    """Ask for periods to be shortened by a plan. Raises RetentionRefusedError if it is not one of this notice."""
    new = read_notice(desk, text)
    planned_at(plan_id, promises(new.notice), new.digest, desk.gateway.clock.now())
    check_counted(await desk.planner.look(plan_id))
    facts = {"plan": plan_id, "version": new.notice.version, "digest": new.digest}
    return await acting.ask(desk, person, acting.SHORTEN, facts, reason, text)


def read_notice(desk: Desk, text: str) -> Loaded:
    """Read a new notice of the same id. Raises RefusedError that names line and field of what is wrong."""
    try:
        new = parse_notice(text.encode(errors="surrogatepass"), Path("notice"))
    except NoticeError as error:
        told = "; ".join(f"{p.line}: {p.field}: {p.message}" for p in error.problems[:_SHOWN_PROBLEMS])
        raise RefusedError("notice_wrong", 400, told) from None
    if new.notice.notice != desk.gateway.loaded.notice.notice:
        raise RefusedError("notice_wrong", 400, "1: notice: must be the id of the notice in force")
    return new
