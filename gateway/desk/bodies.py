"""The bodies that the desk's API takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.access import Role
from gateway.desk.acting import LONGEST_REASON

MOST_NOTICE_CHARACTERS = 500_000
_Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
_Notice = Annotated[str, Field(max_length=MOST_NOTICE_CHARACTERS)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class TokenBody(_Body):
    """A token to create."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=len(Role))]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class ApprovalBody(_Body):
    """How something is decided that needs a second person."""

    approve: bool


class ExportBody(_Body):
    """An export outside a request."""

    purpose: Annotated[str, Field(min_length=1, max_length=200)]
    reason: _Reason


class DestructionBody(_Body):
    """A version of the root key to destroy, with all before it."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    reason: _Reason


class NoticeBody(_Body):
    """A new notice: the text of its YAML file."""

    notice: _Notice


class ShorteningBody(_Body):
    """Periods to shorten as a new notice says, by the plan that was shown."""

    notice: _Notice
    plan: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    reason: _Reason
