"""What happens in a call, and what follows from it: events in, commands out; no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Party(StrEnum):
    """Whose consent a record is about: both sides of a call have a spoken word to protect (section 201 StGB)."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How an answer came.

    Attributes:
        method: `dtmf`, `speech` or `desk`; `none` where no answer came that could be understood.
        key: the key that was pressed.
        words: the words that were understood, as the notice lists them, never the whole utterance.
        confidence: what the speech recognition said of itself, 0 to 1.
        reference: which person at the desk, as the platform names them.
    """

    method: Literal["dtmf", "speech", "desk", "none"]
    key: str | None = None
    words: str | None = None
    confidence: float | None = None
    reference: str | None = field(default=None, repr=False)


# --- what happens


@dataclass(frozen=True, slots=True)
class Offered:
    """The call has begun; the question can be put."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys of the telephone, in order; `answers` is false while the question has not been spoken."""

    keys: str = field(repr=False)
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """A finished utterance of the caller, with the confidence of the speech recognition (None: it says none).

    `answers` is false while the question has not been spoken: then it can only stop.
    """

    text: str = field(repr=False)
    confidence: float | None = None
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing came in the time for an answer."""


@dataclass(frozen=True, slots=True)
class Desk:
    """From an agent's desk: their own consent, or what the caller has answered them."""

    given: bool
    reference: str = field(default="", repr=False)
    of: Party = Party.AGENT


@dataclass(frozen=True, slots=True)
class Joined:
    """The call was transferred, or somebody came into it; `agent`: a person of the service."""

    agent: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """The recording is to stop, for good."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The process ends, and with it what could stop the recording: it stops, and no answer counts any more."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is to be recorded or written down for a while; `card`: a card's number is coming, as was heard."""

    card: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause; `card`: only after one that was heard, and a person's stands."""

    card: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """An answer is durable."""

    of: Party
    given: bool
    round: int


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """An answer could not be made durable."""

    of: Party
    round: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over: somebody hung up, the platform said so, or its time has run out."""


Event = (
    Offered | Pressed | Heard | Silent | Desk | Joined | Stop | Leave | Pause | Resume
    | Committed | CommitFailed | Ended
)  # fmt: skip


# --- what follows


@dataclass(frozen=True, slots=True)
class Ask:
    """Put the question; `again`: the answer was not clear."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class TellNotRecorded:
    """Tell the caller that nothing is recorded: their answer could not be kept."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Make an answer durable, then report `Committed` or `CommitFailed` with the same round."""

    of: Party
    given: bool
    round: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Arm:
    """From here on audio is kept."""


@dataclass(frozen=True, slots=True)
class Disarm:
    """From here on audio is not kept."""


Command = Ask | TellNotRecorded | Commit | Arm | Disarm
