r"""Markup: what a reader does not see of HTML and Markdown, and the way back to the original.

- A tag is ``<`` with the name of an HTML element, attributes or none, ``>``; ``a < b``, ``<jo@mail.example>`` and a
  placeholder are none. Inside a line (``b``, ``span``, ``a``) it is nothing, elsewhere (``td``, ``p``, ``br``) a blank.
- A comment is nothing.
- An entity (``&nbsp;``, ``&uuml;``, ``&#64;``) is its character, and so is one as addresses (``%40``), JSON
  (``\u0040``) and Markdown (``\@``) have it, also where it was written so twice (``&amp;#64;``, ``%2540``).
- Double quotes, backticks, asterisks, underscores and tildes around words are nothing; a quote that closes none
  (``55"``) stays.

Attributes are no part of the sentence, but may hold personal data (``mailto:``): they are texts of their own.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INLINE_NAMES = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike strong"
    " sub sup time tt u var wbr o:p"
)
_BLOCK_NAMES = (
    "address article aside blockquote body br button caption center col colgroup dd details div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html img input legend li link main meta nav ol"
    " optgroup option p pre section select style summary table tbody td textarea tfoot th thead title tr ul"
)
_INLINE, _BLOCKS = frozenset(_INLINE_NAMES.split()), frozenset(_BLOCK_NAMES.split())
_NAMES = _INLINE | _BLOCKS
_COMMENTED = "!--"
_EMPTY = frozenset({"wbr", _COMMENTED})
_LONGEST_ATTRIBUTES = 190
# Python's own engine: every quantifier is bounded, or stops at the next "<", so it is linear.
_TAG = rf"<(?P<closing>/?)(?P<name>[A-Za-z][A-Za-z0-9:]{{0,11}})(?P<attributes>\s[^<>]{{0,{_LONGEST_ATTRIBUTES}}})?/?>"
_COMMENT = rf"<!--(?P<comment>[^<>]{{0,{_LONGEST_ATTRIBUTES}}})-->"
_ENTITY = (
    r"&(?:amp;){0,3}(?:#(?P<number>0{0,7}[0-9]{1,7}|[xX]0{0,7}[0-9A-Fa-f]{1,6})|(?P<entity>[A-Za-z][A-Za-z0-9]{1,31}));"
)
_BYTE = "[89ABab][0-9A-Fa-f]"
_PERCENT = "%(?:25){0,3}"
_ESCAPE = (
    rf"(?P<escape>{_PERCENT}(?:0[9ADad]|[2-7][0-9A-Fa-f]|[CcDd][0-9A-Fa-f]{_PERCENT}{_BYTE}"
    rf"|[Ee][0-9A-Fa-f]{_PERCENT}{_BYTE}{_PERCENT}{_BYTE}))"
)
_BACKSLASHED = r"\\{1,4}u(?P<json>[0-9A-Fa-f]{4})|\\(?P<sign>[!-/:-@\[\]^_`{-~])"
_PIECE = re.compile(rf"{_TAG}|{_COMMENT}|{_ENTITY}|{_ESCAPE}|{_BACKSLASHED}")
_OPEN_TAG = re.compile(rf"</?(?:([A-Za-z][A-Za-z0-9:]{{0,11}})(?:(\s[^<>]{{0,{_LONGEST_ATTRIBUTES}}})?/?)?)?\Z")
_OPEN_COMMENT = re.compile(rf"<!(?:-(?:-[^<>]{{0,{_LONGEST_ATTRIBUTES + 2}}})?)?\Z")
_OPEN_ENTITY = re.compile(
    r"(?:&(?:amp;){0,3}#?[A-Za-z0-9]{0,32}|%[0-9A-Fa-f]{0,8}(?:%[0-9A-Fa-f]{0,8}){0,2}|\\{1,4}(?:u[0-9A-Fa-f]{0,3})?)\Z"
)
_TWICE = re.compile("%(?:25)+(?=[0-9A-Fa-f]{2})")
_PRINTED = frozenset({"Cf", "Zs"})
"""Kinds of characters that are none to Python's ``isprintable``, yet stand in texts."""
_LONGEST_OPEN = _LONGEST_ATTRIBUTES + 18
_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb'
_MARK = re.compile(rf"\*{{1,3}}|_{{1,3}}|~~|`{{1,3}}|[{_QUOTES}]")
_MARKS = frozenset(f"*_~`{_QUOTES}")
MARKED = re.compile(rf"[<&%\\*_~`{_QUOTES}]")
"""A text without any of these has no markup."""
_PARTED = frozenset(":,;=>")
_BEFORE = frozenset("([{/-|") | _PARTED
_AFTER = frozenset("+@#([")
_BETWEEN = ",;:/|"
_SIGNS = "*_~"
_ATTRIBUTE = re.compile(r"\s*([A-Za-z][\w:.-]*)\s*=\s*")
_WORTH = re.compile(r"[^\W\d_]{3}|[0-9]{4}|[0-9][ ./-][0-9]")
_WORTH_IN_LOOKS = re.compile(r"@|[0-9](?:[ ./-]{0,3}[0-9]){4}")
_ADDRESSES = frozenset({"href", "src", "action", "cite"})
_LOOKS = frozenset({"class", "face", "style"})
_MOST = 0x10FFFF


