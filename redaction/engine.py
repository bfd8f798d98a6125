"""Redactor: text in, findings out.

The text is cut into segments (``segments``); each is folded, every recogniser that the gate calls and
the names model propose candidates, ``resolve`` weighs them. A segment is decided by itself, by what
stands before it and by the other side's last turn, never by what comes after it: so a stream of a few
characters at a time and the whole text get the same findings, and a megabyte needs no more memory
than a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from redaction.clues import asked
from redaction.clues import build as build_clues
from redaction.context import Scan
from redaction.doubts import doubted
from redaction.edges import completed, straightened
from redaction.endings import shortened
from redaction.findings import EntityType, Finding
from redaction.known import NAME as KNOWN
from redaction.known import Known, again
from redaction.languages import all_languages
from redaction.languages import language as known_language
from redaction.markup import apart, before_marks, held, values, with_mark
from redaction.names import LEFT_CONTEXT_WORDS, RIGHT_CONTEXT_WORDS, NamesModel, package_model
from redaction.names.words import split_words
from redaction.normalise import Folded, fold, identity, is_part
from redaction.operators import Policy, Replacement, apply
from redaction.patterns import Gate, of_controller
from redaction.recognisers import all_recognisers
from redaction.resolve import Candidate, resolve, supported, widened
from redaction.segments import LONGEST, SHORTEST, see_more, sentence_cut
from redaction.settling import latest, parting, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from redaction.clues import Asked
    from redaction.pseudonyms import Pseudonyms

Caution = Literal["low", "normal", "high"]
Channel = Literal["chat", "call", "mail", "ticket"]
_DOUBT = {"low": 2.0, "normal": 2.5, "high": 0.5}
_CAUTION = {"low": -1.0, "normal": 0.3, "high": 1.5}
_SUREST = 0.9
"""The model's probability says "personal", not which kind: a form or a check digit that says more wins."""
NAMES = "names"
"""The recogniser's name of what the model finds."""
_THRESHOLDS = {"low": 0.62, "normal": 0.5, "high": 0.36}
LEFT_CHARACTERS = 160
_LONGEST_PHONE = 15 + len("00")
"""Digits of a telephone number (ITU-T E.164) with the prefix of a call abroad; more are more than one number."""
_FIRST_TEXTS = (
    "Guten Tag, mein Name ist Jasper Lindqvist, Telefon 0171 5550199, geboren am 12.03.1968. Was kostet der Versand?",
    "null eins sieben zwo, Ahornstrasse 12, 01099 Dresden, jo@berg.example, IBAN DE89 3704 0044 0532 0130 00",
)
"""Decided once when a redactor is made: what is built on first use is then built before the first message."""


class NamesCandidate(Protocol):
    """What the names model proposes."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def type(self) -> EntityType: ...  # noqa: D102
    @property
    def probability(self) -> float: ...  # noqa: D102


class Names(Protocol):
    """A source of candidates that depends on a bounded number of words to the right."""

    def tag(
        self, text: str, *, previous: str = "", language: str | None = None, channel: str = "chat", caution: float = 0.0
    ) -> Sequence[NamesCandidate]:
        """Returns the candidates in ``text``."""
        ...


@dataclass(frozen=True, slots=True)
class Redacted:
    """A redacted text with what was found and what was put in its place (offsets in the original)."""

    text: str
    findings: tuple[Finding, ...]
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """What does not change within a message."""

    asked: Asked
    previous: str = ""
    language: str | None = None
    channel: str = "chat"
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A decided piece of text.

    Attributes:
        end: where it ends; what follows is another segment.
        upto: everything before is final (equals ``end`` where ``complete``).
        complete: no text that may follow changes it.
        findings: offsets from the piece's beginning, sorted.
    """

    end: int
    upto: int
    complete: bool
    findings: tuple[Finding, ...]


