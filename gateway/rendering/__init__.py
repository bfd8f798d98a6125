"""A notice in words: the Art. 13 text, the Art. 30 register, and what a new version changes.

All three are made from the same file that the gateway runs. `documents` holds the shape, `formats` writes it as
Markdown, HTML or JSON, `words` holds one data file per language.
"""

from gateway.rendering.differences import Differences, differences, sections_in_text
from gateway.rendering.documents import Document
from gateway.rendering.formats import as_html, as_json, as_markdown
from gateway.rendering.information import information
from gateway.rendering.phrases import missing_wordings
from gateway.rendering.register import register
from gateway.rendering.words import all_words

__all__ = [
    "Differences",
    "Document",
    "all_words",
    "as_html",
    "as_json",
    "as_markdown",
    "differences",
    "information",
    "missing_wordings",
    "register",
    "sections_in_text",
]
