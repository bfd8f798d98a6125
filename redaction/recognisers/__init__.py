"""Recognisers: one module for each kind of personal data, found here by their ``RECOGNISER``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redaction.recogniser import Recogniser


@cache
def all_recognisers() -> tuple[Recogniser, ...]:
    """Returns every recogniser of the package, sorted by name."""
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.RECOGNISER for module in modules), key=lambda recogniser: recogniser.name))
