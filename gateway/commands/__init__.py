"""The commands of `sordino` besides `serve` and `demo`: each module describes its own in `add`, and is found here."""

from __future__ import annotations

import argparse
import importlib
import pkgutil


def add_all(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Let every module of this folder describe its commands, in the order of their names."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        importlib.import_module(f"{__name__}.{module.name}").add(commands)
