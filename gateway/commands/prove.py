"""`sordino prove`: every promise of the notice, checked over the store."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import uvloop

from gateway.app import build_prover, open_store
from gateway.clock import SystemClock
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.promises import Proof, report
from gateway.rendering import all_words, as_html, as_json, as_markdown
from gateway.settings import load_settings

_FORMATS: Final = {"markdown": as_markdown, "html": as_html}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    proving = commands.add_parser("prove", help="check every promise of the notice over the store; 1 if one is broken")
    proving.add_argument("--notice", type=Path, required=True, help="the privacy notice (YAML)")
    proving.add_argument("--sample", type=int, default=200, help="transcripts to search once more; default: 200")
    proving.add_argument("--lang", choices=sorted(all_words()), help="default: the notice's own language")
    proving.add_argument("--format", choices=["html", "json", "markdown"], default="markdown")
    proving.set_defaults(run=_prove)


def _prove(arguments: argparse.Namespace) -> int:
    loaded, settings = load_notice(arguments.notice), load_settings()
    set_up_logging(settings.log_level)
    clock = SystemClock()

    async def run() -> Proof:
        store = open_store(settings, clock, loaded.notice.notice)
        await store.start()
        try:
            return await build_prover(loaded, store).prove(clock.now(), arguments.sample)
        finally:
            await store.close()

    proof = uvloop.run(run())
    words = all_words().get(arguments.lang or loaded.notice.language) or all_words()["en"]
    document = report(proof, words)
    if arguments.format == "json":
        outcomes = {each.promise.value: {"kept": each.kept, "checked": each.checked, "broken": dict(each.of_what)}
                    for each in proof.outcomes}  # fmt: skip
        told = {"at": proof.at.isoformat(), "kept": proof.kept, "promises": outcomes, "doubtful": dict(proof.doubtful)}
        print(json.dumps(told | {"report": json.loads(as_json(document))}, indent=2, ensure_ascii=False))
    else:
        print(_FORMATS[arguments.format](document), end="")
    return 0 if proof.kept else 1
