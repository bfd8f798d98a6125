"""What a request allows, as every `storage.requests.RequestStore` asks before it writes. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from storage.errors import RequestRefusedError
from storage.requests import OWED, RESTRICTING, RUNNING, UNPROVEN, Matter, Request, RequestState, RequestStep, Right
from storage.retention import SUBJECT


def owed(request: Request) -> bool:
    """Tell whether it is the controller's turn."""
    return request.state in OWED or (request.state in UNPROVEN and request.attested_by is not None)


def check_step(request: Request, step: RequestStep) -> None:
    """Raise RequestRefusedError unless the request is in a state in which the step may be taken."""
    if request.state not in step.expects:
        raise RequestRefusedError(f"a request that is {request.state.value} can't take this step")


def check_known(step: RequestStep, matter: Matter, taken: Callable[[str], bool]) -> None:
    """Raise RequestRefusedError if the step goes by what is no longer so; `taken` tells of a name if it was before."""
    if step.known not in (None, matter) or (step.once and taken(step.what)):
        raise RequestRefusedError("somebody has changed this request meanwhile: look at it again")


def may_restrict(request: Request, since: datetime, *, untold: bool) -> bool:
    """Tell whether a request may ask for a restriction that began then; `untold`: a letter to its sender waits."""
    if request.right not in RESTRICTING or request.state in UNPROVEN:
        return False
    granted = request.right is Right.RESTRICTION and request.state is RequestState.ANSWERED
    later = granted and request.answered_at is not None and request.answered_at >= since
    return request.state in RUNNING or later or untold


def eraser_of(step: RequestStep, matter: Matter) -> str:
    """Return who erases by a step: the subject, who asks for it, or whoever enters an act of their own as one."""
    return step.by if matter.alone else SUBJECT


def attested(request: Request, by: str) -> bool:
    """Tell whether this attestation is the second. Raises RequestRefusedError for the same person, or a wrong state."""
    if request.state not in UNPROVEN:
        msg = f"the identity behind a request that is {request.state.value} is not looked at any more"
        raise RequestRefusedError(msg)
    if request.attested_by == by:
        raise RequestRefusedError("two different people look at the identity: another has to confirm it")
    return request.attested_by is not None


def no_request() -> RequestRefusedError:
    """Return the error for a request or message that is not there."""
    return RequestRefusedError("there is no such request or message, or it has expired")
