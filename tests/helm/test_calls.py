"""Channels of calls: the pod of their own, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helm.conftest import Helm
from tests.helm.manifests import CALLS, POSTGRESQL, SQLITE, TLS, Render, notes, one

NOTICE = "{channels: {chat: {connector: openai}, hotline: {kind: call}}}"
NOTHING_BELOW = "{channels: {chat: , hotline: {kind: call}}}"


def test_channels_of_calls_have_one_pod_to_which_the_routes_send_them(render: Render) -> None:
    manifests = render(CALLS, "--set", "ingress.enabled=true", "--set", "ingress.host=service.example")
    calls = one(manifests, "Deployment", "shop-sordino-calls")["spec"]
    assert calls["replicas"] == 1
    (container,) = calls["template"]["spec"]["containers"]
    assert container["args"][-2:] == ["--workers", "2"]
    assert container["resources"]["limits"] == {"memory": "2Gi"}
    selector = one(manifests, "Service", "shop-sordino-calls")["spec"]["selector"]
    assert selector.items() <= calls["template"]["metadata"]["labels"].items()
    others = one(manifests, "Service", "shop-sordino")["spec"]["selector"]
    assert not others.items() <= calls["template"]["metadata"]["labels"].items()
    first, last = one(manifests, "HTTPRoute", "shop-sordino")["spec"]["rules"]
    assert [match["path"]["value"] for match in first["matches"]] == ["/hotline", "/callbot"]
    assert [rule["backendRefs"][0]["name"] for rule in (first, last)] == ["shop-sordino-calls", "shop-sordino"]
    (rule,) = one(manifests, "Ingress", "shop-sordino")["spec"]["rules"]
    assert {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]} == {
        "/hotline": "shop-sordino-calls", "/callbot": "shop-sordino-calls", "/": "shop-sordino",
    }  # fmt: skip


def test_one_gateway_has_the_calls_as_well(render: Render) -> None:
    named = render(SQLITE, "--set", "calls.channels={hotline}", "--set", "ingress.enabled=true,ingress.host=x.example")
    assert named == render(SQLITE, "--set", "ingress.enabled=true,ingress.host=x.example")


def test_calls_have_neither_a_volume_nor_a_spool(render: Render) -> None:
    manifests = render(POSTGRESQL, "--set", "calls.channels={hotline}")
    gateway, calls = (
        one(manifests, *which)["spec"]
        for which in (("StatefulSet", "shop-sordino"), ("Deployment", "shop-sordino-calls"))
    )
    assert {"name": "home", "emptyDir": {}} in calls["template"]["spec"]["volumes"]
    given, taken = (
        {each["name"] for each in spec["template"]["spec"]["containers"][0]["env"]} for spec in (gateway, calls)
    )
    assert given ^ taken == {"SORDINO_SPOOL"}
    assert "SORDINO_SPOOL" in given
    assert calls["strategy"]["type"] == "RollingUpdate"


def test_the_pod_of_calls_is_sent_them_as_long_as_it_lives(render: Render) -> None:
    manifests = render(CALLS)
    asked = {}
    for name in ("shop-sordino", "shop-sordino-calls", "shop-sordino-jobs"):
        (container,) = one(manifests, "Deployment", name)["spec"]["template"]["spec"]["containers"]
        asked[name] = [container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe")]
    ready = ["/health/ready", "/health/ready"]
    assert asked == {
        "shop-sordino": ready, "shop-sordino-calls": ["/health/ready", "/health/live"], "shop-sordino-jobs": ready,
    }  # fmt: skip


def test_the_pod_of_calls_is_left_where_it_is_if_that_is_asked_for(render: Render) -> None:
    manifests = render(CALLS, "--set", "podAnnotations.team=service")
    calls = one(manifests, "Deployment", "shop-sordino-calls")["spec"]["template"]["metadata"]
    kept = one(manifests, "PodDisruptionBudget", "shop-sordino-calls")["spec"]
    assert kept["maxUnavailable"] == 0
    assert kept["selector"]["matchLabels"].items() <= calls["labels"].items()
    others = one(manifests, "Deployment", "shop-sordino")["spec"]["template"]["metadata"]
    assert not kept["selector"]["matchLabels"].items() <= others["labels"].items()
    notice = {"sordino/notice-digest": others["annotations"]["sordino/notice-digest"]}
    assert others["annotations"] == {**notice, "team": "service"}
    own = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    assert calls["annotations"] == {**others["annotations"], **own}


@pytest.mark.parametrize("values", [POSTGRESQL, SQLITE], ids=lambda path: path.stem)
def test_nothing_is_left_where_it_is_without_calls_or_if_it_is_not_asked_for(render: Render, values: Path) -> None:
    for more in ("calls.podDisruptionBudget=true", "calls.channels={hotline}"):
        named = {each["metadata"]["name"] for each in render(values, "--set", more)
                 if each["kind"] == "PodDisruptionBudget"}  # fmt: skip
        assert "shop-sordino-calls" not in named


@pytest.mark.parametrize(
    ("notice", "channels", "told"),
    [
        (NOTICE, "{callbot}", "calls.channels: the notice's channel hotline is one of calls"),
        (NOTICE, "{hotline,callbot}", "calls.channels: the notice has no channel of calls that is called callbot"),
        (NOTICE, "{hotline,chat}", "calls.channels: the notice has no channel of calls that is called chat"),
        (NOTHING_BELOW, "{hotline,chat}", "calls.channels: the notice has no channel of calls that is called chat"),
        (NOTICE, "{hotline}", None),
        (NOTHING_BELOW, "{hotline}", None),
    ],
)
def test_channels_of_calls_are_those_of_the_notice(helm: Helm, notice: str, channels: str, told: str | None) -> None:
    text = ("--set", "notice.existingConfigMap=", "--set-json", f'notice.text="{notice}"')
    done = helm("template", "shop", "helm", "-f", str(CALLS), *text, "--set", f"calls.channels={channels}")
    if told is None:
        assert done.returncode == 0, done.stderr
    else:
        assert told in done.stderr
    assert helm("template", "shop", "helm", "-f", str(SQLITE), *text).returncode == 0


EVERY_CHANNEL = "Every channel of calls that the notice has is to be named"
KNOWN = f'notice={{"text": "{NOTICE}", "existingConfigMap": ""}}'
THE_PLATFORM = "If recordings of the call platform are fetched, its API has to be reached"


@pytest.mark.parametrize(
    ("values", "sets", "said"),
    [
        (CALLS, (), {EVERY_CHANNEL, THE_PLATFORM}),
        (CALLS, ("networkPolicy.enabled=false",), {EVERY_CHANNEL}),
        (CALLS, (KNOWN, 'calls.channels=["hotline"]'), {THE_PLATFORM}),
        (POSTGRESQL, (), {EVERY_CHANNEL}),
        (SQLITE, (), set()),
    ],
)  # fmt: skip
def test_what_calls_need_is_said_after_the_install(
    helm: Helm, tmp_path: Path, values: Path, sets: tuple[str, ...], said: set[str]
) -> None:
    told = notes(helm, tmp_path / "chart", values, *sets)
    assert {each for each in (EVERY_CHANNEL, THE_PLATFORM) if each in told} == said


def test_the_address_of_calls_is_said_with_its_scheme(helm: Helm, tmp_path: Path) -> None:
    told = notes(helm, tmp_path / "open", CALLS)
    assert "Calls:     http://shop-sordino-calls.default:80/<channel>/... for hotline, callbot" in told
    told = notes(helm, tmp_path / "secured", TLS, 'calls.channels=["hotline"]')
    assert "Calls:     https://shop-sordino-calls.default:443/<channel>/... for hotline" in told


@pytest.mark.parametrize("values", [CALLS, POSTGRESQL, SQLITE, TLS], ids=lambda path: path.stem)
def test_the_desk_is_with_the_gateways_and_every_pod_is_watched(render: Render, values: Path) -> None:
    manifests = render(values, "--set", "monitoring.serviceMonitor.enabled=true")
    labels = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"]
        for each in manifests
        if each["kind"] in {"Deployment", "StatefulSet"}
    }

    def led_to(name: str) -> set[str]:
        wanted = one(manifests, "Service", name)["spec"]["selector"].items()
        return {pod for pod, its in labels.items() if wanted <= its.items()}

    assert led_to("shop-sordino-internal") == {"shop-sordino"}
    assert led_to("shop-sordino-metrics") == labels.keys()
    watched = one(manifests, "ServiceMonitor", "shop-sordino")["spec"]["selector"]["matchLabels"].items()
    services = [each["metadata"] for each in manifests if each["kind"] == "Service"]
    assert [each["name"] for each in services if watched <= each["labels"].items()] == ["shop-sordino-metrics"]