class Redactor:
    """Finds and replaces personal data. Holds no text between calls; safe to share between sessions."""

    def __init__(
        self,
        *,
        languages: Sequence[str] | None = None,
        allow: Sequence[str] = (),
        caution: Caution = "normal",
        names: Names | Literal["package"] | None = "package",
        patterns: Mapping[str, EntityType] | None = None,
    ) -> None:
        """Compile the recognisers.

        Args:
            languages: codes of the languages to expect; None for all. A message's own language is given to ``find``.
            allow: the controller's own hotlines, mailboxes and names, never redacted; ``@firm.example`` for a domain.
            caution: the trade between a leak and an innocent word covered.
            names: the statistical model, by default the package's own; None for rules alone.
            patterns: the controller's own RE2 patterns and the kind of what they match.

        Raises:
            UnknownLanguageError: a code without a data file.
            RecogniserError: a pattern that RE2 refuses.
            RedactionError: the package's model is missing or changed.
        """
        for code in languages or ():
            known_language(code)
        self._gate = Gate([*all_recognisers(), *([of_controller(patterns)] if patterns else [])])
        self._allow = frozenset(filter(None, (_plain(value) for value in allow if not value.startswith("@"))))
        self._domains = tuple(value.lower() for value in allow if value.startswith("@"))
        self._threshold = _THRESHOLDS[caution]
        self._caution = caution
        self._names: Names | None = package_model() if names == "package" else None
        for text in _FIRST_TEXTS:
            self.find(text, previous="Wie lautet Ihre Nummer?", language="de", channel="call")
        if names != "package":
            self._names = names

    def build(self) -> None:
        """Build now what is otherwise built in another thread after some thousand texts, for the sake of speed.

        Takes seconds of CPU, once a process; what is found stays the same.
        """
        if isinstance(self._names, NamesModel):
            self._names.build()
        self._gate.build()
        build_clues()

    def find(
        self,
        text: str,
        *,
        previous: str = "",
        language: str | None = None,
        channel: Channel = "chat",
        known: Known | None = None,
    ) -> tuple[Finding, ...]:
        """Returns the personal data in ``text``, sorted and not overlapping, offsets in code points.

        Args:
            text: any string; time grows linearly with its length, memory does not grow.
            previous: the other side's last turn.
            language: ISO 639-1 code; None where it is to be inferred.
            channel: what kind of conversation it is.
            known: values that the conversation has shown before.
        """
        situation = self.situation(previous, language, channel, known)
        if len(text) <= SHORTEST:  # is one segment
            return self.segment(text, "", situation, last=True, full=True).findings if text else ()
        return tuple(self._findings(text, situation))

    def redact(
        self,
        text: str,
        policy: Policy,
        *,
        pseudonyms: Pseudonyms | None = None,
        previous: str = "",
        language: str | None = None,
        channel: Channel = "chat",
        known: Known | None = None,
    ) -> Redacted:
        """Returns ``text`` with its personal data treated as ``policy`` says; the other arguments as in ``find``.

        Where ``known`` is not given, the values of ``pseudonyms`` are.
        """
        if known is None and pseudonyms is not None:
            known = Known(pseudonyms.values())
        findings = self.find(text, previous=previous, language=language, channel=channel, known=known)
        return treated(text, findings, policy, pseudonyms)

    def situation(self, previous: str, language: str | None, channel: str, known: Known | None = None) -> Situation:
        """Returns what stays the same within a message; for ``segment``."""
        code = language.lower().replace("_", "-").split("-")[0] if language else None
        shown = fold(previous).shown
        previous = previous if shown is None else shown
        return Situation(asked(previous), previous, code if code in all_languages() else None, channel, known)

    def _findings(self, text: str, situation: Situation) -> Iterator[Finding]:
        place = 0
        while place < len(text):
            size = LONGEST
            while place + size < len(text) and see_more(text[place : place + size]):
                size *= 2
            window = text[place : place + size]
            left = text[max(0, place - LEFT_CHARACTERS) : place]
            segment = self.segment(window, left, situation, last=place + size >= len(text), full=True)
            for finding in segment.findings:
                yield Finding(
                    finding.start + place, finding.end + place, finding.type, finding.score, finding.recogniser
                )
            place += segment.end

    def segment(
        self, window: str, left: str, situation: Situation, *, last: bool, full: bool, decided: int = 0
    ) -> Segment:
        """Decides the first segment of ``window``.

        Args:
            window: the text from the segment's beginning, ``LONGEST`` characters or as many as ``see_more`` wants.
            left: what stands before it.
            situation: see ``situation``.
            last: the text ends where the window ends.
            full: the window can't grow; a segment without an end of sentence is cut within it.
            decided: everything before is final already; where no more can be, nothing is searched.
        """
        folded = fold(window if last else window[: held(window)])
        cut = sentence_cut(folded)
        if cut is not None:
            folded = folded.head(cut)
        end = folded.length
        grows = cut is None and not last
        place = latest(folded.lower, self._named_upto(folded.visible(window))) if grows else 0
        if grows and not full and folded.lower and folded.place(place) <= decided:
            return Segment(end, decided, complete=False, findings=())
        before = fold(left)
        scan = Scan(
            folded,
            before.lower,
            situation.asked,
            situation.channel,
            situation.language,
            first=not left,
        )
        candidates = self._gate.candidates(scan)
        if self._names is not None:
            modelled = list(
                self._named(
                    self._names, folded.visible(window), left if before.shown is None else before.shown, situation
                )
            )
            candidates = [
                *supported(candidates, modelled, _DOUBT[self._caution]),
                *widened(completed(straightened(modelled, scan), scan), scan.units),
            ]
        candidates = list(doubted(list(shortened(candidates, scan)), scan))
        if situation.known:
            candidates += [Candidate(*hit, KNOWN) for hit in situation.known.find(scan)]
        found = resolve(candidates, scan.lower, self._threshold)
        if back := list(again(found, scan)):
            candidates += back
            found = resolve(candidates, scan.lower, self._threshold)
        findings = self._as_findings(found, folded, window)
        if folded.tags:
            findings = self._with_attributes(findings, folded, window, situation)
        if not grows:
            return Segment(end, end, complete=True, findings=findings)
        upto = folded.place(settled(scan, [*candidates, *found], place)) if folded.lower else 0
        upto = before_marks(upto, folded.tags)
        if full:
            end = upto or before_marks(folded.place(parting(scan, candidates)), folded.tags) or end
            return Segment(end, end, complete=True, findings=tuple(_clipped(findings, end)))
        return Segment(end, upto, complete=False, findings=tuple(f for f in findings if f.end <= upto))

    def _named(self, names: Names, text: str, left: str, situation: Situation) -> Iterator[Candidate]:
        """Yields what the names model finds in ``text``; it also reads the words before."""
        lead = _last_words(left)
        offset = len(lead)
        for found in names.tag(
            lead + text,
            previous=situation.previous,
            language=situation.language,
            channel=situation.channel,
            caution=_CAUTION[self._caution],
        ):
            if found.end > offset:
                start = max(found.start - offset, 0)
                yield Candidate(start, found.end - offset, found.type, min(found.probability, _SUREST), NAMES)

    def _named_upto(self, text: str) -> int:
        """Returns before which offset of an unfinished text the names model's answer is final."""
        if self._names is None:
            return len(text)
        words = split_words(text)
        unsettled = words[-(RIGHT_CONTEXT_WORDS + 1) :]
        return len("".join(words)) - len("".join(unsettled))

    def _as_findings(self, found: list[Candidate], folded: Folded, window: str) -> tuple[Finding, ...]:
        findings = []
        for candidate in found:
            start, end = folded.span(candidate.start, candidate.end)
            if self._allowed(candidate.type, window[start:end]):
                continue
            spans = [(start, end)]
            if folded.tags:
                spans = apart(start, end, folded.tags, window)
                if candidate.type is EntityType.PASSWORD and spans:
                    spans[0] = (with_mark(*spans[0], folded.tags), spans[0][1])
            findings += [Finding(*span, candidate.type, candidate.score, candidate.recogniser) for span in spans]
        return tuple(findings)

    def _with_attributes(
        self, findings: tuple[Finding, ...], folded: Folded, window: str, situation: Situation
    ) -> tuple[Finding, ...]:
        """Returns the findings with those in the tags' attributes, each of which is a text by itself."""
        alone = Situation(asked(""), "", situation.language, situation.channel, situation.known)
        more = []
        for tag in folded.tags:
            if any(f.start < tag.end and tag.start < f.end for f in findings):
                continue
            for value in values(window, tag):
                text, left = window[value.start : value.end], window[value.left : value.start]
                more += [
                    Finding(f.start + value.start, f.end + value.start, f.type, f.score, f.recogniser)
                    for f in self.segment(text, left, alone, last=True, full=True).findings
                    if not value.looks or f.recogniser != NAMES
                ]
        return tuple(sorted((*findings, *more), key=lambda finding: finding.start))

    def _allowed(self, kind: EntityType, value: str) -> bool:
        if self._domains and kind is EntityType.EMAIL and value.lower().endswith(self._domains):
            return True
        return bool(self._allow) and _plain(value) in self._allow


