"""A document as values: sections of paragraphs, lists and tables. Text only, no markup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `quoted` is a wording that customers see or hear, word for word."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list without order."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; each row has as many cells as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Items | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it. `key` names the section in JSON, in no language."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole text in one language (two-letter code), made from a version of a notice."""

    title: str
    language: str
    notice: str
    version: str
    digest: str
    sections: tuple[Section, ...]
    foot: str
