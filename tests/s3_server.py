"""A real S3 server for tests: moto's, in a process of its own on loopback.

moto is the best kept of the servers on PyPI that speak S3, and one of few with versioning and multipart uploads.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import obstore
from obstore.store import S3Store

from tests.ports import free_port

_STARTS_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class S3Server:
    """A running server."""

    endpoint: str

    def make_bucket(self, name: str, *, versioned: bool = False) -> None:
        """Make a bucket."""
        _request(self.endpoint, "PUT", f"/{name}")
        if versioned:
            body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
            _request(self.endpoint, "PUT", f"/{name}?versioning", body)

    def objects(self, name: str) -> list[str]:
        """List what is in a bucket."""
        store = S3Store(
            name,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id="test",
            secret_access_key="test",
            client_options={"allow_http": True},
        )
        return [each["path"] for listed in obstore.list(store) for each in listed]


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server until the block ends."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield S3Server(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the S3 server did not start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError


def _request(endpoint: str, method: str, path: str, body: bytes = b"") -> None:
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
    scope = "Credential=test/20260101/us-east-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    connection.close()
