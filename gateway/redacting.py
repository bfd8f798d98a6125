"""What of a text goes on and what is kept: a channel's promises as redaction policies.

`forward` says what the bot sees; what is kept is always redacted. Types that the bot asked for (`asks_for`)
go on to it and stay in what is kept only if the notice lists them in `keep_types`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal

from gateway.figures import figures, lead, whole
from gateway.metrics import ChannelMetrics
from gateway.notice.channel import Channel
from gateway.pieces import gone_on_from, merged, open_end, piece_of, uncovered, within
from gateway.recent import Heard, KnownFindings, Piece, Value
from redaction.clues import asked
from redaction.engine import Redactor, treated
from redaction.errors import RedactionError
from redaction.findings import EntityType, Finding
from redaction.known import Known
from redaction.languages import identify
from redaction.operators import Operator, Policy
from redaction.pseudonyms import Pseudonyms
from redaction.stream import StreamRedactor, StreamRestorer, TextStream

RedactionChannel = Literal["chat", "call", "mail", "ticket"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One text, read once: what goes on to the bot, and what is kept."""

    forward: str = field(repr=False)
    keep: str = field(repr=False)
    findings: tuple[Finding, ...]
    values: tuple[Value, ...] = field(default=(), repr=False)


class ChannelRedaction:
    """Applies one channel's policies."""

    def __init__(self, channel: Channel, redactor: Redactor, metrics: ChannelMetrics) -> None:
        """Work out the policies of the channel."""
        self._kind: RedactionChannel = channel.kind
        self._language = channel.language
        self._redactor = redactor
        self._metrics = metrics
        self._searched = KnownFindings()
        self._forward = forward_policy(channel)
        self._keep = keep_policy(channel)
        self.restores = channel.forward == "pseudonyms" and channel.deliver == "original"
        self.delivers_redacted = channel.deliver == "redacted"

    def read(self, text: str, heard: Heard, table: Pseudonyms) -> Reading:
        """Find the personal data of a text and apply both policies. Raises RedactionError."""
        findings = self._find(text, heard)
        forward = text if self._forward is None else treated(text, findings, self._forward, table).text
        return Reading(forward, self._kept(text, findings), findings, _values(text, findings))

    def read_number(self, number: str, field: str, heard: Heard, table: Pseudonyms) -> Reading:
        """Read a number of a JSON document in the field of this name, which goes on and is never kept.

        Raises RedactionError.
        """
        plain, findings = self._find_number(number, field, heard)
        forward = plain if self._forward is None else treated(plain, findings, self._forward, table).text
        if forward == plain:
            forward = number
        elif table.value(forward) is not None:
            table.note_number(forward, field, number)
        return Reading(forward, self._kept(plain, findings), findings, _values(plain, findings))

    def numbers(self, heard: Heard, table: Pseudonyms) -> AnswerNumbers:
        """Return what becomes of the numbers in the bot's tool calls on their way to the customer."""
        return AnswerNumbers(self, heard, table)

    def deliver_number(self, number: str, field: str, heard: Heard) -> str | None:
        """Return what the customer gets for a number of the bot; None: the number. Raises RedactionError."""
        plain, findings = self._find_number(number, field, heard)
        kept = self._kept(plain, findings)
        return None if kept == plain else kept

    def _find_number(self, number: str, field: str, heard: Heard) -> tuple[str, tuple[Finding, ...]]:
        plain, before = figures(number), lead(field)
        found = self._find(before + plain, Heard("", heard.values, heard.language))
        return plain, whole(plain, found, len(before))

    def read_on(self, text: str, heard: Heard, table: Pseudonyms, piece: Piece) -> tuple[Reading, Piece]:
        """Read a caller's turn together with what it may go on from; also returns what the next may go on from.

        Raises RedactionError.
        """
        findings, before = self._find(text, heard), gone_on_from(piece, heard.previous)
        if before:
            findings = merged(findings, within(self._find(f"{before} {text}", heard), len(before) + 1))
        forward = text if self._forward is None else treated(text, findings, self._forward, table).text
        opened = open_end(text, heard.previous, heard.language)
        masked = self._open(text, opened, heard.previous, findings) if opened is not None else findings
        reading = Reading(forward, self._kept(text, masked), masked, _values(text, findings))
        return reading, piece_of(text, findings, before, heard.previous, opened=opened is not None)

    def _open(
        self, text: str, end: tuple[int, int], previous: str, findings: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        """Return the findings with the open end of a turn, which is masked in what is kept.

        A kind that was asked for, and that the notice lets stay, stays.
        """
        wanted = sorted(asked(previous).types)
        kinds = [kind for kind in (*wanted, EntityType.CUSTOMER_NO, *EntityType) if self._hides(kind)]
        if not kinds or any(self._keep.operator(kind) is Operator.KEEP for kind in wanted):
            return findings
        more = uncovered(text, end, findings, kinds[0])
        return tuple(sorted((*findings, *more), key=lambda finding: finding.start))

    def _hides(self, kind: EntityType) -> bool:
        return self._keep.operator(kind) in {Operator.MASK, Operator.DROP}

    def findings(self, text: str, heard: Heard) -> tuple[Finding, ...]:
        """Return what is found in a text. Raises RedactionError."""
        return self._find(text, heard)

    def keep(self, text: str, heard: Heard) -> tuple[str, tuple[Value, ...]]:
        """Return what is kept of a text that goes nowhere else, and the values in it. Raises RedactionError."""
        findings = self._find(text, heard)
        return self._kept(text, findings), _values(text, findings)

    def _kept(self, text: str, findings: tuple[Finding, ...]) -> str:
        """Return what is kept of a text."""
        return treated(text, findings, self._keep).text if findings else text

    def deliver(self, text: str, heard: Heard, table: Pseudonyms) -> str:
        """Return what the customer gets of a bot's text."""
        if self.delivers_redacted:
            return self._kept(text, self._find(text, heard))
        return table.restore(text) if self.restores else text

    def open_stream(self, heard: Heard, table: Pseudonyms) -> TextStream | None:
        """Return what changes a bot's text on its way to the customer; None if nothing does."""
        if self.delivers_redacted:
            return StreamRedactor(
                self._redactor,
                self._keep,
                previous=heard.previous,
                language=heard.language,
                channel=self._kind,
                known=_known(heard),
            )
        return StreamRestorer(table) if self.restores and len(table) else None

    def language(self, text: str, heard: Heard) -> str | None:
        """Return the language to read a customer's text in: the channel's, the text's own or the conversation's.

        A short text does not tell its language. The bot answers in the customer's.
        """
        return self._language or identify(text) or heard.language

    def _find(self, text: str, heard: Heard) -> tuple[Finding, ...]:
        """Search a text, once: a history that is sent again has been searched before."""
        key = self._searched.key(text, heard)
        before = self._searched.get(key)
        if before is not None:
            return before
        began = perf_counter()
        try:
            findings = self._redactor.find(
                text, previous=heard.previous, language=heard.language, channel=self._kind, known=_known(heard)
            )
        except Exception:  # noqa: BLE001 - whatever failed, the text must not go on; the error may quote it
            raise RedactionError("redaction failed") from None
        self._metrics.searched(perf_counter() - began)
        self._searched.put(key, findings)
        return findings

    def count(self, findings: tuple[Finding, ...]) -> None:
        """Count what was found in a new turn, by type."""
        for finding in findings:
            self._metrics.found(finding.type)


class AnswerNumbers:
    """Numbers in the tool calls of one answer: redacted where answers are, or put back for what stood for them."""

    __slots__ = ("_heard", "_table", "_texts", "redacts", "restores")

    def __init__(self, texts: ChannelRedaction, heard: Heard, table: Pseudonyms) -> None:
        """Take the channel's policies and what they are applied with."""
        self._texts = texts
        self._heard = heard
        self._table = table
        self.redacts = texts.delivers_redacted
        self.restores = texts.restores and table.has_numbers

    def string_for(self, number: str, name: str) -> str | None:
        """Return what stands for a number in the field `name`; None where it stays. Raises RedactionError."""
        return self._texts.deliver_number(number, name, self._heard) if self.redacts else None

    def number_for(self, text: str, name: str) -> str | None:
        """Return the number that a string in the field `name` stands for; None where it stays a string."""
        return self._table.number(text, name) if self.restores else None


def _values(text: str, findings: tuple[Finding, ...]) -> tuple[Value, ...]:
    return tuple((finding.type, text[finding.start : finding.end]) for finding in findings)


def _known(heard: Heard) -> Known | None:
    return Known(heard.values) if heard.values else None


def forward_policy(channel: Channel) -> Policy | None:
    """Return what is done to findings before a text goes to the bot; None: nothing."""
    if channel.forward == "original":
        return None
    default = Operator.PSEUDONYM if channel.forward == "pseudonyms" else Operator.MASK
    by_type = {EntityType(kind): Operator(name) for kind, name in channel.operators.items()}
    return Policy(default, by_type | {EntityType(kind): Operator.KEEP for kind in channel.asks_for})


def keep_policy(channel: Channel) -> Policy:
    """Return what is done to findings before a text is kept: never a stand-in that could be put back."""
    named = channel.keep_operators or channel.operators
    by_type = {EntityType(kind): Operator(name) for kind, name in named.items() if name in {"mask", "partial", "drop"}}
    return Policy(Operator.MASK, by_type | {EntityType(kind): Operator.KEEP for kind in channel.keep_types})
