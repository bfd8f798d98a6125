"""A streamed answer: events are held, not text.

All events stand in one row, in the order in which they came. The pieces of one text (the deltas with one key)
form one text for its TextStream; an event leaves the row once the characters in it are decided, and those before
it have left. A replacement lands on the event where it starts, later events of it become shorter, down to empty;
no event is invented, so that sequence numbers and the state machines of clients survive.

From the event on that ends a text (a finish reason, `[DONE]`) all are held until `end`, which is called once the
turn is durable: a client that sees an answer end can rely on it. Only other choices of the answer go on meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from typing import Any, Final

from gateway.connector import Connector
from gateway.engine.compiled import compiled
from gateway.engine.framing import Event, Framing
from gateway.engine.json_pieces import JsonPiece, NameValue, NumberValue, StringValue, Value
from gateway.engine.json_text import JsonText, Run
from gateway.engine.names import FieldNames
from gateway.engine.numerals import Numbers, written
from gateway.engine.pieces import Logical, TextPiece
from gateway.engine.put import put
from gateway.engine.strict import loads
from gateway.engine.walk import Place, Walk
from redaction.stream import TextStream

OpenStream = Callable[[str], TextStream | None]
Key = tuple[str, ...]
Piece = TextPiece | JsonPiece

CONTEXT: Final = "context"
"""The key under which a text is opened that no rule names; it begins and ends in one event."""


class _Held:
    """An event in the row, with its pieces of texts."""

    __slots__ = ("body", "choices", "dropped", "event", "pieces")

    def __init__(
        self,
        event: Event,
        body: Any = None,  # noqa: ANN401 - out of JSON
        pieces: Sequence[Piece] = (),
        dropped: Sequence[tuple[dict[str, Any], str]] = (),
        choices: AbstractSet[str] = frozenset(),
    ) -> None:
        self.event = event
        self.choices = choices
        self.body = body
        self.pieces = pieces
        self.dropped = dropped

    @property
    def decided(self) -> bool:
        """Whether every character in it is."""
        return not self.pieces or all(piece.decided for piece in self.pieces)

    def render(self) -> bytes:
        """Return the event's bytes: those that came, unless a text in it has changed."""
        changes = [(piece.place, new) for piece in self.pieces if (new := piece.render()) != piece.place.text]
        if not changes:
            return self.event.raw
        put(changes, self.dropped)
        return self.event.with_data(written(self.body))


class _Arguments:
    """A JSON document that arrives in pieces: each of its string values is a text of its own, and so are names."""

    __slots__ = ("_objects", "decoder", "name", "values")

    def __init__(self, numbers: Numbers | None) -> None:
        self.decoder = JsonText() if numbers is None else JsonText(numbers=numbers.redacts, quotes=numbers.restores)
        self.values: dict[int, Value] = {}
        self.name: NameValue | None = None
        self._objects: dict[int, tuple[int, FieldNames]] = {}

    def names_of(self, depth: int, number: int) -> FieldNames:
        """Return the names of the object that is open at this depth."""
        found = self._objects.get(depth)
        if found is None or found[0] != number:
            found = self._objects[depth] = (number, FieldNames())
        return found[1]

    def unfinished(self) -> list[Value]:
        """Return what has begun and not ended."""
        return [*self.values.values(), *([self.name] if self.name is not None else [])]


