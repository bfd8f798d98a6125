"""Whole bodies: a request or an answer becomes slots of text, and is put together again with new texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from gateway.connector import Connector
from gateway.engine.compiled import Compiled, Route, compiled
from gateway.engine.markup import MarkupAnswer
from gateway.engine.numerals import Numeral, written
from gateway.engine.paths import first_filled, lookup
from gateway.engine.put import put, restore
from gateway.engine.strict import loads, loads_strict
from gateway.engine.walk import Slot, Walk
from gateway.errors import BodyUnreadableError, PathNotHandledError, RefusedError
from gateway.notice.places import Names

FORM: Final = "application/x-www-form-urlencoded"
_MOST_FORM_FIELDS: Final = 1000
_XML: Final = frozenset({"application/xml", "text/xml"})
_ENCODINGS: Final = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """A body that was read.

    Attributes:
        slots: all of its texts, in order.
        conversation: the protocol's own conversation id.
        message_id: an id that a repeated message has again.
        streams: whether a streamed answer is asked for.
        history: whether the body repeats the earlier messages.
        query: the query parameters that may reach the bot.
        attached: whether it has parts that are not text and pass all the same.
        silent: whether it may say nothing.
    """

    slots: tuple[Slot, ...] = ()
    conversation: str | None = field(default=None, repr=False)
    message_id: str | None = field(default=None, repr=False)
    streams: bool = False
    history: bool = False
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    attached: bool = False
    _raw: bytes = field(default=b"", repr=False)
    _content: Any = field(default=None, repr=False)
    _walk: Walk | None = field(default=None, repr=False)
    _form: bool = False
    _markup: MarkupAnswer | None = field(default=None, repr=False)
    silent: bool = False

    def rewrite(self, texts: Mapping[int, str | Numeral]) -> bytes:
        """Return the body with new texts in its slots; the bytes that came, where no text differs.

        A text of a JSON document in a string can become a number: a Numeral.
        """
        if self._markup is not None:
            return self._markup.rewrite(self._raw, {i: text for i, text in texts.items() if isinstance(text, str)})
        if self._walk is None:
            return self._raw
        changes = [(self._walk.places[i], text) for i, text in texts.items() if self._walk.places[i].text != text]
        if not changes:
            return self._raw
        undo = put(changes, self._walk.dropped)
        try:
            if self._form:
                return urlencode([tuple(pair) for pair in self._content]).encode()
            return written(self._content)
        finally:
            restore(undo)


def parse_request(
    connector: Connector,
    content_type: str,
    raw: bytes,
    *,
    path: str,
    query: Mapping[str, str],
    method: str = "POST",
    allowed: Collection[str] = (),
) -> Parsed:
    """Read a request.

    Args:
        connector: the protocol.
        content_type: the header's value.
        raw: the body.
        path: what follows the channel in the address.
        query: the query parameters.
        method: the HTTP method.
        allowed: kinds of parts that pass although they are not text.

    Raises:
        PathNotHandledError: nothing of this protocol is there (404).
        RefusedError: there is, but not with this method (405).
        BodyUnreadableError: the body is not of this protocol (400).
        PartNotTextError: a part is not text and not allowed (415).
    """
    names = query if connector.any_query else connector.query
    passed = {name: query[name] for name in names if name in query}
    if _route(connector, method, path).passes:
        if raw:
            raise BodyUnreadableError("This request must be without a body.")
        return Parsed(query=passed)
    plan, walk = compiled(connector), Walk(allowed)
    kind = _media_type(content_type)
    form = connector.forms and kind == FORM
    content, fields = _read_form(raw, plan, walk) if form else _read_json(kind, raw, plan, walk)
    if plan.requires and all(lookup(fields, names) is None for names in plan.requires):
        raise BodyUnreadableError(f"The body must hold {' or '.join(connector.request.requires)}.")
    return Parsed(
        slots=walk.slots(),
        conversation=first_filled(fields, plan.conversation),
        message_id=first_filled(fields, plan.message_id),
        streams=plan.asks_stream is not None and lookup(fields, plan.asks_stream) is True,
        history=connector.history,
        silent=connector.silent,
        query=passed,
        attached=walk.attached,
        _raw=raw,
        _content=content,
        _walk=walk,
        _form=form,
    )


def parse_response(connector: Connector, content_type: str, raw: bytes) -> Parsed:
    """Read a whole answer. Raises BodyUnreadableError or PartNotTextError."""
    if not raw.strip():
        return Parsed(_raw=raw)
    kind = _media_type(content_type)
    if connector.markup is not None and (kind in _XML or kind.endswith("+xml")):
        answer = MarkupAnswer(raw, connector.markup)
        return Parsed(slots=answer.slots, _raw=raw, _markup=answer)
    _expect_json(kind)
    content = loads(raw)
    walk = Walk()
    walk.body(content, compiled(connector).response)
    return Parsed(slots=walk.slots(), _raw=raw, _content=content, _walk=walk)


def _route(connector: Connector, method: str, path: str) -> Route:
    path = "/" + path.lstrip("/")
    methods = set()
    for route in compiled(connector).routes:
        if route.path.fullmatch(path):
            if route.method == method:
                return route
            methods.add(route.method)
    if not methods:
        raise PathNotHandledError(f"The connector {connector.name} does not handle this path.")
    raise RefusedError("wrong_method", 405, f"This path takes {', '.join(sorted(methods))}.")


def _media_type(content_type: str) -> str:
    kind, _, parameters = content_type.partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(" \"'").lower() not in _ENCODINGS:
            raise BodyUnreadableError("The body must be in UTF-8.")
    return kind.strip().lower()


def _expect_json(kind: str) -> None:
    """JSON is also taken where a page calls it plain text, which spares it a preflight request, or nothing."""
    if kind not in {"application/json", "text/json", "text/plain", ""} and not kind.endswith("+json"):
        raise BodyUnreadableError("The body must be JSON.")


def _expect_once(pairs: list[list[str]], *ids: Names) -> None:
    """Refuse a form that has an id twice: the bot could read the other. Raises BodyUnreadableError."""
    names = [name for name, _ in pairs]
    if any(names.count(".".join(one)) > 1 for one in ids):
        raise BodyUnreadableError("The form has an id twice.")


def _read_json(kind: str, raw: bytes, plan: Compiled, walk: Walk) -> tuple[Any, Any]:
    _expect_json(kind)
    content = loads_strict(raw)
    walk.body(content, plan.request)
    return content, content


def _read_form(raw: bytes, plan: Compiled, walk: Walk) -> tuple[list[list[str]], dict[str, str]]:
    try:
        found = parse_qsl(
            raw.decode(),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=_MOST_FORM_FIELDS,
        )
    except ValueError:
        raise BodyUnreadableError("The form is not valid, not in UTF-8, or has too many fields.") from None
    pairs, fields = [list(pair) for pair in found], dict(found)
    _expect_once(pairs, *plan.conversation, *plan.message_id)
    walk.above.append(fields)
    for pair in pairs:
        walk.field(pair, plan.request)
    walk.above.pop()
    return pairs, fields
