"""`sordino health`: whether the gateway of this machine is ready, for an orchestrator."""

from __future__ import annotations

import argparse
import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final

from gateway.setting_kinds import parse_listen
from gateway.settings import load_settings

_SECONDS: Final = 4.0
_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    health = commands.add_parser("health", help="ask the gateway of this machine whether it is ready; 1 if it is not")
    health.set_defaults(run=_health)


def _health(_arguments: argparse.Namespace) -> int:
    settings = load_settings()
    host, port = parse_listen(settings.internal_listen)
    connection = _connection(_EVERY_ADDRESS.get(host, host), port, tls=settings.internal_tls_cert is not None)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        said = answer.read(1024).decode(errors="replace")
    except (OSError, HTTPException) as error:
        print(f"sordino: no gateway answers on {settings.internal_listen}: {type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    print(said)
    return 0 if answer.status == 200 else 1  # noqa: PLR2004 - HTTP


def _connection(host: str, port: int, *, tls: bool) -> HTTPConnection:
    if not tls:
        return HTTPConnection(host, port, timeout=_SECONDS)
    context = ssl.create_default_context()
    context.check_hostname = False  # the certificate is for the name that others use, not for this machine's own
    context.verify_mode = ssl.CERT_NONE  # nothing secret is sent or believed
    return HTTPSConnection(host, port, timeout=_SECONDS, context=context)
