import pytest

from gateway.history import align


def digests(words: str) -> list[bytes]:
    return [word.encode() for word in words.split()]


@pytest.mark.parametrize(
    ("stored", "sent", "new", "repeat"),
    [
        ("", "hi", [0], False),
        ("hi hello", "hi hello price", [2], False),
        ("hi hello price", "hi hello price", [], True),
        ("hi hello price 5eur", "hi hello price", [], True),
        ("hi hello ja ok", "hi hello ja ok ja", [4], False),
        ("hi hello ja ok", "ja", [0], False),
        ("ja ok", "ja", [0], False),
        ("ja", "ja", [0], False),
        ("hi hello ja ok", "ok ja", [1], False),
        ("hi hello ja ok", "hi hello nein", [2], False),
        ("hi hello price 5eur", "hallo hello price 5eur thanks", [0, 4], False),
        ("hi hello price 5eur", "price 5eur thanks", [2], False),
        ("hi hello price", "summary hello price 5eur thanks", [0, 3, 4], False),
        ("a b a b", "a b a b a", [4], False),
    ],
)
def test_only_what_is_new_is_added(stored: str, sent: str, new: list[int], repeat: bool) -> None:  # noqa: FBT001
    alignment = align(digests(stored), digests(sent))
    assert list(alignment.new) == new
    assert alignment.repeat is repeat


def test_a_single_message_is_a_repeat_only_where_the_client_says_so() -> None:
    assert align(digests("ja ok"), digests("ja"), retried=True).repeat
    assert not align(digests("ja ok"), digests("nein"), retried=True).repeat


def test_whether_the_history_begins_with_the_session() -> None:
    assert align([], digests("hi")).from_start
    assert align(digests("hi hello"), digests("hi hello x")).from_start
    assert not align(digests("hi hello"), digests("hello x")).from_start


def test_a_long_edited_history_is_not_stored_again() -> None:
    stored = [str(i).encode() for i in range(1000)]
    alignment = align(stored, [b"edited", *stored[1:], b"now"])
    assert list(alignment.new) == [0, 1000]


def test_hostile_histories_take_bounded_work() -> None:
    alignment = align([b"a", b"b"] * 5000, [b"b", b"a"] * 5000)
    assert 9999 in alignment.new or alignment.repeat
