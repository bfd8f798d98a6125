from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import http_parser

from gateway.errors import SettingsError
from gateway.process import require_strict_parser

ROOT = Path(__file__).parents[3]

DUMPS = """
import ctypes, resource
from gateway.process import harden
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
harden()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""

COMMAND = DUMPS.replace("from gateway.process import harden", "from gateway.cli import main").replace(
    "harden()", "main(['check', 'nowhere.yaml'])"
)

FILES = """
import resource
from gateway.process import harden
resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, HARD))
harden()
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
@pytest.mark.parametrize("program", [DUMPS, COMMAND], ids=["a gateway", "any command"])
def test_no_core_is_dumped(program: str) -> None:
    done = run(program)
    assert done.stdout.split("\n")[0] == "(0, 0) 0", done.stderr


@pytest.mark.parametrize(("soft", "hard", "then"), [(256, 4000, 4000), (512, 512, 512)])
def test_a_connection_is_a_file_and_there_are_enough(soft: int, hard: int, then: int) -> None:
    done = run(FILES.replace("SOFT", str(soft)).replace("HARD", str(hard)))
    assert done.stdout.strip() == f"({then}, {hard})", done.stderr


def test_the_parser_is_the_strict_one() -> None:
    require_strict_parser(http_parser.HttpRequestParser)
    with pytest.raises(SettingsError, match="parser in C"):
        require_strict_parser(http_parser.HttpRequestParserPy)


def test_nothing_starts_with_the_other_parser() -> None:
    done = run("from gateway.process import harden; harden()", AIOHTTP_NO_EXTENSIONS="1")
    assert "SettingsError" in done.stderr
