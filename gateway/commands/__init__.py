"""The commands of `sordino`: each module describes its own in `add`, and is found here.

A module that has the name of its command is imported alone: `sordino health` waits for nothing of `sordino serve`.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil


def add_all(commands: argparse._SubParsersAction[argparse.ArgumentParser], wanted: str | None = None) -> None:
    """Let every module of this folder describe its commands, in the order of their names, or the wanted one alone."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    for name in [wanted] if wanted in names else names:
        importlib.import_module(f"{__name__}.{name}").add(commands)
