"""What a language says on the rights page, in letters and in a chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.holds import Ground
from storage.requests import RequestState, Right


@dataclass(frozen=True, slots=True)
class CommandWords:
    """Requests in a chat: whole messages, compared without case, accents, punctuation and `fillers`; the answers."""

    fillers: frozenset[str]
    phrases: Mapping[Right, tuple[str, ...]]
    confirmations: tuple[str, ...]
    confirm: str
    erased: str
    erased_partly: str
    access: str
    withdrawn: str
    quoted: str
    nothing_to_withdraw: str
    taken: str
    not_the_owner: str
    failed: str


@dataclass(frozen=True, slots=True)
class LetterWords:
    """Letters; `{...}` is filled in."""

    code_subject: str
    code: str
    answered_subject: str
    answered: str
    refused_subject: str
    remedies: str
    extended_subject: str
    lifting_subject: str
    lifting: str
    lifts: str


@dataclass(frozen=True, slots=True)
class RightsWords:
    """One language."""

    language: str
    title: str
    intro: str
    which: str
    rights: Mapping[Right, str]
    scope: str
    scope_all: str
    scope_purposes: str
    scope_consents: str
    scope_grounds: str
    grounds: Mapping[Ground, str]
    contact: str
    contact_hint: str
    phone: str
    customer_no: str
    more_hint: str
    statement: str
    statement_hint: str
    send: str
    known: str
    code_title: str
    code_text: str
    desk_text: str
    code: str
    check: str
    reference: str
    reference_text: str
    later: str
    show: str
    status: str
    states: Mapping[RequestState, str]
    received: str
    due: str
    answered: str
    answer: str
    nothing: str
    facts_title: str
    channel: str
    part: str
    purpose: str
    basis: str
    until: str
    recipients: str
    none: str
    origin: str
    held: str
    held_basis: str
    while_it_lasts: str
    may: str
    copy: str
    copy_text: str
    download: str
    gone: str
    blocked: str
    blocked_until: str
    blocked_open: str
    clean_by: str
    receipts: str
    restricted: str
    correction: str
    lifted: str
    objection: str
    rectification: str
    withdrawn: str
    linked: str
    rights_note: str
    errors: Mapping[str, str]
    back: str
    languages: str
    commands: CommandWords
    letters: LetterWords
