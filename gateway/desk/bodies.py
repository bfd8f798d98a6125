"""The bodies that the desk's API takes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.access import Role
from gateway.desk.acting import LONGEST_REASON
from gateway.handlers.schemas import Sent
from storage.holds import Verdict

MOST_NOTICE_CHARACTERS = 500_000
LONGEST_LETTER = 5000
_Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
_Letter = Annotated[str, Field(min_length=1, max_length=LONGEST_LETTER)]
_Notice = Annotated[str, Field(max_length=MOST_NOTICE_CHARACTERS)]


class TokenBody(Sent):
    """A token to create."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=len(Role))]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class ApprovalBody(Sent):
    """How something is decided that needs a second person."""

    approve: bool


class ReasonBody(Sent):
    """Why something is asked for that needs a second person."""

    reason: _Reason


class ExportBody(Sent):
    """An export outside a request."""

    purpose: Annotated[str, Field(min_length=1, max_length=200)]
    reason: _Reason


class DestructionBody(Sent):
    """A version of the root key to destroy, with all before it."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    reason: _Reason


class NoticeBody(Sent):
    """A new notice: the text of its YAML file."""

    notice: _Notice


class ShorteningBody(Sent):
    """Periods to shorten as a new notice says, by the plan that was shown."""

    notice: _Notice
    plan: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    reason: _Reason


class InclusionBody(Sent):
    """Those of the linked sessions that are the person's; the others are let go."""

    sessions: Annotated[tuple[UUID, ...], Field(max_length=1000)]


class AnswerBody(Sent):
    """An answer to a request; `verdict` for an objection alone."""

    text: _Letter
    verdict: Verdict | None = None


class ExtensionBody(Sent):
    """Why an answer takes longer."""

    reason: _Letter


class RefusalBody(Sent):
    """Why a request is refused; empty: the notice's sentence for a doubt who asks."""

    reason: Annotated[str, Field(max_length=LONGEST_LETTER)] = ""
