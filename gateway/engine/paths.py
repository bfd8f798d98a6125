"""Places compiled to a tree, so that a body is walked once and no path is looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.connector import Body, EndRule, PartRule, TextRule
from gateway.engine.numerals import Numeral, as_text
from gateway.notice.places import ANY, ITEMS, Names, seen_from, steps
from storage.records import Speaker

Reference = tuple[int, Names]
"""A place seen from another: how many steps both share, and the names from there on."""


def lookup(value: Any, names: Sequence[str]) -> Any:  # noqa: ANN401 - a value out of JSON
    """Return what stands under the names, or None."""
    for name in names:
        if type(value) is not dict:
            return None
        value = value.get(name)
    return value


class Text:
    """A text rule, ready for use while a body is walked."""

    __slots__ = ("form", "key", "name", "result", "when", "who", "whole")

    def __init__(self, rule: TextRule) -> None:
        """Compile the rule."""
        self.who: Speaker | None = rule.who
        self.form = rule.form
        self.name = rule.name
        self.whole = rule.whole
        self.result = rule.result
        self.key: tuple[Reference, ...] = tuple(reference(path, rule.at) for path in rule.key)
        self.when = tuple((*reference(path, rule.at), frozenset(values)) for path, values in rule.when.items())

    def applies(self, above: Sequence[Any]) -> bool:
        """Tell whether the conditions hold; `above` are the containers from the body down to this place."""
        for shared, names, values in self.when:
            found = lookup(above[shared], names)
            if not isinstance(found, str) or found not in values:
                return False
        return True

    def key_in(self, above: Sequence[Any]) -> Names:
        """Return what tells the text from others of a stream: its name and the values of its key."""
        return (self.name, *[as_text(lookup(above[shared], names)) for shared, names in self.key])


def reference(path: str, other: str) -> Reference:
    """Express a place by the container that it and the other lie in. Raises ValueError where they share no item."""
    found = seen_from(path, other)
    if found is None:
        raise ValueError(f"{path} can't be seen from {other}: they share no list item")
    return found


class End:
    """An end rule: the values that end texts, and what tells which."""

    __slots__ = ("key", "values")

    def __init__(self, rule: EndRule) -> None:
        """Compile the rule."""
        self.values = frozenset(rule.values)
        self.key: tuple[Reference, ...] = tuple(reference(path, rule.at) for path in rule.key)


class Node:
    """A place of a body, and the places below it."""

    __slots__ = ("any", "attachment", "drops", "ends", "fields", "items", "part", "passes", "plain", "texts")

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.fields: dict[str, Node] = {}
        self.any: Node | None = None
        self.items: Node | None = None
        self.texts: tuple[Text, ...] = ()
        self.ends: tuple[End, ...] = ()
        self.part: PartRule | None = None
        self.attachment: str | None = None
        self.passes = False
        self.plain = False
        self.drops = False

    def at(self, path: str) -> Node:
        """Return the node of a place; make it if it is new."""
        node = self
        for step in steps(path):
            node = node._below(step)
        return node

    def _below(self, step: str) -> Node:
        if step == ITEMS:
            self.items = self.items or Node()
            return self.items
        if step == ANY:
            self.any = self.any or Node()
            return self.any
        return self.fields.setdefault(step, Node())


OTHER: Final = Node()
"""What no rule names, and all below it."""
OTHER.any = OTHER.items = OTHER
DOCUMENT: Final = Node()
"""A JSON document where one in a string is expected, and all below it."""
DOCUMENT.any = DOCUMENT.items = DOCUMENT
_PASSING: Final = Node()
_PASSING.passes = True


def compile_body(body: Body, ends: Sequence[EndRule] = ()) -> Node:
    """Return the tree of a body's places; what ends texts passes."""
    root = Node()
    for rule in body.texts:
        node = root.at(rule.at)
        node.texts = (*node.texts, Text(rule))
        if rule.form == "json":
            node.any = node.items = DOCUMENT
    for part in body.parts:
        root.at(part.at).part = part
    for path, kind in body.attachments.items():
        root.at(path).attachment = kind
    for path in body.drops:
        root.at(path).drops = True
    for path in sorted(body.passes, key=lambda path: len(steps(path)), reverse=True):  # the inner ones first
        _pass(root.at(path))
    for end in ends:
        node = root.at(end.at)
        node.ends = (*node.ends, End(end))
        node.passes = True
    return root


def _pass(node: Node) -> None:
    """Have a place pass with all that it holds, but for what is named below it."""
    if node.fields or node.any or node.items:
        node.plain = True
        node.any, node.items = node.any or _PASSING, node.items or _PASSING
    else:
        node.passes = True


def first_filled(body: Mapping[str, Any], paths: Sequence[Names]) -> str | None:
    """Return the first value among the places that is a filled text or a number, as text."""
    for names in paths:
        found = lookup(body, names)
        if isinstance(found, str | int | float | Numeral) and not isinstance(found, bool) and found != "":
            return as_text(found)
    return None