class Tag(NamedTuple):
    """A tag or a mark around words.

    Attributes:
        start: where it begins in the original.
        end: where it ends.
        name: the element's name; the mark.
        closing: it ends what another began.
        attributes: where the attributes stand; None where there are none.
    """

    start: int
    end: int
    name: str
    closing: bool
    attributes: tuple[int, int] | None = None


class Value(NamedTuple):
    """What an attribute holds.

    Attributes:
        start: where it begins in the original.
        end: where it ends.
        left: where in the original that begins which says what it is.
        looks: it is about looks (``style``), so that its words are no names.
    """

    start: int
    end: int
    left: int
    looks: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """A text as a reader sees it.

    Attributes:
        text: what is seen.
        starts: for each of its characters where in the original it begins.
        ends: for each of its characters where in the original it ends.
        tags: the tags and the marks around words, in order.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    tags: tuple[Tag, ...]


def read(text: str) -> Plain | None:
    """Returns ``text`` without its markup; None where it has none."""
    if not MARKED.search(text):
        return None
    plain = _without_tags(text)
    marks = list(_emphasis(plain.text))
    if not marks:
        return plain if plain.tags or len(plain.text) != len(text) else None
    stands = {place: "" for mark in marks for place in range(mark.start, mark.end)}
    begun = [mark.start for mark in marks if not mark.closing]
    stands |= {place: " " for place in begun if plain.text[place - 1 : place] in _PARTED}
    kept = [place for place in range(len(plain.text)) if stands.get(place) != ""]
    marked = (Tag(plain.starts[m.start], plain.ends[m.end - 1], m.name, m.closing) for m in marks)
    return Plain(
        "".join([stands.get(place, plain.text[place]) for place in kept]),
        [plain.starts[place] for place in kept],
        [plain.ends[place] for place in kept],
        tuple(sorted((*plain.tags, *marked))),
    )


def held(text: str) -> int:
    """Returns where a tag or an entity begins that the end of ``text`` cuts; its length where there is none."""
    begin = max(len(text) - _LONGEST_OPEN, 0)
    found = _OPEN_TAG.search(text, begin)
    if found is not None and (not found[2] or found[1].lower() in _NAMES):
        return found.start()
    found = _OPEN_COMMENT.search(text, begin) or _OPEN_ENTITY.search(text, begin)
    return len(text) if found is None else found.start()


def values(text: str, tag: Tag) -> Iterator[Value]:
    """Yields what the attributes of ``tag`` hold, and whatever else stands among them."""
    if tag.attributes is None:
        return
    place, end = tag.attributes
    name = ""
    while place < end:
        stop = min((at for at in (text.find(quote, place, end) for quote in "\"'") if at >= 0), default=end)
        piece = text[place:stop]
        found = _ATTRIBUTE.fullmatch(piece)
        if found:
            name = found[1].lower()
        elif (_WORTH_IN_LOOKS if name in _LOOKS else _WORTH).search(piece):
            yield Value(place, stop, place if name in _ADDRESSES else tag.attributes[0], name in _LOOKS)
        place = stop + 1


def apart(start: int, end: int, tags: Sequence[Tag], text: str) -> list[tuple[int, int]]:
    """Returns a span of ``text`` without the tags in it: itself where it holds whole inline elements only."""
    inside = [tag for tag in tags if start <= tag.start and tag.end <= end]
    if not inside or _whole(inside):
        return [(start, end)]
    spans = []
    first = start
    for tag in (*inside, Tag(end, end, "", closing=False)):
        last = tag.start
        while first < last and tag.start < end and (text[last - 1].isspace() or text[last - 1] in _BETWEEN):
            last -= 1
        while start < first < last and (text[first].isspace() or text[first] in _BETWEEN):
            first += 1
        if any(map(str.isalnum, text[first:last])):
            spans.append((first, last))
        first = tag.end
    return spans


def with_mark(start: int, end: int, tags: Sequence[Tag]) -> int:
    """Returns where a password begins: with an asterisk or the like before ``start`` that none after ``end`` closes."""
    before = next((tag for tag in tags if tag.end == start and tag.name[0] in _SIGNS and not tag.closing), None)
    if before is None or any(tag.start == end and tag.name == before.name for tag in tags):
        return start
    return before.start


def before_marks(place: int, tags: Sequence[Tag]) -> int:
    """Returns where the marks before or around ``place`` begin: one may yet be a password's first sign."""
    for tag in reversed(tags):
        if tag.start < place <= tag.end and tag.name[0] in _SIGNS:
            place = tag.start
    return place


