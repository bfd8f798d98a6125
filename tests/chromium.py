"""Debian's Chromium as a process of its own, that tests connect to: starting it costs more than most of them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_STARTS_WITHIN_SECONDS = 60
_QUIETLY = (
    "--headless", "--no-sandbox", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync",
    "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio", "--password-store=basic",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
)  # fmt: skip


@contextlib.contextmanager
def running_chromium() -> Iterator[str]:
    """Run the browser until the block ends; yields the address that it is driven at. Skips where none is installed."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    # The last of its processes may still write when the first is gone.
    with tempfile.TemporaryDirectory(prefix="sordino-chromium-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *_QUIETLY, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{_port(Path(profile) / 'DevToolsActivePort', process)}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _port(written: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "Chromium did not start"
        if written.exists() and (lines := written.read_text(encoding="ascii").splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    raise TimeoutError
