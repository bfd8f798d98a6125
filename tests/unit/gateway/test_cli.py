from __future__ import annotations

import argparse
import pkgutil
import subprocess
import sys

import pytest

from gateway import commands
from gateway.cli import build_parser

MODULES = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))


def described(parser: argparse.ArgumentParser) -> dict[str, str]:
    (below,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: each.format_help() for name, each in below.choices.items()}


@pytest.mark.parametrize("name", MODULES)
def test_a_command_that_is_imported_alone_is_what_it_is_among_all(name: str) -> None:
    every, alone = described(build_parser()), described(build_parser(name))
    assert alone.items() <= every.items()
    # A module named like a command of another module would hide that command.
    assert name in alone or name not in every


def test_who_asks_whether_it_is_ready_waits_for_no_database() -> None:
    program = "import sys; from gateway.cli import build_parser; build_parser('health'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"aiohttp", "gateway.app", "sqlalchemy"} & set(done.stdout.split())


def test_a_gateway_loads_what_its_settings_ask_for() -> None:
    program = "import sys, gateway.serving; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"alembic", "asyncpg", "sqlalchemy.orm", "obstore", "opentelemetry"} & set(done.stdout.split())
