"""One walk over a parsed body: every string goes on, becomes a slot, or is refused; nothing is overlooked."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from gateway.engine.names import is_plain
from gateway.engine.numerals import as_text, is_long, with_numerals
from gateway.engine.paths import DOCUMENT, OTHER, Node, Text, lookup
from gateway.engine.strict import MAX_DEPTH, loads_strict, unescaped
from gateway.errors import BodyUnreadableError, PartNotTextError
from storage.records import Speaker

_UNKNOWN: Final = (OTHER, DOCUMENT)
_NOT_YET: Final = (False, "")
"""What bots write, beside null, in every event where the last one tells the end."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One text of a body.

    Attributes:
        index: its number in the body.
        text: the text, unescaped.
        speaker: who says it; None for context (a system prompt, a tool's result), which is never kept.
        message: number of the message that it is part of, where the body holds a list of them.
        result: whether it is what a tool returned.
        field: the name of its field, in a JSON document such as a tool call's arguments; None elsewhere.
        number: whether it is a number of such a document.
    """

    index: int
    text: str = dataclasses.field(repr=False)
    speaker: Speaker | None
    message: int = 0
    result: bool = False
    field: str | None = None
    number: bool = False

    @property
    def kept(self) -> bool:
        """Whether it becomes a turn."""
        return self.speaker is not None


class Embedded:
    """A JSON document that stands in a string."""

    __slots__ = ("container", "key", "root")

    def __init__(self, container: Any, key: Any, root: list[Any]) -> None:  # noqa: ANN401 - values out of JSON
        """Remember where it stands; `root` is a list that holds it, for it may be a number and be replaced."""
        self.container = container
        self.key = key
        self.root = root


class Place:
    """A text and where it stands, so that it can be replaced."""

    __slots__ = ("container", "embedded", "field", "is_name", "key", "message", "number", "rule", "text", "text_key")

    def __init__(self, text: str, container: Any, key: Any, rule: Text | None) -> None:  # noqa: ANN401 - out of JSON
        """Remember where the text stands; `rule` is None where no rule names the place."""
        self.text = text
        self.container = container
        self.key = key
        self.rule = rule
        self.embedded: Embedded | None = None
        self.is_name = False
        self.field: str | None = None
        self.number = False
        self.message = 0
        self.text_key: tuple[str, ...] = ()


class Walk:
    """What a walk finds. With `streamed`, JSON in strings is left to the decoder of streams."""

    __slots__ = (
        "_allowed",
        "_embedded",
        "_in_list",
        "_list_name",
        "_message",
        "_streamed",
        "above",
        "attached",
        "dropped",
        "ended",
        "going_on",
        "places",
    )

    def __init__(self, allowed: Collection[str] = (), *, streamed: bool = False) -> None:
        """Begin; `allowed` are the kinds of parts that pass although they are not text."""
        self.places: list[Place] = []
        self.dropped: list[tuple[dict[str, Any], str]] = []
        self.ended: list[tuple[str, ...]] = []
        self.going_on: list[tuple[str, ...]] = []
        self.above: list[Any] = []
        self.attached = False
        self._allowed = allowed
        self._streamed = streamed
        self._embedded: Embedded | None = None
        self._in_list = False
        self._list_name = ""
        self._message = 0

    def slots(self) -> tuple[Slot, ...]:
        """Return the texts in order."""
        return tuple(
            Slot(index, place.text, None, place.message, False, place.field, place.number)  # noqa: FBT003 - many
            if place.rule is None
            else Slot(index, place.text, place.rule.who, place.message, place.rule.result)
            for index, place in enumerate(self.places)
        )

    def body(self, content: Any, node: Node) -> None:  # noqa: ANN401 - a value out of JSON
        """Walk a whole body, which is an object or a list. Raises BodyUnreadableError, PartNotTextError."""
        if type(content) is not dict and type(content) is not list:
            raise BodyUnreadableError("The JSON body must be an object or a list.")
        self.visit(content, node, None, None)

    def visit(self, value: Any, node: Node, container: Any, key: Any) -> None:  # noqa: ANN401 - values out of JSON
        """Walk a value and all below it."""
        if node.passes:
            self._ended(value, node)
        elif value is None or value is True or value is False:
            return
        elif node.drops:
            self.dropped.append((container, key))
        elif node.attachment is not None:
            if value:
                self._refuse(node.attachment)
        elif type(value) is str:
            self._text(value, node, container, key)
        elif type(value) is dict:
            self._object(value, node)
        elif type(value) is list:
            self._list(value, node, key)
        else:
            self._number(value, node, container, key)

    def _ended(self, value: Any, node: Node) -> None:  # noqa: ANN401 - a value out of JSON
        """Note which texts end, where this place says so, and which do not yet."""
        for end in node.ends:
            ends = value is not None and (_written(value) in end.values if end.values else value not in _NOT_YET)
            key = tuple(as_text(lookup(self.above[shared], names)) for shared, names in end.key)
            (self.ended if ends else self.going_on).append(key)

    def field(self, pair: list[str], node: Node) -> None:
        """Walk one field of a form, a list of name and value."""
        known = node.fields.get(pair[0], OTHER)
        if known is OTHER and not is_plain(pair[0]):
            self._add(Place(pair[0], pair, 0, None))
        self.visit(pair[1], known, pair, 1)

    def _object(self, value: dict[str, Any], node: Node) -> None:
        if node.part is not None and not self._is_text(value, node):
            return
        self._descend(value)
        fields, default = node.fields, node.any or OTHER
        for name, below in value.items():
            known = fields.get(name, default)
            if known.passes and not known.ends:
                continue
            if known in _UNKNOWN and not is_plain(name):
                self._name(name, value)
            if below is not None or known.ends:
                self.visit(below, known, value, name)
        self.above.pop()

    def _list(self, value: list[Any], node: Node, key: Any) -> None:  # noqa: ANN401 - a value out of JSON
        self._descend(value)
        around = self._list_name
        if type(key) is str:
            self._list_name = key
        below = node.items or OTHER
        outermost = not self._in_list
        self._in_list = True
        for index, item in enumerate(value):
            if outermost:
                self._message = index
            self.visit(item, below, value, index)
        if outermost:
            self._in_list = False
        self._list_name = around
        self.above.pop()

    def _descend(self, container: Any) -> None:  # noqa: ANN401 - a value out of JSON
        self.above.append(container)
        if len(self.above) > MAX_DEPTH:
            raise BodyUnreadableError("The body is nested too deeply.")

    def _text(self, text: str, node: Node, container: Any, key: Any) -> None:  # noqa: ANN401 - values out of JSON
        if node.plain:
            return
        rule = next((one for one in node.texts if one.applies(self.above)), None) if node.texts else None
        if rule is not None and rule.form == "json" and not self._streamed:
            if self._document(text, container, key):
                return
            text = unescaped(text)  # no document: what an escape may stand for is searched, and the bot may read it so
        place = Place(text, container, key, rule)
        if node is DOCUMENT:
            place.field = key if type(key) is str else self._list_name
        self._add(place)

    def _number(self, number: Any, node: Node, container: Any, key: Any) -> None:  # noqa: ANN401 - values out of JSON
        """A number is a text where a rule names its place, or where it stands in a document with enough digits."""
        raw = as_text(number)
        if node.texts:
            self._text(raw, node, container, key)
        elif node is DOCUMENT and is_long(raw):
            place = Place(raw, container, key, None)
            place.field = key if type(key) is str else self._list_name
            place.number = True
            self._add(place)

    def _add(self, place: Place) -> None:
        place.embedded = self._embedded
        place.message = self._message
        if self._streamed and place.rule is not None:
            place.text_key = place.rule.key_in(self.above)
        self.places.append(place)

    def _name(self, name: str, container: dict[str, Any]) -> None:
        """A field's name that is no plain word could be personal data itself: `{"anna@example.com": 1}`."""
        place = Place(name, container, name, None)
        place.is_name = True
        self._add(place)

    def _document(self, text: str, container: Any, key: Any) -> bool:  # noqa: ANN401 - values out of JSON
        """Walk a JSON document in a string; tell whether it is one. A plain string without escapes is read as it is."""
        if not text:
            return True
        try:
            root = loads_strict(text.encode())
        except BodyUnreadableError:
            return False
        if type(root) is str and "\\" not in text:
            return False
        held = [with_numerals(text, root)]
        around, self._list_name = self._list_name, ""
        self._embedded = Embedded(container, key, held)
        self.visit(held[0], DOCUMENT, held, 0)
        self._embedded, self._list_name = None, around
        return True

    def _is_text(self, part: dict[str, Any], node: Node) -> bool:
        rule = node.part
        assert rule is not None  # noqa: S101 - the caller has looked
        named = part.get(rule.type)
        if not isinstance(named, str):
            raise PartNotTextError("unknown")
        if named in rule.text:
            return True
        self._refuse(rule.kinds.get(named, "unknown"))
        return False

    def _refuse(self, kind: str) -> None:
        if kind not in self._allowed:
            raise PartNotTextError(kind)
        self.attached = True


def _written(value: Any) -> str:  # noqa: ANN401 - a value out of JSON
    """Return a value as it is written in a notice: `true`, `end`, `1`."""
    return str(value).lower() if isinstance(value, bool) else as_text(value)
