"""The languages of requests: one data file each, found here by its `WORDS`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from gateway.rights.words.model import RightsWords

__all__ = ["RightsWords", "rights_words", "words_in"]


@cache
def rights_words() -> Mapping[str, RightsWords]:
    """Return every language by its two-letter code."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "model")
    return {name: importlib.import_module(f"{__name__}.{name}").WORDS for name in names}


def words_in(language: str | None, otherwise: str) -> RightsWords:
    """Return the words of a language, else of another, else English."""
    every = rights_words()
    return every.get(language or "") or every.get(otherwise) or every["en"]
