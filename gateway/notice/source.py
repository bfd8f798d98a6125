"""YAML with line numbers: the file as plain values, and the line of every field.

Every scalar stays the text that was written (`no` is Norwegian, `2025-07` a version, `1` a key of the
telephone); only an empty value and `~` become None. A key that stands twice, an alias and a merge key
are refused: what a notice promises stands where it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml.composer import Composer

from gateway.errors import Problem

MAX_NOTICE_BYTES: Final = 1_000_000

Where = tuple[str | int, ...]


class _Loader(Composer, yaml.CSafeLoader):
    """Composes nodes of what libyaml reads; refuses aliases, which could make a small file endless."""

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        alias = self.peek_event()
        if isinstance(alias, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(None, None, "an alias (*) is not allowed; write it out", alias.start_mark)  # type: ignore[arg-type]  # libyaml's
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's values, the line of each field (from 1), and what is wrong with it as YAML."""

    values: object
    lines: dict[Where, int]
    problems: tuple[Problem, ...]

    def value(self, where: Where) -> object:
        """Return what stands at a place, or None."""
        value: Any = self.values
        for step in where:
            value = value[step]
        return value

    def line(self, where: Where) -> int:
        """Return the line of a field, or of the nearest block around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


def read_source(raw: bytes) -> Source:
    """Read YAML; never raises, what is wrong stands in `problems`."""
    if len(raw) > MAX_NOTICE_BYTES:
        return _broken(1, f"is larger than {MAX_NOTICE_BYTES} bytes; this is no notice")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _broken(raw[: error.start].count(b"\n") + 1, "holds bytes that are not UTF-8; save the file as UTF-8")
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = len(f"{text}.".splitlines())  # what is missing at the end is told one line below it
        line = min(mark.line + 1, last) if mark else 1
        return _broken(line, f"is not readable as YAML here: {error.problem or error.context}")
    except (yaml.YAMLError, RecursionError):
        return _broken(1, "is not readable as YAML: it holds a control character, or is nested too deeply")
    if not isinstance(node, yaml.MappingNode):
        return _broken(1, "is empty or no block of fields; begin with `notice:` and the notice's id")
    reader = _Reader()
    values = reader.read(node, ())
    return Source(values, reader.lines, tuple(reader.problems))


def _broken(line: int, message: str) -> Source:
    return Source(None, {}, (Problem(line, "file", message),))


class _Reader:
    """Turns nodes into values and notes their lines."""

    def __init__(self) -> None:
        self.lines: dict[Where, int] = {}
        self.problems: list[Problem] = []

    def read(self, node: yaml.Node, where: Where) -> object:
        self.lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*where, index)) for index, item in enumerate(node.value)]
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(line, named(where), "holds a key that is not a plain word"))
                continue
            key = str(key_node.value)
            here = (*where, key)
            if key in values:
                message = f"stands twice; the first is on line {self.lines[here]}"
                self.problems.append(Problem(line, named(here), message))
                continue
            self.lines[here] = line
            values[key] = self.read(value_node, here)
        return values


def named(where: Where) -> str:
    """Return a field's name as it is told: `channels.chatbot.keep`, `recipients[0].name`."""
    name = ""
    for step in where:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name or "file"
