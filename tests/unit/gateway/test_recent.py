from datetime import UTC, datetime, timedelta

from gateway.recent import Heard, KnownFindings, Piece, Recent
from gateway.tokens import new_token
from redaction.findings import EntityType, Finding

FOUND = (Finding(0, 4, EntityType.PERSON, 0.9, "person"),)
NAME = (EntityType.PERSON, "Jana")


def test_findings_are_known_for_the_same_text_read_with_the_same_only() -> None:
    known = KnownFindings()
    known.put(known.key("Jana", Heard("Ihr Name?")), FOUND)
    assert known.get(known.key("Jana", Heard("Ihr Name?"))) == FOUND
    assert known.get(known.key("Jana", Heard("Ihr Modell?"))) is None
    assert known.get(known.key("Jana", Heard("Ihr Name?", (NAME,)))) is None
    assert known.get(known.key("JanaIhr", Heard(" Name?"))) is None


def test_memory_is_bounded_and_holds_no_text() -> None:
    known = KnownFindings()
    for number in range(10_000):
        known.put(known.key(f"Jana {number}", Heard()), FOUND)
    assert known.get(known.key("Jana 0", Heard())) is None
    assert known.get(known.key("Jana 9999", Heard())) == FOUND
    assert "Jana" not in repr(vars(known))


def test_the_session_heard_longest_ago_is_forgotten() -> None:
    recent, now = Recent(), datetime(2026, 11, 26, tzinfo=UTC)
    sessions = [new_token(now).id for _ in range(10_001)]
    for session in sessions:
        recent.put(session, Heard("Ihr Name?"), now)
    assert recent.get(sessions[0]) == Heard()
    assert recent.get(sessions[-1]).previous == "Ihr Name?"


def test_what_was_heard_is_forgotten_with_its_session() -> None:
    recent, now = Recent(), datetime(2026, 11, 26, tzinfo=UTC)
    silent, talking = new_token(now).id, new_token(now).id
    recent.put(silent, Heard("Ihr Name?", (NAME,)), now)
    recent.put(talking, Heard("Ihr Name?", (NAME,)), now)
    recent.put(talking, Heard("Und die Adresse?", (NAME,)), now + timedelta(minutes=20))
    recent.forget(now + timedelta(minutes=10))
    assert recent.get(silent) == Heard()
    assert recent.get(talking).previous == "Und die Adresse?"


def test_the_last_words_of_a_caller_go_with_their_session_though_no_answer_ever_came() -> None:
    recent, now = Recent(), datetime(2026, 11, 26, tzinfo=UTC)
    silent, talking = new_token(now).id, new_token(now).id
    recent.put_piece(silent, Piece("0171 22", "Ihre Nummer?"), now)
    recent.put_piece(talking, Piece("0171", "Ihre Nummer?"), now)
    recent.put_piece(talking, Piece("0171 33", "Ihre Nummer?"), now + timedelta(minutes=20))
    recent.forget(now + timedelta(minutes=10))
    assert recent.piece(silent) == Piece()
    assert recent.piece(talking).text == "0171 33"


def test_values_are_learned_once_and_bounded() -> None:
    heard = Heard().learned([NAME, NAME])
    assert heard.values == (NAME,)
    assert heard.learned([NAME]) is heard
    many = heard.learned((EntityType.PERSON, f"Name {number}") for number in range(100))
    assert len(many.values) == 40
    assert many.after("x" * 1000, []).previous == "x" * 300
