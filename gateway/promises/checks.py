"""Each promise of a notice as a check over what the store tells. Pure.

A promise is kept or broken, never both and never "unknown": where nothing can be looked at, nothing is kept against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.notice.model import Notice
from storage.proving import Evidence, Kept
from storage.records import PartKind
from storage.requests import RequestFigures
from storage.verifying import Difference


class Promise(StrEnum):
    """What a notice promises; the label of `sordino_promise_kept`."""

    ERASED_ON_ITS_DAY = "erased-on-its-day"
    DAYS_AS_WRITTEN = "days-as-written"
    LEGAL_BASIS = "legal-basis"
    NAMED_PURPOSE = "named-purpose"
    RECORDED_WITH_CONSENT = "recorded-with-consent"
    WITHDRAWN_IS_GONE = "withdrawn-is-gone"
    PERSONAL_DATA_REDACTED = "personal-data-redacted"
    AI_DISCLOSED = "ai-disclosed"
    REQUESTS_IN_TIME = "requests-in-time"
    RECIPIENTS_INFORMED = "recipients-informed"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked at besides the figures.

    Attributes:
        differences: days and states that are not as the rules say, by kind (`RetentionStore.verify`).
        read: transcripts that were searched once more.
        found: personal data that today's recognisers find in them, by type.
        requests: how it stands with requests of data subjects and messages to recipients.
        at_platforms: recordings that call platforms made by themselves and have not deleted yet, and calls of which
            they do not say.
    """

    differences: Mapping[str, int] = field(default_factory=dict)
    read: int = 0
    found: Mapping[str, int] = field(default_factory=dict)
    requests: RequestFigures = field(default_factory=RequestFigures)
    at_platforms: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it stands with one promise: `checked` and `broken` count parts or sessions, `of_what` what is broken."""

    promise: Promise
    checked: int
    broken: int
    of_what: Mapping[str, int]

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.broken == 0


def outcomes(notice: Notice, evidence: Evidence, findings: Findings) -> tuple[Outcome, ...]:
    """Return how it stands with each promise, in a fixed order."""
    return tuple(_CHECKS[promise](notice, evidence, findings) for promise in Promise)


def _outcome(promise: Promise, checked: int, broken: Mapping[str, int]) -> Outcome:
    found = {what: count for what, count in sorted(broken.items()) if count}
    return Outcome(promise, checked, sum(found.values()), found)


def _assignments(evidence: Evidence) -> int:
    return sum(evidence.kept.values())


def _erased(_notice: Notice, evidence: Evidence, _findings: Findings) -> Outcome:
    return _outcome(Promise.ERASED_ON_ITS_DAY, _assignments(evidence), {"overdue": evidence.overdue})


def _days(_notice: Notice, evidence: Evidence, findings: Findings) -> Outcome:
    # That something stands without its consent is no wrong day: WITHDRAWN_IS_GONE counts it, by `unconsented`.
    differences = {what: count for what, count in findings.differences.items() if what != Difference.CONSENT.value}
    return _outcome(Promise.DAYS_AS_WRITTEN, _assignments(evidence), differences)


def _legal_basis(notice: Notice, evidence: Evidence, _findings: Findings) -> Outcome:
    def wrong(kept: Kept) -> bool:
        purpose = notice.purposes.get(kept.purpose)
        return purpose is not None and (purpose.legal_basis, purpose.consent) != (kept.legal_basis, kept.consent)

    return _outcome(Promise.LEGAL_BASIS, _assignments(evidence), _named(evidence, wrong))


def _named_purpose(notice: Notice, evidence: Evidence, _findings: Findings) -> Outcome:
    def unnamed(kept: Kept) -> bool:
        channel = notice.channels.get(kept.channel)
        return channel is None or kept.purpose not in channel.keep.get(kept.kind, {})

    nothing = {f"{kind.value} for nothing": count for kind, count in evidence.unfounded.items()}
    return _outcome(Promise.NAMED_PURPOSE, _assignments(evidence), _named(evidence, unnamed) | nothing)


def _named(evidence: Evidence, wrong: Callable[[Kept], bool]) -> dict[str, int]:
    broken: dict[str, int] = {}
    for kept, count in evidence.kept.items():
        if wrong(kept):
            what = f"{kept.kind.value} for {kept.purpose}"
            broken[what] = broken.get(what, 0) + count
    return broken


def _recorded(_notice: Notice, evidence: Evidence, findings: Findings) -> Outcome:
    recordings = sum(count for kept, count in evidence.kept.items() if kept.kind is PartKind.RECORDING)
    without = {
        "without consent": evidence.unconsented.get(PartKind.RECORDING, 0),
        "without proof from before": evidence.unproven,
        "still at the call platform": findings.at_platforms,
    }
    return _outcome(Promise.RECORDED_WITH_CONSENT, recordings, without)


def _withdrawn(_notice: Notice, evidence: Evidence, _findings: Findings) -> Outcome:
    resting = sum(count for kept, count in evidence.kept.items() if kept.consent is not None)
    left = {kind.value: count for kind, count in evidence.unconsented.items()}
    return _outcome(Promise.WITHDRAWN_IS_GONE, resting, left)


def _redacted(_notice: Notice, _evidence: Evidence, findings: Findings) -> Outcome:
    return _outcome(Promise.PERSONAL_DATA_REDACTED, findings.read, findings.found)


def _disclosed(_notice: Notice, evidence: Evidence, _findings: Findings) -> Outcome:
    return _outcome(Promise.AI_DISCLOSED, evidence.sessions, {"sessions": evidence.untold})


def _in_time(_notice: Notice, _evidence: Evidence, findings: Findings) -> Outcome:
    figures = findings.requests
    return _outcome(
        Promise.REQUESTS_IN_TIME,
        sum(figures.states.values()),
        {"overdue": figures.overdue, "answered late": figures.late},
    )


def _informed(_notice: Notice, _evidence: Evidence, findings: Findings) -> Outcome:
    figures = findings.requests
    return _outcome(Promise.RECIPIENTS_INFORMED, sum(figures.messages.values()), {"not delivered": figures.stuck})


_CHECKS: Final[Mapping[Promise, Callable[[Notice, Evidence, Findings], Outcome]]] = {
    Promise.ERASED_ON_ITS_DAY: _erased,
    Promise.DAYS_AS_WRITTEN: _days,
    Promise.LEGAL_BASIS: _legal_basis,
    Promise.NAMED_PURPOSE: _named_purpose,
    Promise.RECORDED_WITH_CONSENT: _recorded,
    Promise.WITHDRAWN_IS_GONE: _withdrawn,
    Promise.PERSONAL_DATA_REDACTED: _redacted,
    Promise.AI_DISCLOSED: _disclosed,
    Promise.REQUESTS_IN_TIME: _in_time,
    Promise.RECIPIENTS_INFORMED: _informed,
}
