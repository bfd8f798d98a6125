"""`sordino prove`: every promise of the notice, checked over the store; and a report that was signed, checked again.

JSON is signed as `signed_bytes` of what it tells, HTML as the page that is read: its signature stands in a comment
behind it, over every byte before.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import orjson
import uvloop

from gateway.app import build_prover
from gateway.clock import SystemClock
from gateway.command_line import a_number
from gateway.errors import SettingsError
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.promises import Proof, facts, report, signed_bytes
from gateway.rendering import all_words, as_html, as_markdown
from gateway.settings import load_settings
from gateway.stores import ledger_key, started
from storage.errors import LedgerBrokenError
from storage.ledger.attestations import check_attestation
from storage.ledger.notes import PublicKey

_FORMATS: Final = {"markdown": as_markdown, "html": as_html}
_COMMENT: Final = "<!--\n"
_COMMENT_ENDS: Final = "-->\n"
_JSON: Final = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    proving = commands.add_parser("prove", help="check every promise of the notice over the store; 1 if one is broken")
    what = proving.add_mutually_exclusive_group(required=True)
    what.add_argument("--notice", type=Path, help="the privacy notice (YAML)")
    what.add_argument(
        "--check", type=Path, metavar="FILE", help="check the signature of a report (JSON or HTML) instead"
    )
    proving.add_argument("--key", metavar="KEY", help="with --check: the public key, as `sordino ledger key` prints it")
    proving.add_argument(
        "--sample",
        type=a_number(0, 1_000_000),
        default=200,
        metavar="NUMBER",
        help="transcripts to search once more; default: 200",
    )
    proving.add_argument("--lang", choices=sorted(all_words()), help="default: the notice's own language")
    proving.add_argument("--format", choices=["html", "json", "markdown"], default="markdown")
    proving.set_defaults(run=_prove)


def _prove(arguments: argparse.Namespace) -> int:
    if arguments.check is not None:
        return _check(arguments.check, arguments.key)
    loaded, settings = load_notice(arguments.notice), load_settings()
    set_up_logging(settings.log_level)
    clock = SystemClock()

    async def run() -> tuple[Proof, str]:
        async with started(settings, clock, loaded.notice.notice) as store:
            proof = await build_prover(loaded, store).prove(clock.now(), arguments.sample)
            await store.ledger.seal(clock.now())
            attestation = await store.ledger.attest(signed_bytes(facts(proof)))
            if arguments.format == "json":
                return proof, orjson.dumps({**facts(proof), "attestation": attestation}, option=_JSON).decode()
            words = all_words().get(arguments.lang or loaded.notice.language) or all_words()["en"]
            told = _FORMATS[arguments.format](report(proof, words, attestation))
            if arguments.format == "html":
                told += f"{_COMMENT}{await store.ledger.attest(told.encode())}{_COMMENT_ENDS}"
            return proof, told

    proof, told = uvloop.run(run())
    print(told, end="")
    return 0 if proof.kept else 1


def _check(path: Path, key: str | None) -> int:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from None
    try:
        signed, attestation = _page(content) if content.lstrip().startswith(b"<") else _facts(content)
    except (ValueError, KeyError, AttributeError, TypeError):
        print(f"{path}: this is no report of `sordino prove --format json` or `html`")
        return 1
    try:
        known = PublicKey.parse(key) if key else uvloop.run(ledger_key(load_settings(), SystemClock()))
        check_attestation(attestation, signed, known)
    except LedgerBrokenError as error:
        print(f"{path}: {error}")
        return 1
    print(f"{path}: signed by {known.name}")
    return 0


def _facts(content: bytes) -> tuple[bytes, str]:
    """Return what of a report in JSON is signed, and its attestation. Raises ValueError and others for any other."""
    told = orjson.loads(content)
    attestation = str(told.pop("attestation"))
    return signed_bytes(told), attestation


def _page(content: bytes) -> tuple[bytes, str]:
    """Return the same of a report in HTML. Raises ValueError for anything else."""
    page, mark, rest = content.rpartition(_COMMENT.encode())
    attestation, end, behind = rest.partition(_COMMENT_ENDS.encode())
    if not mark or not end or behind:
        raise ValueError("no attestation stands behind it")
    return page, attestation.decode()
