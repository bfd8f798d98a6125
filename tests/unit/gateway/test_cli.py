from __future__ import annotations

import argparse
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import __version__, commands
from gateway.cli import build_parser, main
from tests.unit.storage.ledger.test_notes import SIGNER

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


@pytest.mark.parametrize("name", ["health", "serve"])  # with several workers the latter is what looks after them
def test_what_needs_no_gateway_waits_for_none(name: str) -> None:
    program = f"import sys; from gateway.cli import build_parser; build_parser('{name}'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"aiohttp", "gateway.app", "sqlalchemy"} & set(done.stdout.split())


def test_a_gateway_loads_what_its_settings_ask_for() -> None:
    program = "import sys, gateway.serving; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"alembic", "asyncpg", "sqlalchemy.orm", "obstore", "opentelemetry"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("demo --json", "--json goes with --once or --call"),
        ("demo --once --call", "argument --call: not allowed with argument --once"),
        ("serve --notice x.yaml --workers many", "argument --workers: must be a number from 1 to 64"),
        ("serve --notice x.yaml --workers 0", "argument --workers: must be a number from 1 to 64"),
        ("prove --notice x.yaml --sample -1", "argument --sample: must be a number from 0 to "),
        ("tokens create dpo --role dpo --days 367", "argument --days: must be a number from 1 to 366"),
        ("tokens revoke me", "argument token: must be an id as Sordino prints it, a UUID"),
        ("hold release one two", "argument session: must be an id as Sordino prints it, a UUID"),
        ("find --notice x.yaml --type phone", "argument --type: must be one of CARD, CUSTOMER_NO, "),
        ("redact --explain", "--explain goes with --jsonl"),
        ("render no-such.yaml", "no-such.yaml:1: file: can't be read: No such file or directory"),
    ],
)
def test_what_can_not_be_done_is_told_in_a_sentence(
    arguments: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(arguments.split())
    except SystemExit as ended:  # argparse's way
        status = int(ended.code or 0)
    assert status == 2
    (told,) = re.findall(r"^sordino[\w ]*: .*", capsys.readouterr().err, re.MULTILINE)
    assert sentence in told


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"sordino {__version__}\n"


def test_ctrl_c_while_a_command_is_still_loaded_says_nothing() -> None:
    program = (
        "import signal, sys, types, gateway.cli\n"
        "class Slow(types.ModuleType):\n"
        "    def __getattr__(self, name): signal.raise_signal(signal.SIGINT)\n"
        "sys.modules['gateway.commands.demo'] = Slow('gateway.commands.demo')\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "raise SystemExit(gateway.cli.main(['demo']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize(("content", "status", "said"), [
    ("no JSON", 2, "this is not JSON, and so no receipt"),
    ("[]", 2, "this is not a receipt"),
    ('{"format": "something-else"}', 2, "this is not a receipt"),
    ('{"format": "sordino-receipt-1"}', 1, "this is not a receipt of the form"),
    (None, 2, "can't be read"),
])  # fmt: skip
def test_a_file_that_is_no_receipt_can_not_be_checked(
    content: str | None, status: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(SIGNER.public)
    path = tmp_path / "receipt.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert main(["ledger", "verify", "--receipt", str(path), "--key", key]) == status
    told = capsys.readouterr()
    assert said in (told.err if status == 2 else told.out)
