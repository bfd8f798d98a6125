from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.resolve import Candidate, resolve, supported, widened

TEXT = "anna berg, 0171 5550199 und mehr"


def spans(candidates: list[Candidate], threshold: float = 0.5) -> list[tuple[str, T]]:
    return [(TEXT[c.start : c.end], c.type) for c in resolve(candidates, TEXT, threshold)]


def test_the_better_score_wins_and_the_loser_keeps_what_is_beside() -> None:
    assert spans([Candidate(11, 23, T.PHONE, 0.9, "a"), Candidate(0, 16, T.PERSON, 0.7, "b")]) == [
        ("anna berg", T.PERSON),
        ("0171 5550199", T.PHONE),
    ]


def test_agreeing_candidates_back_each_other_up() -> None:
    assert spans([Candidate(11, 15, T.PHONE, 0.4, "a"), Candidate(11, 23, T.PHONE, 0.4, "b")]) == [
        ("0171 5550199", T.PHONE)
    ]
    assert spans([Candidate(11, 15, T.PHONE, 0.4, "a"), Candidate(11, 23, T.PHONE, 0.4, "a")]) == []


def test_the_order_does_not_matter() -> None:
    candidates = [
        Candidate(0, 9, T.PERSON, 0.6, "a"),
        Candidate(5, 23, T.PHONE, 0.8, "b"),
        Candidate(0, 4, T.USERNAME, 0.7, "c"),
    ]
    assert spans(candidates) == spans(candidates[::-1])


def test_blanks_and_punctuation_stay_outside() -> None:
    assert spans([Candidate(0, 11, T.PERSON, 0.9, "a")]) == [("anna berg", T.PERSON)]


def test_one_value_in_two_pieces_is_one() -> None:
    assert spans([Candidate(11, 15, T.PHONE, 0.9, "a"), Candidate(16, 23, T.PHONE, 0.9, "b")]) == [
        ("0171 5550199", T.PHONE)
    ]


def test_the_models_silence_speaks_against_a_weak_rule_only() -> None:
    weak, strong = Candidate(0, 4, T.PERSON, 0.65, "a"), Candidate(11, 23, T.PHONE, 0.95, "b")
    doubted = {c.start: c.score for c in supported([weak, strong], [], 2.5)}
    assert doubted[0] < 0.2
    assert doubted[11] == 0.95
    assert next(supported([weak], [Candidate(2, 6, T.EMAIL, 0.5, "names")], 2.5)).score == 0.65


def test_a_unit_is_covered_whole_or_not() -> None:
    assert [(c.start, c.end) for c in widened([Candidate(11, 20, T.PHONE, 0.9, "a")], [(11, 23)])] == [(11, 23)]
    assert [(c.start, c.end) for c in widened([Candidate(11, 13, T.PHONE, 0.9, "a")], [(11, 23)])] == [(11, 13)]


def test_a_particle_joins_a_name_and_a_state_joins_a_place() -> None:
    def joined(text: str, first: str, last: str, kind: T) -> list[str]:
        pieces = [(text.index(part), part) for part in (first, last)]
        found = resolve([Candidate(at, at + len(part), kind, 0.9, "a") for at, part in pieces], text, 0.5)
        return [text[c.start : c.end] for c in found]

    assert joined("gesine von alven", "gesine", "alven", T.PERSON) == ["gesine von alven"]
    assert joined("gesine und alven", "gesine", "alven", T.PERSON) == ["gesine", "alven"]
    assert joined("boise, id 83702", "boise", "83702", T.POSTCODE_CITY) == ["boise, id 83702"]
    assert joined("ospel in peel", "ospel", "peel", T.POSTCODE_CITY) == ["ospel", "peel"]