class EventStream:
    """Reads the events of one streamed answer (SSE or lines of JSON) and lets them go as they are decided."""

    def __init__(
        self,
        connector: Connector,
        open_stream: OpenStream,
        *,
        prepend: str | None = None,
        numbers: Numbers | None = None,
    ) -> None:
        """Begin a stream; which of the two formats it is shows in the stream itself.

        Args:
            connector: the protocol.
            open_stream: called with the key of each text that begins, such as `content:0` or, for a value in
                the arguments of a tool call, `arguments:0:0/3`; what it returns decides on the text. None:
                nothing in the text may change, and nothing is held for it.
            prepend: put before the first kept text that is not empty, in each choice where an answer has some.
            numbers: what becomes of the numbers in the arguments of tool calls; None: they stay.
        """
        self._plan = compiled(connector)
        self._choices = connector.choices
        self._framing = Framing()
        self._open_stream = open_stream
        self._prepend = prepend or ""
        self._document_numbers = numbers
        self._told: set[Key] = set()
        self._row: deque[_Held] = deque()
        self._ending: list[_Held] = []
        self._texts: dict[Key, Logical] = {}
        self._arguments: dict[Key, _Arguments | None] = {}
        self._heard: dict[str, Logical] = {}
        self._numbers = count()
        self._late: set[str] = set()
        self._all_late = False
        self.finished = False
        self.heard_characters = 0

    @property
    def prepended(self) -> bool:
        """Whether what was to be prepended has found its place, or there was nothing to prepend."""
        return not self._prepend or bool(self._told)

    @property
    def pending_bytes(self) -> int:
        """How much of an event has come that is not whole yet."""
        return self._framing.pending_bytes

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes of the bot; return what may leave now.

        Raises:
            BodyUnreadableError: an event is not of this protocol; nothing of it or behind it leaves.
            PartNotTextError: an event holds something that is not text.
        """
        for event in self._framing.feed(chunk):
            self._take(event)
        return self._leave()

    def finish(self) -> bytes:
        """The bot's stream is at its end: return what was held, except the end. Raises as `feed`."""
        for event in self._framing.finish():
            self._take(event)
        self._end_texts(())
        return self._leave()

    def end(self) -> bytes:
        """Return the end that was held, once the turn is durable."""
        held, self._ending = self._ending, []
        return b"".join(one.render() for one in held)

    def texts(self) -> dict[str, str]:
        """Return the kept texts so far, in the bot's own words, in the order in which they began."""
        return {key: logical.heard() for key, logical in self._heard.items()}

    def messages(self) -> list[str]:
        """Return the kept texts so far, those of one message (of one choice) joined by a blank line."""
        messages: dict[str, list[str]] = {}
        for name, logical in self._heard.items():
            messages.setdefault(name.partition(":")[2].rstrip("+"), []).append(logical.heard())
        return ["\n\n".join(filter(str.strip, texts)) for texts in messages.values()]

    def _leave(self) -> bytes:
        leaving = []
        while self._row and self._row[0].decided:
            leaving.append(self._row.popleft().render())
        return b"".join(leaving)

    def _take(self, event: Event) -> None:
        ends = event.data is not None and event.data.strip() in self._plan.end_marks
        if ends:
            self._end_texts(())
            self.finished = True
        held = _Held(event) if ends or event.data is None else self._read(event, event.data)
        late = self.finished if event.data is None else self._is_late(held.choices)
        (self._ending if late else self._row).append(held)

    def _read(self, event: Event, data: bytes) -> _Held:
        body = loads(data)
        walk = Walk(streamed=True)
        walk.body(body, self._plan.event)
        pieces = [self._piece(place) for place in walk.places]
        for key in walk.ended:
            self._end_texts(key)
            self._late.update(key[:1])
            self.finished = True
        return _Held(event, body, pieces, walk.dropped, self._choices_in(walk))

    def _choices_in(self, walk: Walk) -> set[str]:
        """Return the choices that an event has something of; none where answers have no choices."""
        if not self._choices:
            return set()
        keys = [*walk.ended, *walk.going_on, *(place.text_key[1:] for place in walk.places)]
        return {key[0] for key in keys if key}

    def _is_late(self, choices: AbstractSet[str]) -> bool:
        """Tell whether an event waits for the end of the answer: it has an end, or could overtake what waits."""
        if not self.finished:
            return False
        if not choices:
            self._all_late = True
        late = self._all_late or not choices.isdisjoint(self._late)
        if late:
            self._late |= choices
        return late

    # --- texts

    def _piece(self, place: Place) -> Piece:
        rule = place.rule
        kept = rule is not None and rule.who is not None
        if rule is None or rule.whole:
            key = (CONTEXT,) if rule is None else (rule.name, str(next(self._numbers)))
            logical = self._open(key, kept=kept)
            logical.feed(place.text)
            logical.finish()
        elif rule.form == "json":
            return self._json_piece(place)
        else:
            found = self._texts.get(place.text_key)
            if found is None:
                found = self._texts[place.text_key] = self._open(place.text_key, kept=kept)
            logical = found
            logical.feed(place.text)
        before = ""
        self.heard_characters += len(place.text) if kept else 0
        if kept and place.text:
            choice = place.text_key[1:] if self._choices else ()
            before = "" if choice in self._told else self._prepend
            self._told.add(choice)
        return TextPiece(place, logical, logical.length - len(place.text), before)

    def _json_piece(self, place: Place) -> JsonPiece:
        key = place.text_key
        if key not in self._arguments:
            unchanged = self._open_stream(_named(key)) is None
            self._arguments[key] = None if unchanged else _Arguments(self._document_numbers)
        arguments = self._arguments[key]
        if arguments is None:
            return JsonPiece(place, [(Run(place.text, None), None)])
        runs = arguments.decoder.feed(place.text)
        return JsonPiece(place, [(run, self._valued(key, arguments, run)) for run in runs])

    def _valued(self, key: Key, arguments: _Arguments, run: Run) -> Value | None:
        """Add a run to the value that it belongs to, and end the value that it ends."""
        if run.name is not None:
            return self._name(key, arguments, run)
        value: Value | None = None
        number = run.value if run.value is not None else run.quotes
        if number is not None:
            value = arguments.values.get(number)
            if value is None:
                value = arguments.values[number] = self._begun(f"{_named(key)}/{number}", run)
            if run.value is not None:
                value.feed(run.text)
        if run.ends is not None and run.ends in arguments.values:
            arguments.values.pop(run.ends).finish(whole=True)
        return value

    def _name(self, key: Key, arguments: _Arguments, run: Run) -> Value:
        """Add a run to the name that it belongs to, or end that name."""
        name = arguments.name
        if name is None:
            label = f"{_named(key)}/name:{run.name}"
            begin = lambda: Logical(self._open_stream(label), kept=False)  # noqa: E731 - used in one place
            name = arguments.name = NameValue(begin, arguments.names_of(*run.within))
        if run.ends_name:
            name.finish(whole=True)
            arguments.name = None
        else:
            name.feed(run.text)
        return name

    def _begun(self, name: str, run: Run) -> Value:
        """Begin a value of a document."""
        numbers = self._document_numbers
        if run.number:
            return NumberValue(run.field, numbers)
        logical = Logical(self._open_stream(name), kept=False)
        return StringValue(logical, run.field, numbers if run.quotes is not None else None)

    def _open(self, key: Key, *, kept: bool) -> Logical:
        name = _named(key)
        logical = Logical(self._open_stream(name), kept=kept)
        if kept:
            while name in self._heard:
                name += "+"
            self._heard[name] = logical
        return logical

    # --- ends

    def _end_texts(self, key: Key) -> None:
        """End the texts whose key begins with these values."""
        for one in [one for one in self._texts if one[1 : 1 + len(key)] == key]:
            self._texts.pop(one).finish()
        for one in [one for one in self._arguments if one[1 : 1 + len(key)] == key]:
            arguments = self._arguments.pop(one)
            for value in arguments.unfinished() if arguments is not None else ():
                value.finish(whole=False)


def _named(key: Key) -> str:
    return ":".join(key)
