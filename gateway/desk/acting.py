"""What two people have to want: asked for by one, approved by another, then done at once.

Two people are two references, neither with a token that goes back to the other, nor both to the same maker. An export
is not done but fetched, once, by who asked for it. What fails after both have agreed (a plan that is another by now)
can be tried again for as long as the approval lasts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gateway.access import NOBODYS, Person, Role
from gateway.desk.state import Desk
from gateway.errors import RefusedError
from storage.access import Approval, ApprovalState
from storage.ids import uuid7
from storage.records import Transcript

RELEASE_HOLD: Final = "release-hold"
LIFT_RESTRICTION: Final = "lift-restriction"
SHORTEN: Final = "shorten"
DESTROY_KEY: Final = "destroy-key"
EXPORT: Final = "export"
LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class _Action:
    """Who may approve something, and what is done then, or by the planner beside the requests."""

    approvers: frozenset[Role]
    do: Callable[[Desk, Approval], Awaitable[None]] | None
    beside: bool = False


async def ask(
    desk: Desk, person: Person, action: str, facts: Mapping[str, str], reason: str, document: str = ""
) -> Approval:
    """Ask for something that needs a second person. Raises RefusedError without a reason."""
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise RefusedError("reason_missing", 400, f"Give a reason of 1 to {LONGEST_REASON} characters")
    now = desk.gateway.clock.now()
    asked = Approval(uuid7(now), action, facts, said, person.reference, now, document=document)
    return await desk.gateway.store.access.ask(asked)


async def decide(desk: Desk, person: Person, approval_id: UUID, *, approve: bool) -> Approval:
    """Approve something and do it, or refuse it. Raises RefusedError (403) for who may not."""
    access = desk.gateway.store.access
    kept = await access.approval(approval_id)
    action = _ACTIONS[kept.action]
    if not person.may(action.approvers) and (approve or kept.asked_by != person.reference):
        raise RefusedError("forbidden", 403, "Your role does not allow this")
    if approve and await same_eyes(desk, person, kept.asked_by):
        raise RefusedError(
            "same_person", 403, "Whoever has asked for something can't approve it: another person has to"
        )
    decided = kept
    if kept.state is not ApprovalState.APPROVED or not approve:
        decided = await access.decide(approval_id, person.reference, desk.gateway.clock.now(), approve=approve)
    if approve and action.beside:
        return await desk.planner.shorten(decided)
    if approve and action.do is not None:
        return await _do(desk, decided, action.do)
    return decided


async def fetch_export(desk: Desk, person: Person, approval_id: UUID) -> Transcript:
    """Return what an approved export shows, once, to who asked for it."""
    gateway, now = desk.gateway, desk.gateway.clock.now()
    kept = await gateway.store.access.approval(approval_id)
    if kept.action != EXPORT or kept.asked_by != person.reference:
        raise RefusedError("access_refused", 409, "there is no such approval (any more)")
    await gateway.store.access.use(approval_id, now)
    try:
        return await gateway.store.read(UUID(kept.facts["session"]), kept.facts["purpose"], now)
    except BaseException:  # who has left meanwhile has seen nothing of it either
        await gateway.store.access.give_back(approval_id)
        raise


async def same_eyes(desk: Desk, person: Person, first: str) -> bool:
    """Tell whether somebody and the first of two are one pair of eyes.

    They are if one has made the other's token, or made who made it, or if somebody has made both. Revoked tokens
    count: who revokes one has not become another person.
    """
    makers = {f"token:{token.id}": token.created_by for token in await desk.gateway.store.access.tokens()}
    if person.created_by:
        makers[person.reference] = person.created_by
    mine, other = _line(person.reference, makers), _line(first, makers)
    return first in mine or person.reference in other or not (mine & other) <= NOBODYS


def _line(reference: str, makers: Mapping[str, str]) -> set[str]:
    """Return a reference, who made its token, who made theirs, and so on."""
    line = {reference}
    while (maker := makers.get(reference)) is not None and maker not in line:
        line.add(maker)
        reference = maker
    return line


async def _do(desk: Desk, approval: Approval, do: Callable[[Desk, Approval], Awaitable[None]]) -> Approval:
    access = desk.gateway.store.access
    used = await access.use(approval.id, desk.gateway.clock.now())
    try:
        await do(desk, used)
    except BaseException:  # also where who approves has left
        await access.give_back(approval.id)
        raise
    return used


async def _release(desk: Desk, approval: Approval) -> None:
    facts, now = approval.facts, desk.gateway.clock.now()
    await desk.gateway.store.retention.release_hold(UUID(facts["session"]), UUID(facts["hold"]), now)


async def _lift(desk: Desk, approval: Approval) -> None:
    facts, by = approval.facts, approval.decided_by or approval.asked_by
    await desk.gateway.office.acts.lift(UUID(facts["session"]), UUID(facts["restriction"]), by)


async def _destroy(desk: Desk, approval: Approval) -> None:
    await desk.root_key.destroy(int(approval.facts["version"]))


_RUNS: Final = frozenset({Role.ADMIN, Role.DPO})
_DPO: Final = frozenset({Role.DPO})
_ACTIONS: Final[Mapping[str, _Action]] = {
    RELEASE_HOLD: _Action(_DPO, _release),
    LIFT_RESTRICTION: _Action(_DPO, _lift),
    SHORTEN: _Action(_RUNS, None, beside=True),
    DESTROY_KEY: _Action(_RUNS, _destroy),
    EXPORT: _Action(_DPO, None),
}
