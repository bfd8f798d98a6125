"""From the environment (`SORDINO_*`) to values by the names of settings; a mapping is JSON there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import get_origin

from pydantic.fields import FieldInfo

from gateway.errors import SettingsError

PREFIX = "SORDINO_"


def given(settings: Mapping[str, FieldInfo]) -> dict[str, object]:
    """Return what stands in the environment. Raises SettingsError that names a wrong variable, never its value."""
    known = {PREFIX + name.upper() for name in settings}
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name not in known)
    if unknown:
        known_ones = "docs/settings.md lists the known ones"
        raise SettingsError(f"unknown settings in the environment: {', '.join(unknown)}; {known_ones}")
    told = {name: os.environ.get(PREFIX + name.upper()) for name in settings}
    return {name: _read(name, settings[name], value) for name, value in told.items() if value is not None}


def _read(name: str, setting: FieldInfo, value: str) -> object:
    if get_origin(setting.annotation) is not dict:
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise SettingsError(f"{PREFIX}{name.upper()}: must be JSON, on one line") from None
