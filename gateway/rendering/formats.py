"""A document as Markdown (CommonMark with tables), as an HTML page without external assets, or as JSON."""

from __future__ import annotations

import re
from html import escape
from typing import Final

import orjson

from gateway.rendering.documents import Block, Document, Items, Paragraph, Table

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#~])")
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2rem; }
blockquote { margin: 0 0 1rem; padding-left: 1rem; border-left: .25rem solid currentColor; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid GrayText; }
footer { margin-top: 2.5rem; font-size: .85rem; overflow-wrap: anywhere; }
"""


def as_markdown(document: Document) -> str:
    """Return the document in Markdown; text is escaped, so that a wording can't become markup."""
    lines = [f"# {_plain(document.title)}", ""]
    for section in document.sections:
        lines += [f"## {_plain(section.heading)}", ""]
        for block in section.blocks:
            lines += [*_markdown(block), ""]
    return "\n".join([*lines, "---", "", _plain(document.foot), ""])


def as_html(document: Document) -> str:
    """Return the document as a page of its own, readable in light and dark and on a telephone."""
    body = [f"<h1>{escape(document.title)}</h1>"]
    for section in document.sections:
        body.append(f'<section id="{escape(section.key)}"><h2>{escape(section.heading)}</h2>')
        body += [_html(block, section.heading) for block in section.blocks]
        body.append("</section>")
    return (
        f'<!doctype html>\n<html lang="{escape(document.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + f"\n</main>\n<footer>{escape(document.foot)}</footer>\n</body>\n</html>\n"
    )


def as_json(document: Document) -> str:
    """Return the document as one JSON object, its sections under their keys."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _markdown(block: Block) -> list[str]:
    match block:
        case Paragraph(text, quoted):
            return [f"> {_plain(text)}" if quoted else _plain(text)]
        case Items(items):
            return [f"- {_plain(item)}" for item in items]
        case Table(head, rows):
            ruled = [head, ("---",) * len(head), *rows]
            return [
                "| " + " | ".join(cell if at == 1 else _plain(cell) for cell in row) + " |"
                for at, row in enumerate(ruled)
            ]


def _html(block: Block, heading: str) -> str:
    match block:
        case Paragraph(text, quoted):
            return f"<blockquote>{escape(text)}</blockquote>" if quoted else f"<p>{escape(text)}</p>"
        case Items(items):
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
        case Table(head, rows):
            # A wide table scrolls in a region of its own, which a keyboard reaches.
            top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
            cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
            return (
                f'<div class="wide" role="region" tabindex="0" aria-label="{escape(heading)}"><table>'
                f"<thead><tr>{top}</tr></thead><tbody>{cells}</tbody></table></div>"
            )
