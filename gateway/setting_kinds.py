"""The kinds of values that a setting may have, each with its check. No message quotes the value."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator

from gateway.addresses import Network
from gateway.database_url import place_of
from gateway.errors import SettingsError
from storage.crypto.providers import check_address
from storage.retention import parse_period

_LISTEN: Final = re.compile(r"^(?P<host>\[[0-9a-fA-F:]+\]|[^:\[\]]+):(?P<port>\d{1,5})$")
_BUCKET: Final = re.compile(r"s3://(?P<name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w./-]*))?", re.ASCII)
_HIGHEST_PORT: Final = 65535


def parse_listen(value: str) -> tuple[str, int]:
    """Split `host:port`. Raises ValueError."""
    match = _LISTEN.match(value)
    if match is None or int(match["port"]) > _HIGHEST_PORT:
        raise ValueError("must be host:port with a port from 0 to 65535")
    host = match["host"].strip("[]")
    if ":" in host:
        ipaddress.IPv6Address(host)
    return host, int(match["port"])


def cannot_listen(listen: str, error: OSError) -> SettingsError:
    """Return what is to be said where an address of a listener can't be had."""
    # uvloop's own text of the error tells the address again; that of a name that can't be resolved is no errno's.
    why = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror
    where = "SORDINO_PUBLIC_LISTEN and SORDINO_INTERNAL_LISTEN say where"
    return SettingsError(f"can't listen on {listen}: {why}; {where}")


def bucket_of(address: str) -> tuple[str, str] | None:
    """Return the name of a bucket (`s3://name/prefix`) and the prefix in it; None for what is no bucket."""
    match = _BUCKET.fullmatch(address)
    return None if match is None else (match["name"], match["prefix"] or "")


def _listen(value: str) -> str:
    parse_listen(value)
    return value


def _database(value: str) -> str:
    if value:
        place_of(value)
    return value


def _root_key(value: str) -> str:
    if value:
        check_address(value)
    return value


def _file(value: str) -> str:
    if value and not value.startswith("file:///"):
        raise ValueError("must be file:///absolute/path")
    return value


def _file_or_bucket(value: str) -> str:
    if value and not value.startswith("file:///") and bucket_of(value) is None:
        raise ValueError("must be file:///absolute/directory or s3://bucket/prefix")
    return value


def _period(value: str) -> str:
    try:
        length = parse_period(value)
    except ValueError:
        length = None  # its message quotes the value
    if length is None or (length.months == 0 and length.days == 0):
        raise ValueError("must be an ISO 8601 period of a day or more, such as P30D")
    return value


def _origins(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())


def _networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError:
        msg = "must be networks separated by commas, such as 10.0.0.0/8, without bits beyond the mask"
        raise ValueError(msg) from None


Listen = Annotated[str, AfterValidator(_listen)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
RootKeyAddress = Annotated[str, AfterValidator(_root_key)]
FileUrl = Annotated[str, AfterValidator(_file)]
FileOrBucketUrl = Annotated[str, AfterValidator(_file_or_bucket)]
DayPeriod = Annotated[str, AfterValidator(_period)]
Origins = Annotated[tuple[str, ...], BeforeValidator(_origins)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]
