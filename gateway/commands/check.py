"""`sordino check`: whether a notice is in order, what it keeps, and what people have to switch off elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from gateway.notice.elsewhere import to_switch_off
from gateway.notice.load import load_notice


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    check = commands.add_parser("check", help="check a notice; names line and field of what is wrong")
    check.add_argument("file", type=Path, help="the privacy notice (YAML)")
    check.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> int:
    loaded = load_notice(arguments.file)
    notice = loaded.notice
    print(f"{arguments.file}: {notice.notice} {notice.version} is in order; SHA-256 {loaded.digest}")
    for name, channel in notice.channels.items():
        for kind, purposes in channel.keep.items():
            for purpose, rule in purposes.items():
                deletion = notice.deletion_classes[rule]
                why = f"{kind.value} for {purpose} ({notice.purposes[purpose].legal_basis})"
                print(f"  {name}: {why}: {deletion.period} from {deletion.start.value}")
    for name, what in to_switch_off(notice):
        print(f"  {name}: switch off at the call platform: {what}")
    return 0
