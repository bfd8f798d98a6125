"""Sordino: a gateway before chatbots and call bots that keeps what the controller's privacy notice promises.

Exit status: 0 done, 1 the answer is no, 2 it could not be done (wrong input, no key).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from gateway import __version__, commands
from gateway.errors import GatewayError
from gateway.process import forbid_core_dumps
from redaction.errors import RedactionError
from storage.errors import StorageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        forbid_core_dumps()  # in every command, and in what looks after workers: all of them have the settings' secrets
        parsed = build_parser(given[0] if given else None).parse_args(given)
        return int(parsed.run(parsed))
    except (GatewayError, StorageError, RedactionError) as error:
        print(f"sordino: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def build_parser(wanted: str | None = None) -> argparse.ArgumentParser:
    """Describe every command, or the wanted one alone where it has a module of its name."""
    parser = argparse.ArgumentParser(prog="sordino", description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--version", action="version", version=f"sordino {__version__}")
    commands.add_all(parser.add_subparsers(required=True, metavar="COMMAND"), wanted)
    return parser