def _whole(tags: Sequence[Tag]) -> bool:
    """Tells whether ``tags`` are inline and each is opened and closed among them."""
    opened: list[str] = []
    for tag in tags:
        if tag.name in _BLOCKS:
            return False
        if not tag.closing:
            opened += [tag.name] * (tag.name not in _EMPTY)
        elif not opened or opened.pop() != tag.name:
            return False
    return not opened


def _without_tags(text: str) -> Plain:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    tags: list[Tag] = []
    place, parted = 0, False
    for match in _PIECE.finditer(text):
        tag = _tag(match)
        character = "" if tag else _character(match)
        if not tag and not character:
            continue
        start, end = match.span()
        if start > place:
            _part(pieces, starts, ends, place, parted and not text[place].isspace())
            pieces.append(text[place:start])
            starts += range(place, start)
            ends += range(place + 1, start + 1)
            parted = False
        place = end
        if tag:
            tags.append(tag)
            parted = parted or tag.name in _BLOCKS
        else:
            _part(pieces, starts, ends, start, parted and not character.isspace())
            pieces.append(character)
            starts.append(start)
            ends.append(end)
            parted = False
    if place < len(text):
        _part(pieces, starts, ends, place, parted and not text[place].isspace())
        pieces.append(text[place:])
        starts += range(place, len(text))
        ends += range(place + 1, len(text) + 1)
    return Plain("".join(pieces), starts, ends, tuple(tags))


def _part(pieces: list[str], starts: list[int], ends: list[int], place: int, parted: bool) -> None:  # noqa: FBT001
    """Adds a blank for the tags before ``place``, unless one stands there or nothing does."""
    if parted and pieces and not pieces[-1][-1].isspace():
        pieces.append(" ")
        starts.append(place)
        ends.append(place)


def _tag(match: re.Match[str]) -> Tag | None:
    if match["comment"] is not None:
        return Tag(match.start(), match.end(), _COMMENTED, closing=False, attributes=match.span("comment"))
    if match["name"] is None:
        return None
    name, attributes = match["name"].lower(), match["attributes"]
    if name not in _NAMES or (attributes and "=" not in attributes and attributes.strip(" \t\r\n/")):
        return None
    return Tag(
        match.start(), match.end(), name, bool(match["closing"]), match.span("attributes") if attributes else None
    )


def _character(match: re.Match[str]) -> str:
    """Returns the one character of an entity or an escape; empty where there is none."""
    if match["name"] is not None:
        return ""
    if match["escape"]:
        return _escaped(match)
    if match["sign"]:
        return match["sign"]
    if number := match["number"] or match["json"]:
        hexadecimal = number.removeprefix("x").removeprefix("X")
        code = int(hexadecimal, 16) if match["json"] or hexadecimal != number else int(number)
        return chr(code) if 0 < code <= _MOST else ""
    found = html5.get(f"{match['entity']};", "")
    return found if len(found) == 1 else ""


def _escaped(match: re.Match[str]) -> str:
    """Returns the character of an escape; empty where there is none, or where a blank would cut an address."""
    found = unquote_to_bytes(_TWICE.sub("%", match["escape"])).decode(errors="ignore")
    if not found or not (found.isprintable() or found.isspace() or unicodedata.category(found) in _PRINTED):
        return ""
    before = match.string[max(0, match.start() - _LONGEST_ATTRIBUTES) : match.start()]
    run = before.rsplit(maxsplit=1)[-1] if before.strip() and not before[-1].isspace() else ""
    return "" if found.isspace() and ("://" in run or "www." in run) else found


def _emphasis(text: str) -> Iterator[Tag]:
    """Yields the quotes and the emphasis around words, offsets in ``text``; what stands beside one decides."""
    opened: set[str] = set()
    for match in _MARK.finditer(text):
        start, end = match.span()
        mark = '"' if match[0] in _QUOTES else match[0]
        before, after = text[start - 1] if start else " ", text[end] if end < len(text) else " "
        closing = mark in opened and not before.isspace() and not after.isalnum() and after != "@"
        if closing:
            opened.discard(mark)
        elif (before.isspace() or before in _BEFORE or before in _MARKS) and (
            after.isalnum() or after in _AFTER or after in _MARKS
        ):
            opened.add(mark)
        else:
            continue
        yield Tag(start, end, mark, closing)
