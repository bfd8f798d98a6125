"""The rendered chart, and where in it a test looks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.helm.conftest import CHART, Helm

Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]
POSTGRESQL = CHART / "ci" / "postgresql.yaml"
SQLITE = CHART / "ci" / "sqlite.yaml"
TLS = CHART / "ci" / "tls.yaml"
CLOUDNATIVEPG = CHART / "ci" / "cloudnativepg.yaml"
CALLS = CHART / "ci" / "calls.yaml"


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for manifest in manifests:
        if manifest["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield manifest["metadata"]["name"], manifest["spec"]["template"]["spec"]


def containers(manifests: list[Manifest]) -> Iterator[Manifest]:
    for _, pod in pods(manifests):
        yield from (*pod.get("initContainers", []), *pod["containers"])


def one(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    (found,) = (each for each in manifests if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found


def notes(helm: Helm, chart: Path, values: Path, *sets: str) -> str:
    """Return what is said after an install, without one: the notes as a ConfigMap of a copy of the chart."""
    shutil.copytree(CHART, chart)
    file = chart / "templates" / "NOTES.txt"
    defined = '{{- define "notes" -}}' + file.read_text(encoding="utf-8") + "{{- end -}}"
    (chart / "templates" / "_notes.tpl").write_text(defined, encoding="utf-8")
    file.unlink()
    (chart / "templates" / "told.yaml").write_text(
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: told}\ndata:\n  told: {{ include "notes" . | quote }}\n'
    )
    more = [argument for each in sets for argument in ("--set-json", each)]
    done = helm("template", "shop", str(chart), "-f", str(values), "-s", "templates/told.yaml", *more)
    assert done.returncode == 0, done.stderr
    return str(yaml.safe_load(done.stdout)["data"]["told"])
