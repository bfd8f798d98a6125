"""`sordino render` and `diff`: a notice told in words, and compared with its next version."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import orjson

from gateway.notice.load import load_notice
from gateway.rendering import (
    all_words,
    as_html,
    as_json,
    as_markdown,
    differences,
    information,
    missing_wordings,
    register,
    sections_in_text,
)

_DOCUMENTS: Final = {"notice": information, "register": register}
_FORMATS: Final = {"markdown": as_markdown, "html": as_html, "json": as_json}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the two commands."""
    render = commands.add_parser("render", help="print the Art. 13 text or the Art. 30 register of a notice")
    render.add_argument("file", type=Path, help="the privacy notice (YAML)")
    render.add_argument("--as", dest="document", choices=sorted(_DOCUMENTS), default="notice", help="default: notice")
    render.add_argument("--lang", choices=sorted(all_words()), help="default: the notice's own language")
    render.add_argument("--format", choices=sorted(_FORMATS), default="markdown", help="default: markdown")
    render.set_defaults(run=_render)

    diff = commands.add_parser("diff", help="say what a new version of a notice changes, for whom")
    diff.add_argument("old", type=Path, help="the notice as it was")
    diff.add_argument("new", type=Path, help="the notice as it is to be")
    diff.add_argument("--lang", choices=sorted(all_words()), help="default: the new notice's own language")
    diff.add_argument("--json", action="store_true", help="print one JSON object")
    diff.set_defaults(run=_diff)


def _render(arguments: argparse.Namespace) -> int:
    loaded = load_notice(arguments.file)
    words = all_words().get(arguments.lang or loaded.notice.language)
    if words is None:
        known = " or ".join(all_words())
        print(f"sordino: no words for {loaded.notice.language} yet; choose --lang {known}", file=sys.stderr)
        return 2
    for place in missing_wordings(loaded.notice, words.language):
        own = f"told in {loaded.notice.language}"
        print(f"sordino: {arguments.file}: {place} has no wording in {words.language}; {own}", file=sys.stderr)
    print(_FORMATS[arguments.format](_DOCUMENTS[arguments.document](loaded, words)), end="")
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    old, new = load_notice(arguments.old).notice, load_notice(arguments.new).notice
    words = all_words().get(arguments.lang or new.language) or all_words()["en"]
    found = differences(old, new, words)
    print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() if arguments.json else sections_in_text(found))
    return 0
