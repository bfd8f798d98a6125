"""The image, really built by `make image`: it takes minutes, root, buildah and debootstrap."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "image"
CERTIFICATES = Path("/etc/ssl/certs")
LARGEST_BYTES = {"run": 250 * 10**6, "otel": 265 * 10**6}
NEEDED = ("buildah", "debootstrap")


def _missing() -> str | None:
    if not os.environ.get("SORDINO_TEST_IMAGE"):
        return "built by `make image`"
    if os.geteuid() != 0:
        return "building an image here takes root"
    absent = [name for name in NEEDED if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


pytestmark = pytest.mark.skipif(_missing() is not None, reason=_missing() or "")


def _run(*command: str | Path) -> str:
    done = subprocess.run([str(each) for each in command], check=False, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


class Buildah:
    """buildah with a store of its own, without a kernel's help (chroot isolation)."""

    def __init__(self, folder: Path) -> None:
        self._where = ("--storage-driver", "vfs", "--root", folder / "root", "--runroot", folder / "run")

    def __call__(self, *arguments: str | Path) -> str:
        return _run("buildah", *self._where, *arguments)


@pytest.fixture(scope="session")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    folder = tmp_path_factory.mktemp("buildah")
    yield Buildah(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def base(buildah: Buildah) -> str:
    """Make what the official base holds, under a local name, for no registry of images can be reached."""
    archive = CACHE / "base.tar"
    if not archive.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        tree = CACHE / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        _run("debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", tree)
        for slim in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale", "usr/share/man"):
            shutil.rmtree(tree / slim)
        _run("tar", "-C", tree, "-cf", archive, "--exclude=./dev/*", "--exclude=./proc/*", ".")
        shutil.rmtree(tree)
    container = buildah("from", "scratch")
    buildah("add", "-q", container, archive, "/")
    buildah("commit", "-q", "--rm", container, "localhost/debian:bookworm-slim")
    return "localhost/debian:bookworm-slim"


@pytest.fixture(scope="session", params=["run", "otel"])
def image(buildah: Buildah, base: str, request: pytest.FixtureRequest) -> str:
    """Build it with what is run, and with what sends traces besides."""
    named = f"sordino:{request.param}"
    buildah(
        "bud", "-q", "--isolation", "chroot", "--network", "host", "--format", "docker",
        "--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro", "--build-arg", f"BASE={base}",
        "--build-arg", f"REQUIREMENTS={request.param}", "-t", named, ROOT,
    )  # fmt: skip
    return f"localhost/{named}"


@pytest.fixture
def container(buildah: Buildah, image: str) -> Iterator[str]:
    made = buildah("from", image)
    yield made
    buildah("rm", made)


def test_it_is_small_and_runs_as_nobody(buildah: Buildah, image: str) -> None:
    (told,) = json.loads(buildah("images", "--json", image))
    described = json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]
    layers = float(told["size"].split()[0])
    assert told["size"].endswith(" MB")
    assert layers * 10**6 < LARGEST_BYTES[image.rpartition(":")[2]]
    assert described["User"] == "10001:10001"
    assert described["Healthcheck"]["Test"] == ["CMD", "sordino", "health"]


def test_the_main_job_runs_in_it(buildah: Buildah, container: str) -> None:
    said = buildah("run", "--isolation", "chroot", container, "--", "sordino", "demo", "--once", "--json")
    assert json.loads(said)["plaintext_found"] == []


def test_it_says_what_is_in_it(buildah: Buildah, image: str, container: str) -> None:
    mounted = Path(buildah("mount", container))
    bill = json.loads((mounted / "opt/sordino/sbom.cdx.json").read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    named = {each["name"].lower() for each in bill["components"]}
    assert {"aiohttp", "cryptography", "sordino", "sqlalchemy"} <= named
    assert ("opentelemetry-sdk" in named) == image.endswith(":otel")
    code = "from gateway.tracing import open_tracing as o; print(o('http://127.0.0.1:9', sample=1.0, to_bots=False).on)"
    command = ["/opt/sordino/bin/python", "-c", code]
    if image.endswith(":otel"):
        assert buildah("run", "--isolation", "chroot", container, "--", *command) == "True"


def test_nothing_in_it_belongs_to_the_user_but_its_home(buildah: Buildah, container: str) -> None:
    mounted = Path(buildah("mount", container))
    found = _run("find", mounted, "-xdev", "-uid", "10001", "-not", "-path", f"{mounted}/proc/*")
    assert found == str(mounted / "var/lib/sordino")


def test_it_runs_where_nothing_but_its_volume_can_be_written(buildah: Buildah, image: str, container: str) -> None:
    """As a pod of the chart does: the root file system read-only, memory for /tmp and for its home."""
    described = json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]
    root = buildah("mount", container)
    written = ("tmp", "mode=1777"), ("var/lib/sordino", "mode=0700,uid=10001,gid=10001")
    memory = "\n".join(f"mount -t tmpfs -o {how} tmpfs {root}/{where}" for where, how in written)
    script = f"""
    set -euo pipefail
    mount --bind {root} {root}
    mount -o remount,bind,ro {root}
    mount -t proc proc {root}/proc
    mount --rbind /dev {root}/dev
    {memory}
    inside="chroot --userspec=10001:10001 {root} /usr/bin/env -i {" ".join(map(shlex.quote, described["Env"]))}"
    if echo > {root}/opt/sordino/written; then echo "it can be written" >&2; exit 9; fi
    $inside sordino demo --once --json
    """
    said = _run("unshare", "--mount", "--propagation", "private", "bash", "-c", script)
    assert json.loads(said)["plaintext_found"] == []
