"""What a language says: the words that are not in the notice itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.records import PartKind, StartEvent


@dataclass(frozen=True, slots=True)
class Units:
    """A length of time in words: for each unit its singular and plural."""

    years: tuple[str, str]
    months: tuple[str, str]
    days: tuple[str, str]
    hours: tuple[str, str]
    minutes: tuple[str, str]
    seconds: tuple[str, str]
    joined: str


@dataclass(frozen=True, slots=True)
class InformationWords:
    """Sentences of the Art. 13 text; `{...}` is filled in."""

    title: str
    controller: str
    officer: str
    about: str
    provision: str
    automated_decisions: str
    channel: Mapping[str, str]
    disclosed: str
    asked: str
    asked_of_agents: str
    needed: str
    asks_for: str
    readable: str
    found_by: str
    platform: str
    forward: Mapping[str, str]
    kept: str
    nothing_kept: str
    survey: str
    part: str
    purpose: str
    basis: str
    period: str
    interest: str
    purposes: str
    recipients: str
    no_recipients: str
    gets: str
    transfer: str
    transfer_bare: str
    rights: str
    contact: str
    withdrawal: str
    objection: str
    authority: str
    requests_kept: str
    ruled_out: str


@dataclass(frozen=True, slots=True)
class RegisterWords:
    """Sentences of the Art. 30 register."""

    title: str
    activities: str
    activity: str
    wordings: str
    subjects: str
    subjects_text: str
    categories: str
    recipients: str
    transfers: str
    none: str
    limits: str
    requests: str
    requests_for: str
    requests_part: str
    measures: str
    measures_text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """Sentences that say what a new version of a notice changes."""

    title: str
    nothing: str
    for_all: str
    for_channel: str
    controller: str
    rights: str
    wording: str
    channel_added: str
    channel_gone: str
    channel_field: str
    keeps_more: str
    keeps_no_more: str
    longer: str
    shorter: str
    other_start: str
    basis: str
    interest: str
    described: str
    purpose_field: str
    consent_field: str
    requests_kept: str
    consent_wording: str
    disclosure: str
    recipient_added: str
    recipient_gone: str
    recipient_changed: str
    ruled_out: str
    allowed: str
    sooner: str
    consent_again: str


@dataclass(frozen=True, slots=True)
class ProofWords:
    """The report on how it stands with the promises; `sentences` by `gateway.promises.Promise`."""

    title: str
    summary: str
    all_kept: str
    some_broken: str
    promises: str
    promise: str
    state: str
    kept: str
    not_kept: str
    checked: str
    broken: str
    signed: str
    doubtful: str
    doubtful_text: str
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """One language. `connections`: the part `connection` by the kind of channel; `uses`: what `not_for` may name."""

    language: str
    units: Units
    parts: Mapping[PartKind, str]
    connections: Mapping[str, str]
    types: Mapping[str, str]
    starts: Mapping[StartEvent, str]
    year_end: str
    waits_for: str
    uses: Mapping[str, str]
    bases: Mapping[str, str]
    roles: Mapping[str, str]
    articles: Mapping[str, str]
    information: InformationWords
    register: RegisterWords
    changes: ChangeWords
    proof: ProofWords
    foot: str
