"""Numbers and other values as they are dictated: parts that add up, words that repeat or multiply what was said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """What a word means in a dictated value.

    Attributes:
        kind: ``d`` digits, ``n`` a number of several digits, ``h`` hundred, ``t`` thousand, ``x`` repeats the next,
            ``l`` letter, ``s`` sign, ``o`` ordinal, ``m`` month, ``f`` filler, ``+`` link.
        value: digits, letter, sign or number.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Run:
    """A dictated value.

    Attributes:
        start: offset in the segment.
        end: offset after it.
        text: what it says: digits, letters, signs.
        digits: number of digits in ``text``.
        letters: number of letters in ``text``.
        numbers: how many number words it has.
        dated: it has an ordinal or a month, as dates do.
    said: how many of its parts are words, not figures.
    """

    start: int
    end: int
    text: str
    digits: int
    letters: int
    numbers: int
    dated: bool
    said: int


class Number:
    """A number as its words are said, part by part: "cento" "noventa" "e" "dois" is 192.

    Attributes:
        said: what it is so far.
        last: the part that was added last.
    """

    def __init__(self, part: int, *, vigesimal: bool) -> None:
        """Begins with its first part."""
        self.said = self.last = part
        self._vigesimal = vigesimal

    def add(self, part: int) -> bool:
        """Adds what follows, where one number can go on so: not so in "vier fünf"."""
        rest = self.said % 100
        if 0 < part < self._room() or (self._vigesimal and rest in {60, 80} and 10 <= part < 20):  # noqa: PLR2004
            self.said += part
        elif self._vigesimal and (rest, part) == (4, 20):
            self.said += 80 - 4
        else:
            return False
        self.last = part
        return True

    def loosened(self) -> int:
        """Takes off the digit added to a full hundred, where another follows ("achthundert fünf fünf"); else 0."""
        if not 0 < self.last < 10 or self.said % 100 != self.last or self.said < 100:  # noqa: PLR2004
            return 0
        digit, self.last = self.last, 0
        self.said -= digit
        return digit

    def _room(self) -> int:
        """Returns below what a part has to be to belong to the number."""
        for place in (1000, 100, 10):
            if self.said >= place and self.said % place == 0 and (self.said >= 2 * place or place > 10):  # noqa: PLR2004
                return place
        return 0

    def times(self, factor: int) -> bool:
        """Multiplies by a hundred or a thousand what was said last; false where another number begins."""
        few = self.said < factor and (factor > 100 or self.said < 100)  # noqa: PLR2004
        part = self.said if few else self.last
        if part >= factor or not (few or 0 < part < 10):  # noqa: PLR2004
            return False
        self.said += part * (factor - 1)
        self.last = part * factor
        return True


class Reader:
    """Collects one run; reads numbers as they are said, in parts that add up."""

    def __init__(self, *, vigesimal: bool) -> None:
        """Begins a run; ``vigesimal``: see ``Numerals``."""
        self.parts: list[str] = []
        self.start = self.end = -1
        self.said = self.fillers = self.numbers = self.letters = self.repeats = 0
        self.dated = False
        self._number: Number | None = None
        self._vigesimal = vigesimal

    def take(self, start: int, end: int, token: Token, *, written: bool = False) -> None:
        """Takes the next word, with what it means; ``written``: it is figures, which nothing is added to."""
        if self.start < 0:
            self.start = start
        kind, value = token.kind, token.value
        self.numbers += kind in "dnhtom"
        self.said += kind in "dnhtom" and not written
        self.letters += kind == "l"
        self.dated = self.dated or kind in "om"
        if kind in "f+":
            self.fillers += 1
            return
        self.fillers = 0
        if kind not in "sx":
            self.end = end
        if kind in "ht":
            self._multiplied(100 if kind == "h" else 1000)
        elif kind in "dn" and not written and not self.repeats and value[0] != "0":
            self._counted(int(value))
        elif kind != "x":
            self._settle()
            self.parts.append(value * max(self.repeats, 1))
        self.repeats = int(value) if kind == "x" else 0

    def _counted(self, part: int) -> None:
        if self._number is not None and self._number.add(part):
            return
        digit = self._number.loosened() if self._number is not None and part < 10 else 0  # noqa: PLR2004
        before = self._settle()
        if digit:
            self.parts.append(str(digit))
        self._number = Number(part, vigesimal=self._vigesimal and before != "0")

    def _multiplied(self, factor: int) -> None:
        if self._number is not None and self._number.times(factor):
            return
        if self._number is None and self.parts[-1:] == ["o"]:  # "o suta": a hundred
            self.parts.pop()
            self.letters -= 1
        self._settle()
        self._number = Number(factor, vigesimal=self._vigesimal)

    def _settle(self) -> str:
        """Ends the number that is being said; returns the last part."""
        if self._number is not None:
            self.parts.append(str(self._number.said))
            self._number = None
        return self.parts[-1] if self.parts else ""

    def close(self, found: list[Run]) -> None:
        """Ends the run, and appends it to ``found`` if it says anything."""
        self._settle()
        if self.end >= 0:
            text = "".join(self.parts)
            found.append(self._run(text))

    def _run(self, text: str) -> Run:
        return Run(
            self.start, self.end, text, sum(map(str.isdigit, text)), self.letters, self.numbers, self.dated, self.said
        )
