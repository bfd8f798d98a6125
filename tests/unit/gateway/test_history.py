import unicodedata

import pytest

from gateway.history import align, matched


def digests(words: str) -> list[bytes]:
    return [word.encode() for word in words.split()]


@pytest.mark.parametrize(
    ("stored", "sent", "new", "repeat"),
    [
        ("", "hi", [0], False),
        ("", "few shots hi", [2], False),
        ("hi hello", "hi hello price", [2], False),
        ("hi hello price", "hi hello price", [], True),
        ("hi hello price 5eur", "hi hello price", [], True),
        ("hi hello ja ok", "hi hello ja ok ja", [4], False),
        ("hi hello ja ok", "ja", [0], False),
        ("ja ok", "ja", [0], False),
        ("ja", "ja", [0], False),
        ("hi hello ja ok", "ok ja", [1], False),
        ("hi hello ja ok", "hi hello nein", [2], False),
        ("hi hello price 5eur", "hallo hello price 5eur thanks", [4], False),
        ("hi hello price 5eur", "price 5eur thanks", [2], False),
        ("hi hello price", "summary hello price 5eur thanks", [3, 4], False),
        ("a b a b", "a b a b a", [4], False),
        ("hi what? ja what?", "what? ja", [1], False),
        ("hi what? ja what?", "hi what? ja", [], True),
        ("hi what? ja what? ja what?", "hi what? ja", [], True),
        ("hi hello", "hi hello lost sorry again", [2, 3, 4], False),
        ("hi hello", "other words again", [2], False),
    ],
)
def test_only_what_is_new_is_added(stored: str, sent: str, new: list[int], repeat: bool) -> None:  # noqa: FBT001
    said = digests(sent)
    alignment = align(digests(stored), said, len(said) - 1)
    assert list(alignment.new) == new
    assert (len(said) - 1 in alignment.known) is repeat


def test_several_messages_may_be_said_now() -> None:
    assert align(digests("hi hello"), digests("hi hello one two"), 2).new == (2, 3)
    assert align(digests("hi hello one"), digests("hi hello one two"), 2).new == (3,)
    assert align(digests("hi hello"), digests("hallo hello one two"), 2).new == (2, 3)


def test_where_a_tool_s_result_ends_the_body_nothing_is_said_now() -> None:
    alignment = align(digests("hi hello price"), digests("hi hello price looking"), 4)
    assert (alignment.new, alignment.known) == ((3,), {0: 0, 1: 1, 2: 2})


def test_a_message_without_a_place_is_a_repeat_only_where_the_client_says_so() -> None:
    assert align(digests("ja ok"), digests("ja"), 0, retried=True).known == {0: 0}
    assert not align(digests("ja ok"), digests("nein"), 0, retried=True).known
    assert align(digests("hi what? ja what?"), digests("what? ja"), 1, retried=True).known[1] == 2
    assert 1 not in align(digests("hi what? ja ok"), digests("ok ja"), 1, retried=True).known


def test_whether_the_history_begins_with_the_session() -> None:
    assert align([], digests("hi"), 0).from_start
    assert align(digests("hi hello"), digests("hi hello x"), 2).from_start
    assert not align(digests("hi hello"), digests("hello x"), 1).from_start


def test_a_long_edited_history_is_not_stored_again() -> None:
    stored = [str(i).encode() for i in range(1000)]
    assert align(stored, [b"edited", *stored[1:], b"now"], 1000).new == (1000,)


def test_hostile_histories_take_bounded_work() -> None:
    alignment = align([b"a", b"b"] * 5000, [b"b", b"a"] * 5000, 9999)
    assert 9999 in alignment.new or 9999 in alignment.known


def test_words_are_compared_in_one_form() -> None:
    assert matched("  Guten\n\n Tag. \n") == "Guten Tag."
    assert matched(unicodedata.normalize("NFD", "Grüße")) == "Grüße"
