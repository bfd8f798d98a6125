"""Answers that are XML, such as Twilio's: their words become slots, and new words are put in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from gateway.connector import Markup
from gateway.engine.strict import MAX_DEPTH
from gateway.engine.walk import Slot
from gateway.errors import BodyUnreadableError
from storage.records import Speaker

_MOST_ELEMENTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Word:
    """A text of the document: of an element, or behind it (`tail`)."""

    element: ET.Element
    tail: bool
    spoken: bool
    message: int

    @property
    def text(self) -> str:
        return (self.element.tail if self.tail else self.element.text) or ""

    def put(self, text: str) -> None:
        if self.tail:
            self.element.tail = text
        else:
            self.element.text = text


def read_markup(raw: bytes) -> ET.Element:
    """Read a document. Raises BodyUnreadableError for none, one with a DTD, and one too large or too deeply nested."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw or b"\x00" in raw:  # UTF-16 could hide the first two
        raise BodyUnreadableError("An answer in XML must be in UTF-8 and without a document type.")
    try:
        root = ET.fromstring(raw)  # noqa: S314 - without a document type nothing can be expanded
    except (ET.ParseError, ValueError, LookupError):
        raise BodyUnreadableError("The answer is not valid XML.") from None
    level, depth, elements = [root], 0, 0
    while level:
        depth, elements = depth + 1, elements + len(level)
        if depth > MAX_DEPTH or elements > _MOST_ELEMENTS:
            raise BodyUnreadableError("The answer has too many elements, or is nested too deeply.")
        level = [child for element in level for child in element]
    return root


def write_markup(root: ET.Element) -> bytes:
    """Return a document as bytes."""
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


class MarkupAnswer:
    """One answer."""

    def __init__(self, raw: bytes, rules: Markup) -> None:
        """Read it. Raises BodyUnreadableError."""
        self._root = read_markup(raw)
        self._rules = rules
        self._messages = 0
        self._words = [word for word in self._found(self._root, message=None) if word.text.strip()]
        self.slots = tuple(
            Slot(index, word.text, Speaker.BOT if word.spoken else None, word.message)
            for index, word in enumerate(self._words)
        )

    def rewrite(self, raw: bytes, texts: Mapping[int, str]) -> bytes:
        """Return it with new texts; the bytes that came, where no text differs."""
        changes = [(self._words[index], text) for index, text in texts.items() if self._words[index].text != text]
        if not changes:
            return raw
        before = [(word, word.text) for word, _ in changes]
        for word, text in changes:
            word.put(text)
        try:
            return write_markup(self._root)
        finally:
            for word, text in before:
                word.put(text)

    def _found(self, element: ET.Element, message: int | None) -> Iterator[_Word]:
        """Yield the texts in an element, in order; `message` is that of the spoken element around it."""
        if message is None and element.tag in self._rules.spoken:
            self._messages += 1
            message = self._messages
        if element.tag in self._rules.passes and message is None:
            return
        yield _Word(element, tail=False, spoken=message is not None, message=message or 0)
        for child in element:
            yield from self._found(child, message)
            yield _Word(child, tail=True, spoken=message is not None, message=message or 0)
