"""From a YAML file to a notice; everything that is wrong is told with file, line and field."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules

from pydantic import ValidationError

from gateway.errors import NoticeError, Problem
from gateway.notice.checks import check
from gateway.notice.model import Notice
from gateway.notice.problems import told
from gateway.notice.source import named, read_source


@dataclass(frozen=True, slots=True)
class Loaded:
    """A notice with the SHA-256 (hex) of the file's bytes, which sessions and consent records carry."""

    notice: Notice
    digest: str
    path: Path


def load_notice(path: Path, *, connectors: Collection[str] | None = None) -> Loaded:
    """Read a notice.

    Args:
        path: the YAML file.
        connectors: names of the connectors that exist; by default the modules in `gateway/connectors`.

    Raises:
        NoticeError: with every problem of the file. Problems between blocks are told once each block
            has its right shape.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem = Problem(1, "file", f"can't be read: {error.strerror or type(error).__name__}")
        raise NoticeError(str(path), (problem,)) from None
    return parse_notice(raw, path, connectors=connectors)


def parse_notice(raw: bytes, path: Path, *, connectors: Collection[str] | None = None) -> Loaded:
    """Read a notice from the bytes of its file; errors name the path. Raises NoticeError as `load_notice` does."""
    source = read_source(raw)
    if source.problems:
        raise NoticeError(str(path), source.problems)
    try:
        notice = Notice.model_validate(source.values)
    except ValidationError as error:
        raise NoticeError(str(path), told(error, source, Notice)) from None
    known = connector_names() if connectors is None else connectors
    found = tuple(Problem(source.line(where), named(where), message) for where, message in check(notice, known))
    if found:
        raise NoticeError(str(path), tuple(sorted(found, key=lambda problem: (problem.line, problem.field))))
    return Loaded(notice, hashlib.sha256(raw).hexdigest(), path)


def connector_names() -> tuple[str, ...]:
    """Return the names of the connectors: each is a module of its name in `gateway/connectors`.

    The folder is listed, not imported: a notice is read below the connectors, and needs no more than names.
    """
    folder = Path(__file__).parent.parent / "connectors"
    return tuple(sorted(module.name for module in iter_modules([str(folder)])))
