"""The languages in which a notice can be rendered: one data file each, found here by its `WORDS`.

To add a language, add one file; nothing else changes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from gateway.rendering.words.model import NoticeWords

__all__ = ["NoticeWords", "all_words"]


@cache
def all_words() -> Mapping[str, NoticeWords]:
    """Return every language by its two-letter code."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "model")
    return {name: importlib.import_module(f"{__name__}.{name}").WORDS for name in names}
