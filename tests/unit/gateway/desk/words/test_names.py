"""Whatever the program keeps as a word has a name in each language of the desk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.access import Role
from gateway.desk.words import WORDS
from gateway.desk.words.names import name, names
from gateway.promises import Promise
from redaction.findings import EntityType
from storage.holds import Ground
from storage.records import ConsentState, ErasureReason, PartKind
from storage.requests import MessageKind, MessageState, Proof, RequestState, Right

GROUPS = {
    "right": Right, "request": RequestState, "proof": Proof, "message": MessageState, "told": MessageKind,
    "part": PartKind, "consent": ConsentState, "erasure": ErasureReason, "ground": Ground, "role": Role,
    "promise": Promise, "type": EntityType,
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(WORDS))
def test_each_word_has_a_name(language: str) -> None:
    assert set(names(language)) == {*GROUPS, "event", "evidence", "fact"}
    for group, words in GROUPS.items():
        assert set(names(language)[group]) == {word.value for word in words}, group
    assert all(names(language)[group] for group in ("event", "fact"))


@pytest.mark.parametrize("language", sorted(WORDS))
def test_each_event_of_a_request_has_a_name(language: str) -> None:
    """The words stand in the code that logs them; what is found there is what has to be named."""
    said = {"carried-out"}
    for path in (*Path("gateway/rights").glob("*.py"), Path("storage/memory/requests.py")):
        text = path.read_text(encoding="utf-8")
        said |= set(re.findall(r'what="([a-z-]+)"', text)) | set(re.findall(r'RequestEvent\(now, "([a-z-]+)"', text))
    assert set(names(language)["event"]) == said


@pytest.mark.parametrize("language", sorted(WORDS))
def test_each_piece_of_evidence_has_a_name(language: str) -> None:
    said = set()
    for path in ("gateway/calls/book.py", "gateway/site_tokens.py"):
        code = Path(path).read_text(encoding="utf-8")
        (shown,) = re.findall(r"(?:shown|said) = \{(.*?)\n +\}", code, re.DOTALL)
        said |= set(re.findall(r'"(\w+)": ', shown)) | set(re.findall(r'_HEARD: Final = "(\w+)"', code))
    assert set(names(language)["evidence"]) == said


def test_a_word_without_a_name_stays_as_it_is() -> None:
    assert name("de", "right", "something-new") == "something-new"


def test_german_pages_have_no_english_states() -> None:
    same = {(group, word) for group, words in names("de").items() for word, said in words.items() if word == said}
    assert same == set()
