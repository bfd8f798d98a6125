"""Resolution: candidates compete by evidence, not by order.

- Candidates that agree (same kind, overlapping) back each other up: their scores join as independent
  evidence, their spans as one, for an uncertain character is covered.
- Where kinds differ, the better score wins its characters; of the loser remains what it covers beside,
  if that is enough to be a value.
- What stays below the threshold of the chosen caution is dropped; spans end where the value ends.
"""

# ruff: noqa: E501 - a set of kinds reads best in a row

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

from redaction.findings import EntityType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_FORMAL = 0.91
_INITIAL = 2
_STRICTER = {
    **dict.fromkeys((EntityType.IP, EntityType.GEO, EntityType.DEVICE_ID, EntityType.EMAIL, EntityType.URL), 0.2),
    **dict.fromkeys((EntityType.NATIONAL_ID, EntityType.USERNAME, EntityType.MAC), 0.2),
    **dict.fromkeys((EntityType.CUSTOMER_NO, EntityType.DATE_OF_BIRTH), 0.1),
    EntityType.HEALTH: 0.2,
}
_PARTICLES = frozenset(
    (" von ", " van ", " de ", " van der ", " van den ", " van de ", " von der ", " von dem ", " zu ", " vom ", " el ", " al ", " bin ", " dall'", " d'",
     " del ", " de la ", " della ", " le ", " di ", " da ", " dos ", " du ", " ter ", " ten ", " te ")
)  # fmt: skip
_PARTICLE_ENDS = {
    "von": (" der ", " den ", " dem "),
    "van": (" der ", " den ", " de "),
    "de": (" la ", " los ", " las "),
}
"""Where a name was cut within its particle: ``Anna von`` and ``Hagen``."""
_STATE = 2
"""Letters of a state between town and code: ``Boise ID 83702``."""
_NO_STATES = frozenset({"in", "or", "to", "is", "en", "et", "on", "my", "we", "ja", "da", "do", "so", "of"})
_NAME_BRIDGES = frozenset({" ", "-", ". ", "'", "."})
_BRIDGES = frozenset({" ", ", ", "-", "/", " - ", " / ", ".", ","})
_FIGURES = frozenset({EntityType.PHONE, EntityType.IBAN, EntityType.CARD, EntityType.NATIONAL_ID, EntityType.DEVICE_ID, EntityType.PLATE, EntityType.GEO, EntityType.POSTCODE_CITY})  # fmt: skip
_WHOLE_BY_FORM = frozenset({EntityType.IP, EntityType.MAC})
"""Their form says where they end; what the model takes along is not theirs."""
_SHORTEST_REST = 2
_EDGES = " \t\r\n,;:!?\"'([{<>}])|*_~=&.-/\\"
_PLAIN_EDGES = " \t\r\n,;:?\"'([{<>}])|.\\"
_KEPT_ENDS = {
    EntityType.PASSWORD: _PLAIN_EDGES,
    EntityType.URL: _EDGES.replace("/", ""),
    EntityType.USERNAME: _EDGES.replace("_", ""),
}
_OPENING = "+#@/.("


class Candidate(NamedTuple):
    """A finding that still competes with others; offsets in the folded segment; a tuple, for many are made."""

    start: int
    end: int
    type: EntityType
    score: float
    recogniser: str


def supported(rules: Iterable[Candidate], modelled: Sequence[Candidate], doubt: float) -> Iterator[Candidate]:
    """Yields the rules' candidates, those that the model does not see with less weight.

    Args:
        rules: what the recognisers propose.
        modelled: what the model proposes.
        doubt: how much the model's silence speaks against a rule, in units of log odds.
    """
    for rule in rules:
        if rule.score >= _FORMAL or any(_backs(other, rule) for other in modelled):
            yield rule
            continue
        odds = log(rule.score / (1.0 - rule.score)) - doubt if rule.score > 0.0 else -doubt
        yield Candidate(rule.start, rule.end, rule.type, 1.0 / (1.0 + exp(-odds)), rule.recogniser)


def _backs(other: Candidate, rule: Candidate) -> bool:
    """Tells whether a candidate of the model sees the same: some of it as the same kind, or most of it as another."""
    common = min(other.end, rule.end) - max(other.start, rule.start)
    return common > 0 and (other.type is rule.type or 2 * common >= rule.end - rule.start)


