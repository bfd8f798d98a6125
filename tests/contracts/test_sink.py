"""What every sink of the ledger promises, over a directory and a bucket of a real S3 server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.buckets import Bucket
from storage.errors import StoreUnavailableError
from storage.ledger.sinks import FileSink, Sink
from storage.ledger.sinks.s3 import S3Sink
from tests.s3_server import S3Server, s3_server


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


def _files(directory: Path, _: Callable[[], S3Server]) -> Sink:
    return FileSink(directory / "sink")


def _s3(_: Path, server: Callable[[], S3Server]) -> Sink:
    name = f"b-{secrets.token_hex(4)}"
    server().make_bucket(name)
    return S3Sink(Bucket(name, "ledger", server().endpoint, "us-east-1", "test", "test"))


MAKERS = {"files": _files, "s3": _s3}


@pytest.fixture(params=list(MAKERS))
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Sink:
    return MAKERS[request.param](tmp_path, lambda: request.getfixturevalue("s3"))


def test_what_is_made_can_be_read_and_is_never_made_again(sink: Sink) -> None:
    assert sink.read("erasures/1") is None
    assert sink.create("erasures/1", b"first")
    assert not sink.create("erasures/1", b"second")
    assert sink.read("erasures/1") == b"first"


def test_of_two_at_once_one_makes_it(sink: Sink) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: sink.create("checkpoints/7", b"%d" % n), range(8)))
    assert made.count(True) == 1
    assert sink.read("checkpoints/7") == b"%d" % made.index(True)


def test_a_bucket_away_is_said_without_its_address() -> None:
    sink = S3Sink(Bucket("away", "", "http://127.0.0.1:1", "us-east-1", "key-id", "key-secret"))
    for call in (lambda: sink.read("a"), lambda: sink.create("a", b"")):
        with pytest.raises(StoreUnavailableError) as caught:
            call()
        assert "s3://away" in str(caught.value)
        assert not {"127.0.0.1", "key-id", "key-secret"} & set(str(caught.value).split())
