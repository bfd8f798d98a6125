"""`sordino ledger`: its key, receipts, and whether it is still what was written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson
import uvloop

from gateway.clock import SystemClock
from gateway.command_line import an_id
from gateway.errors import SettingsError
from gateway.settings import load_settings
from gateway.stores import ledger_key, opened
from storage.errors import LedgerBrokenError
from storage.ledger.notes import PublicKey
from storage.ledger.protocol import Ledger
from storage.ledger.receipts import check_receipt, is_receipt
from storage.ledger.verification import Verification

T = TypeVar("T")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and what is below it."""
    ledger = commands.add_parser("ledger", help="the log of what was done, and its receipts").add_subparsers(
        required=True, metavar="COMMAND"
    )
    key = ledger.add_parser("key", help="print the public key: keep it where the ledger is to be checked")
    key.set_defaults(run=_key)
    checkpoint = ledger.add_parser("checkpoint", help="print the newest signed checkpoint, for verify --since later")
    checkpoint.set_defaults(run=_checkpoint)
    receipt = ledger.add_parser("receipt", help="print the receipt of an erased part as JSON, with its proof")
    receipt.add_argument("part", type=an_id, help="the part's id, as `sordino sweep` prints it")
    receipt.set_defaults(run=_receipt)
    verify = ledger.add_parser(
        "verify",
        help="find any change, gap or reordering; exit status 1 if there is one, 2 if nothing could be checked",
    )
    verify.add_argument("--receipt", type=Path, metavar="FILE", help="check a receipt alone; needs no database")
    verify.add_argument("--since", type=Path, metavar="FILE", help="check that the log continues this checkpoint")
    verify.add_argument("--key", type=_public_key, metavar="KEY", help="the public key, for --receipt")
    verify.set_defaults(run=_verify)


def _key(_arguments: argparse.Namespace) -> int:
    print(uvloop.run(ledger_key(load_settings(), SystemClock())))
    return 0


def _checkpoint(_arguments: argparse.Namespace) -> int:
    note = _asked(lambda ledger: ledger.checkpoint())
    if note is None:
        print("sordino: no checkpoint has been signed yet: ask again in a minute", file=sys.stderr)
        return 1
    print(note, end="")
    return 0


def _receipt(arguments: argparse.Namespace) -> int:
    document = _asked(lambda ledger: ledger.receipt(arguments.part))
    if document is None:
        print("sordino: there is no receipt of this part: it is still here, or was never", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    if document["proof"] is None:
        print("sordino: no checkpoint covers this erasure yet: ask again in a minute for the proof", file=sys.stderr)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    if arguments.receipt is not None:
        return _verify_receipt(arguments.receipt, arguments.key)
    since = None if arguments.since is None else _read(arguments.since).decode(errors="replace")
    found: Verification = _asked(lambda ledger: ledger.verify(since))
    for problem in found.problems:
        print(f"{problem.where}: {problem.what}")
    unsealed = f"the last signed checkpoint is over {found.sealed}"
    print(f"{found.checked} entries checked ({found.forgotten} erased with their session); {unsealed}")
    print(f"{len(found.problems)} problems found" if found.problems else "nothing was changed, taken away or moved")
    return 1 if found.problems else 0


def _verify_receipt(path: Path, key: PublicKey | None) -> int:
    document = _document(path)
    known = key or uvloop.run(ledger_key(load_settings(), SystemClock()))
    try:
        check_receipt(document, known)
    except LedgerBrokenError as error:
        print(f"{path}: {error}")
        return 1
    print(f"{path}: this receipt stands in the log {known.name}")
    return 0


def _document(path: Path) -> dict[str, Any]:
    """Return the receipt in a file. Raises SettingsError for another file: there is nothing in it to be checked."""
    try:
        document = orjson.loads(_read(path))
    except orjson.JSONDecodeError:
        raise SettingsError(f"{path}: this is not JSON, and so no receipt") from None
    if not is_receipt(document):
        raise SettingsError(f"{path}: this is not a receipt")
    return dict(document)


def _asked(ask: Callable[[Ledger], Awaitable[T]]) -> T:
    """Ask the ledger of the store, not started: one that refuses to start can be looked at, too."""

    async def run() -> T:
        async with opened(load_settings(), SystemClock()) as store:
            return await ask(store.ledger)

    return uvloop.run(run())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from None


def _public_key(value: str) -> PublicKey:
    try:
        return PublicKey.parse(value)
    except LedgerBrokenError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