def treated(text: str, findings: tuple[Finding, ...], policy: Policy, pseudonyms: Pseudonyms | None = None) -> Redacted:
    """Returns ``text`` with findings made before treated as ``policy`` says: one search serves several policies."""
    replacements = tuple(replaced(text, 0, findings, policy, pseudonyms))
    pieces, place = [], 0
    for replacement in replacements:
        pieces += [text[place : replacement.start], replacement.text]
        place = replacement.end
    pieces.append(text[place:])
    return Redacted("".join(pieces), findings, replacements)


def replaced(
    text: str, offset: int, findings: Sequence[Finding], policy: Policy, pseudonyms: Pseudonyms | None
) -> Iterator[Replacement]:
    """Yields what replaces ``findings``; their offsets count from ``offset``, where ``text`` begins."""
    for finding in findings:
        value = text[finding.start - offset : finding.end - offset]
        replacement = apply(policy.operator(finding.type), finding.type, value, pseudonyms)
        if replacement is not None:
            yield Replacement(finding.start, finding.end, replacement, finding.type)


def _clipped(findings: Iterable[Finding], end: int) -> Iterator[Finding]:
    """Yields what of ``findings`` stands before ``end``: of a value that is cut neither part may be lost."""
    for finding in findings:
        if finding.end <= end:
            yield finding
        elif finding.start < end:
            yield Finding(finding.start, end, finding.type, finding.score, finding.recogniser)


def _last_words(left: str) -> str:
    """Returns the end of ``left`` that the names model can see, from a word's beginning."""
    words = split_words(left)
    return left[len("".join(words[:-LEFT_CONTEXT_WORDS])) :] if len(words) > LEFT_CONTEXT_WORDS else left


def _plain(value: str) -> str:
    """Returns the form in which allowed values are compared: letters and digits; the last nine of a phone number."""
    plain = "".join(filter(is_part, identity(value)))
    return plain[-9:] if plain.isdigit() and len(plain) <= _LONGEST_PHONE else plain