def widened(candidates: Iterable[Candidate], units: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    """Yields the candidates, each widened to the units (codes, dictated values) of which it covers the greater part."""
    for candidate in candidates:
        start, end = candidate.start, candidate.end
        for first, last in units:
            if first < end and start < last and 2 * (min(end, last) - max(start, first)) >= last - first:
                start, end = min(start, first), max(end, last)
        yield (
            candidate
            if (start, end) == (candidate.start, candidate.end)
            else Candidate(start, end, candidate.type, candidate.score, candidate.recogniser)
        )


def resolve(candidates: Iterable[Candidate], text: str, threshold: float) -> list[Candidate]:
    """Returns the candidates that hold, sorted and not overlapping.

    Args:
        candidates: all candidates of the segment.
        text: the folded segment.
        threshold: the least score that counts, from 0 to 1; kinds that have a form need somewhat more, for a value
            of them that is one has usually more to show (measured on held-out conversations).
    """
    pool = sorted(_joined(candidates), key=lambda c: (-c.score, c.start - c.end, c.start, c.type))
    kept: list[Candidate] = []
    for candidate in pool:
        if candidate.score < threshold + _STRICTER.get(candidate.type, 0.0):
            continue
        for start, end in _free(candidate.start, candidate.end, kept):
            trimmed = _trimmed(text, start, end, _KEPT_ENDS.get(candidate.type, _EDGES))
            if trimmed is None:
                continue
            start, end = trimmed  # noqa: PLW2901
            if (start, end) == (candidate.start, candidate.end):
                kept.append(candidate)
            elif end - start >= _SHORTEST_REST or candidate.end - candidate.start < _SHORTEST_REST:
                kept.append(Candidate(start, end, candidate.type, candidate.score, candidate.recogniser))
    kept.sort(key=lambda c: c.start)
    return _bridged(kept, text)


def _bridged(kept: Sequence[Candidate], text: str) -> list[Candidate]:
    """Returns the candidates, neighbours that one value was split into made one again."""
    bridged: list[Candidate] = []
    for candidate in kept:
        last = bridged[-1] if bridged else None
        if last is not None and last.type is candidate.type and _one_value(text, last, candidate):
            score = max(last.score, candidate.score)
            bridged[-1] = Candidate(last.start, candidate.end, last.type, score, last.recogniser)
        else:
            bridged.append(candidate)
    return bridged


def _one_value(text: str, left: Candidate, right: Candidate) -> bool:
    """Tells whether what stands between two spans of one kind belongs to the value."""
    between = text[left.end : right.start]
    if left.type is EntityType.PERSON and (
        between in _PARTICLES or between in _PARTICLE_ENDS.get(text[left.start : left.end].rpartition(" ")[2], ())
    ):
        return True
    if left.type is EntityType.PERSON:
        return between in _NAME_BRIDGES and (between != ". " or left.end - left.start <= _INITIAL)
    if left.type is EntityType.POSTCODE_CITY and _joins_places(between.strip(" ,")):
        return True
    if left.type is EntityType.STREET or left.type in _FIGURES:
        return between in _BRIDGES
    return between in {"-", " "}


def _joins_places(word: str) -> bool:
    """Tells whether a word between two parts of a place belongs to it: a state's letters, ``am`` in a town's name."""
    return len(word) == _STATE and word.isalpha() and word not in _NO_STATES


def _joined(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Returns the candidates with overlapping ones of one kind made one."""
    joined: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (c.type, c.start, -c.end)):
        last = joined[-1] if joined else None
        if last is None or last.type is not candidate.type or candidate.start >= last.end:
            joined.append(candidate)
            continue
        best = max(last, candidate, key=lambda c: c.score)
        if best.type in _WHOLE_BY_FORM and best.score >= _FORMAL:
            joined[-1] = best
            continue
        score = best.score
        if last.recogniser != candidate.recogniser:
            score = 1.0 - (1.0 - last.score) * (1.0 - candidate.score)
        joined[-1] = Candidate(last.start, max(last.end, candidate.end), last.type, score, best.recogniser)
    return joined


def _free(start: int, end: int, kept: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Returns the parts of a span that no kept candidate covers."""
    parts = [(start, end)]
    for other in kept:
        if other.start < end and start < other.end:
            parts = [
                piece
                for first, last in parts
                for piece in ((first, min(last, other.start)), (max(first, other.end), last))
                if piece[0] < piece[1]
            ]
    return parts


def _trimmed(text: str, start: int, end: int, edges: str) -> tuple[int, int] | None:
    """Returns a span without blanks and punctuation at its ends; None where nothing is left.

    A bracket whose other half lies in the span stays, and so does the full stop of an initial.
    """
    while start < end and text[start] in _EDGES:
        if text[start] in _OPENING and (text[start + 1 : start + 2].isalnum() or ")" in text[start:end]):
            break
        start += 1
    while end > start and text[end - 1] in edges:
        inside = text[start:end]
        if text[end - 1] == ")" and "(" in inside:
            break
        if text[end - 1] == "." and end - start > _INITIAL and inside[-3:-1].strip().isalpha() and inside[-3] == " ":
            break
        end -= 1
    return (start, end) if start < end else None
