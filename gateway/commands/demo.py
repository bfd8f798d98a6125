"""`sordino demo`: a demo shop bot with Sordino in front of it, or a script played once."""

from __future__ import annotations

import argparse
import sys

import orjson

from gateway.command_line import until_stopped, wrong
from gateway.demo import call, once
from gateway.demo.run import serve_demo
from gateway.settings import load_settings


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    demo = commands.add_parser("demo", help="run a demo shop bot with Sordino in front of it")
    script = demo.add_mutually_exclusive_group()
    script.add_argument("--once", action="store_true", help="play a scripted conversation, show what is kept, and end")
    script.add_argument("--call", action="store_true", help="play a scripted call, show what is kept, and end")
    demo.add_argument("--json", action="store_true", help="with --once or --call: print one JSON object")
    demo.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    settings, plays = load_settings(), arguments.once or arguments.call
    if arguments.json and not plays:
        return wrong("--json goes with --once or --call")
    if not plays:
        return until_stopped(serve_demo(settings), settings.drain_seconds)
    played = call if arguments.call else once
    report = played.run(settings)
    if arguments.json:
        sys.stdout.buffer.write(orjson.dumps(report.document, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print(played.in_words(report))
    for sentence in report.broken:
        print(f"sordino: not as the notice promises: {sentence}", file=sys.stderr)
    return 1 if report.broken else 0
