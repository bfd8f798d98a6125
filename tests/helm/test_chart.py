"""The chart, rendered by helm itself and held against the API's schemas."""

from __future__ import annotations

import json
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from gateway.environment import PREFIX
from gateway.settings import Settings, load_settings
from tests.helm.conftest import CHART, KUBERNETES, VALUE_SETS, Helm
from tests.helm.manifests import CLOUDNATIVEPG, POSTGRESQL, SQLITE, TLS, Render, containers, notes, one, pods

KNOWN_BY_OPERATORS = {
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("postgresql.cnpg.io/v1", "Cluster"),
}
"""Kinds whose schemas are not Kubernetes' own; any other unknown kind fails."""
OF_POSTGRESQL = {"PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"}
"""Variables of PostgreSQL's own clients, which the driver reads as well."""
READY_SECONDS = 10
"""`/health/ready` has answered by then, also where what it asks does not."""


@pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)
def test_lint_is_strict(helm: Helm, values: Path) -> None:
    done = helm("lint", "--strict", "helm", "-f", str(values))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)
def test_manifests_fit_the_api(render: Render, values: Path, version: str) -> None:
    manifests = render(values, kubernetes=version)
    assert len(manifests) > 5
    for manifest in manifests:
        if (manifest["apiVersion"], manifest["kind"]) not in KNOWN_BY_OPERATORS:
            kubernetes_validate.validate(manifest, version.rpartition(".")[0], strict=True)


@pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)
def test_pods_keep_the_restricted_standard(render: Render, values: Path) -> None:
    manifests = render(values)
    for _, pod in pods(manifests):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert not [volume for volume in pod["volumes"] if "hostPath" in volume]
    for container in containers(manifests):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)
def test_every_variable_is_a_setting(render: Render, values: Path) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OF_POSTGRESQL
    for container in containers(render(values)):
        named = {each["name"] for each in container.get("env", [])}
        assert named <= known


@pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)
def test_no_secret_is_made_and_none_is_in_a_value(render: Render, values: Path) -> None:
    manifests = render(values)
    assert not [each for each in manifests if each["kind"] == "Secret"]
    for container in containers(manifests):
        for each in container.get("env", []):
            open_addresses = {"SORDINO_BLOBS_URL", "SORDINO_TRACES_URL"}
            if "TOKEN" in each["name"] or (each["name"].endswith("_URL") and each["name"] not in open_addresses):
                assert "secretKeyRef" in each["valueFrom"], each["name"]


def test_traffic_is_denied_unless_named(render: Render) -> None:
    manifests = render(POSTGRESQL)
    deny = one(manifests, "NetworkPolicy", "shop-sordino-deny")
    assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in deny["spec"]
    assert "egress" not in deny["spec"]
    allowed = one(manifests, "NetworkPolicy", "shop-sordino")["spec"]
    assert [sorted(port["port"] for port in rule["ports"]) for rule in allowed["egress"]] == [
        [53, 53], [9000], [5432], [8200], [443],
    ]  # fmt: skip
    assert [rule["ports"][0]["port"] for rule in allowed["ingress"]] == [8080, 8081]


@pytest.mark.parametrize("named", ["publicFrom", "internalFrom", "prometheusFrom", "bots", "others"])
def test_a_list_that_is_left_empty_lets_nobody_through(render: Render, named: str) -> None:
    left, empty = (render(POSTGRESQL, flag, f"networkPolicy.{named}={value}") for flag, value in [
        ("--set", "null"), ("--set-json", "[]"),
    ])  # fmt: skip
    policy = "NetworkPolicy", "shop-sordino"
    assert one(left, *policy) == one(empty, *policy)


def test_a_collector_of_traces_can_be_reached_where_it_is_named(render: Render) -> None:
    allowed = one(render(TLS), "NetworkPolicy", "shop-sordino")["spec"]
    assert [port["port"] for rule in allowed["egress"] for port in rule["ports"]] == [53, 53, 4318]


def test_the_listeners_are_apart(render: Render) -> None:
    manifests = render(POSTGRESQL)
    assert one(manifests, "Service", "shop-sordino")["spec"]["ports"][0]["targetPort"] == "public"
    assert one(manifests, "Service", "shop-sordino-internal")["spec"]["ports"][0]["targetPort"] == "internal"
    backends = str([each["spec"] for each in manifests if each["kind"] == "Ingress"])
    assert "internal" not in backends


def test_a_changed_notice_rolls_the_pods(render: Render) -> None:
    digests = set()
    for text in ("notice: one", "notice: two"):
        manifests = render(SQLITE, "--set", "notice.existingConfigMap=", "--set", f"notice.text={text}")
        (gateway,) = (each for each in manifests if each["kind"] == "Deployment")
        digests.add(gateway["spec"]["template"]["metadata"]["annotations"]["sordino/notice-digest"])
        notice = one(manifests, "ConfigMap", "shop-sordino-notice")
        assert notice["data"]["notice.yaml"].strip() == text
    assert len(digests) == 2


def test_a_pod_outlives_its_drain(render: Render) -> None:
    (gateway,) = (pod for name, pod in pods(render(SQLITE, "--set", "drainSeconds=100")) if name == "shop-sordino")
    (drain,) = (each["value"] for each in gateway["containers"][0]["env"] if each["name"] == "SORDINO_DRAIN_SECONDS")
    # The sleep before the signal counts, and so does a collector of traces that does not answer (10 s).
    before = gateway["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert gateway["terminationGracePeriodSeconds"] > before + 2 * float(drain) + 10
    (jobs,) = (pod for name, pod in pods(render(POSTGRESQL, "--set", "drainSeconds=100")) if name.endswith("-jobs"))
    assert jobs["terminationGracePeriodSeconds"] > float(drain) + 10


def test_a_drain_lasts_no_longer_than_the_program_allows() -> None:
    known = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))["properties"]["drainSeconds"]
    bounds = Settings.model_fields["drain_seconds"].metadata
    (least,) = (each.ge for each in bounds if hasattr(each, "ge"))
    (most,) = (each.le for each in bounds if hasattr(each, "le"))
    assert known["maximum"] == most
    assert known["minimum"] >= least


@pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)
def test_a_probe_waits_until_the_program_says_what_is_away(render: Render, values: Path) -> None:
    probed = [each for each in containers(render(values)) if "readinessProbe" in each]
    assert probed
    for container in probed:
        for probe in ("startupProbe", "readinessProbe"):
            assert container[probe]["timeoutSeconds"] >= READY_SECONDS, (container["name"], probe)


def test_every_pod_is_placed_as_the_values_say(render: Render) -> None:
    placed = {
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "service", "operator": "Exists"}],
        "affinity": {"podAffinity": {}},
        "priorityClassName": "customers",
    }
    values = {**placed, "podLabels": {"cost": "service"}, "podAnnotations": {"team": "chat"}}
    sets = [argument for name, value in values.items() for argument in ("--set-json", f"{name}={json.dumps(value)}")]
    manifests = render(POSTGRESQL, "--set", "calls.channels={hotline}", *sets)
    assert {name: {each: pod.get(each) for each in placed} for name, pod in pods(manifests)} == dict.fromkeys(
        ("shop-sordino", "shop-sordino-calls", "shop-sordino-jobs", "shop-sordino-migrate"), placed
    )
    for manifest in manifests:
        if manifest["kind"] in {"Deployment", "StatefulSet", "Job"}:
            told = manifest["spec"]["template"]["metadata"]
            assert (told["labels"]["cost"], told["annotations"]["team"]) == ("service", "chat")


def test_certificates_are_mounted_where_the_settings_look_for_them(render: Render) -> None:
    manifests = render(TLS)
    for name, pod in pods(manifests):
        secrets = {each["name"]: each["secret"]["secretName"] for each in pod["volumes"] if "secret" in each}
        (container,) = pod["containers"]
        mounted = {each["mountPath"]: secrets.get(each["name"]) for each in container["volumeMounts"]}
        files = {each["name"]: each["value"] for each in container["env"] if "_TLS_" in each["name"]}
        assert {setting: mounted[path.rpartition("/")[0]] for setting, path in files.items()} == {
            "SORDINO_PUBLIC_TLS_CERT": "sordino-public-tls", "SORDINO_PUBLIC_TLS_KEY": "sordino-public-tls",
            "SORDINO_INTERNAL_TLS_CERT": "sordino-internal-tls", "SORDINO_INTERNAL_TLS_KEY": "sordino-internal-tls",
            "SORDINO_UPSTREAM_TLS_CERT": "sordino-bots-tls", "SORDINO_UPSTREAM_TLS_KEY": "sordino-bots-tls",
            "SORDINO_UPSTREAM_TLS_CA": "bots-ca",
        }, name  # fmt: skip
        shown = {each["name"]: each["value"] for each in container["env"] if each["name"] in OF_POSTGRESQL}
        assert shown.keys() == OF_POSTGRESQL
        assert {mounted[path.rpartition("/")[0]] for path in shown.values()} == {"sordino-postgresql-tls"}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if "migrate" not in name:
                assert container[probe]["httpGet"]["scheme"] == "HTTPS", (name, probe)
    (monitor,) = (each for each in manifests if each["kind"] == "ServiceMonitor")
    assert monitor["spec"]["endpoints"][0]["scheme"] == "https"


def test_without_certificates_nothing_speaks_of_them(render: Render) -> None:
    told = str(render(POSTGRESQL, "--set", "ingress.enabled=false"))
    assert "_TLS_" not in told
    assert "HTTPS" not in told
    assert "https" not in told.replace("openbao+https", "").replace("https://", "")


def test_every_setting_can_be_given_but_secrets_and_what_the_chart_sets_itself(helm: Helm, render: Render) -> None:
    known = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))["properties"]["settings"]
    assert set(known["propertyNames"]["enum"]) == set(Settings.model_fields)
    secrets = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert len(secrets) >= 10
    itself = set[str]()
    for values in VALUE_SETS:
        given = yaml.safe_load(values.read_text(encoding="utf-8")).get("settings", {})
        for container in containers(render(values)):
            named = {each["name"].removeprefix(PREFIX).lower() for each in container.get("env", [])}
            itself |= named & Settings.model_fields.keys() - secrets - given.keys()
    for name in secrets | itself:
        done = helm("template", "shop", "helm", "-f", str(SQLITE), "--set", f"settings.{name}=x")
        assert done.returncode != 0, name
        assert ("a secret is given by reference" in done.stderr) == (name in secrets), name
    free = ",".join(f"settings.{name}=x" for name in Settings.model_fields.keys() - secrets - itself)
    done = helm("template", "shop", "helm", "-f", str(SQLITE), "--set", free)
    assert done.returncode == 0, done.stderr


def test_large_numbers_of_a_file_are_written_as_the_program_reads_them(render: Render, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("settings: {max_body_bytes: 2000000, body_seconds: 12.5, traces_to_bots: true}\n", encoding="ascii")
    (pod,) = (pod for name, pod in pods(render(SQLITE, "-f", str(file))) if name == "shop-sordino")
    told = {each["name"]: each.get("value") for each in pod["containers"][0]["env"]}
    assert told["SORDINO_MAX_BODY_BYTES"] == "2000000"
    assert told["SORDINO_BODY_SECONDS"] == "12.5"
    assert told["SORDINO_TRACES_TO_BOTS"] == "true"


def test_no_more_pods_are_the_least_than_the_most(helm: Helm) -> None:
    more = ("--set", "autoscaling.minReplicas=5", "--set", "autoscaling.maxReplicas=2")
    done = helm("template", "shop", "helm", "-f", str(POSTGRESQL), *more)
    assert "minReplicas is more than maxReplicas" in done.stderr


def test_recordings_of_several_pods_are_in_a_bucket(helm: Helm) -> None:
    done = helm("template", "shop", "helm", "-f", str(POSTGRESQL), "--set", "blobs.url=file:///blobs")
    assert "no pod may keep anything of its own" in done.stderr


def test_the_settings_of_the_chart_are_read_by_the_program(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    (pod,) = (pod for name, pod in pods(render(TLS)) if name == "shop-sordino")
    for each in pod["containers"][0]["env"]:
        if "value" in each:
            monkeypatch.setenv(each["name"], each["value"])
    settings = load_settings()
    assert [str(each) for each in settings.trusted_proxies] == ["10.42.0.0/16", "fd00:42::/64"]
    assert str(settings.public_tls_key) == "/run/tls/public/tls.key"
    assert pod["containers"][0]["args"] == ["serve", "--notice", "/etc/sordino/notice.yaml", "--workers", "4"]


@pytest.mark.parametrize("values", [POSTGRESQL, CLOUDNATIVEPG, TLS], ids=lambda path: path.stem)
def test_pods_on_one_database_share_the_ledger_and_the_bucket(render: Render, values: Path) -> None:
    told = []
    for name, pod in pods(render(values)):
        (container,) = pod["containers"]
        env = {each["name"]: each.get("value") for each in container["env"]}
        told.append([env[f"SORDINO_{setting}"] for setting in ("LEDGER_SINK", "LEDGER_KEY", "BLOBS_URL")])
        (placed,) = pod["initContainers"]
        volumes = {each["name"]: each for each in pod["volumes"]}
        files = [volumes[each["name"]]["secret"] for each in placed["volumeMounts"] if each["name"] != "run"]
        assert "ledger_key" in [item["path"] for file in files for item in file["items"]], name
    assert len(told) >= 2
    assert told == [["s3://sordino-ledger/shop", "file:///run/sordino/ledger_key", "s3://recordings/sordino"]] * len(
        told
    )


def test_the_spool_has_a_volume_for_each_gateway(render: Render) -> None:
    manifests = render(POSTGRESQL)
    gateway = one(manifests, "StatefulSet", "shop-sordino")["spec"]
    (claim,) = gateway["volumeClaimTemplates"]
    assert (claim["metadata"]["name"], claim["spec"]["accessModes"]) == ("home", ["ReadWriteOnce"])
    (container,) = gateway["template"]["spec"]["containers"]
    (mounted,) = (each["mountPath"] for each in container["volumeMounts"] if each["name"] == "home")
    (spool,) = (each["value"] for each in container["env"] if each["name"] == "SORDINO_SPOOL")
    assert spool.startswith(f"file://{mounted}/")
    assert not [each for each in manifests if each["kind"] == "PersistentVolumeClaim"]
    scaled = one(manifests, "HorizontalPodAutoscaler", "shop-sordino")["spec"]
    assert scaled["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "shop-sordino"}
    assert scaled["behavior"]["scaleDown"] == {"selectPolicy": "Disabled"}
    services = [each["metadata"]["name"] for each in manifests if each["kind"] == "Service"]
    assert gateway["serviceName"] in services


def test_gateways_that_keep_nothing_are_scaled_down_as_well(render: Render) -> None:
    scaled = one(render(CLOUDNATIVEPG, "--set", "autoscaling.enabled=true"), "HorizontalPodAutoscaler", "shop-sordino")
    assert "selectPolicy" not in scaled["spec"]["behavior"]["scaleDown"]


def test_files_of_secrets_do_not_overwrite_each_other(render: Render) -> None:
    same = ("--set", "ledger.keySecret.key=root.key", "--set", "secretFiles[0].setting=ROOT_KEY_TOKEN_FILE",
            "--set", "secretFiles[0].secret=bao", "--set", "secretFiles[0].key=root.key")  # fmt: skip
    for _, pod in pods(render(TLS, *same)):
        files = {each["name"]: each.get("value", "") for each in pod["containers"][0]["env"]}
        assert files["SORDINO_ROOT_KEY"] == "file:///run/sordino/root_key"
        assert files["SORDINO_LEDGER_KEY"] == "file:///run/sordino/ledger_key"
        assert files["SORDINO_ROOT_KEY_TOKEN_FILE"] == "/run/sordino/root_key_token_file"


UNREACHED = {
    "bots": "No bot can be reached yet",
    "postgresql": "PostgreSQL can't be reached",
    "keyProvider": "OpenBao can't be reached",
    "blobs": "The bucket of the ledger and the recordings can't be reached",
}


@pytest.mark.parametrize(
    ("values", "sets", "unreached"),
    [
        (POSTGRESQL, (), set()),
        *((POSTGRESQL, (f"networkPolicy.{each}=[]",), {each}) for each in UNREACHED),
        (POSTGRESQL, ("networkPolicy.enabled=false", "networkPolicy.bots=[]", "networkPolicy.blobs=[]"), set()),
        (TLS, (), {"bots", "postgresql", "blobs"}),
        (CLOUDNATIVEPG, (), {"bots", "blobs"}),
        (SQLITE, (), {"bots"}),
    ],
)
def test_what_the_pods_can_not_reach_is_said_after_the_install(
    helm: Helm, tmp_path: Path, values: Path, sets: tuple[str, ...], unreached: set[str]
) -> None:
    said = notes(helm, tmp_path / "chart", values, *sets)
    assert {each for each, sentence in UNREACHED.items() if sentence in said} == unreached


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("replicas=2",), "more than one gateway needs PostgreSQL"),
        (("persistence.enabled=false",), "SQLite needs persistence.enabled"),
        (("rootKey.fileSecret.name=",), "without a root key nothing can be stored"),
        (("notice.existingConfigMap=",), "--set-file notice.text=notice.yaml"),
        (("ingress.enabled=true",), "ingress.host is needed"),
        (("gatewayAPI.enabled=true",), "gatewayAPI.parentRefs is needed"),
        (("replicas=0",), "replicas"),
        (("unknown=1",), "unknown"),
        (("settings.UPPER=1",), "UPPER"),
        (("settings.trusted_proxies=10.0.0.0/8",), "use trustedProxies, tls, ledger and blobs"),
        (("settings.public_tls_key=/key",), "use trustedProxies, tls, ledger and blobs"),
        (("trustedProxies={everybody}",), "trustedProxies"),
        (("trustedProxies={10.0.0.0/33}",), "trustedProxies"),
        (("trustedProxies={fd00::/129}",), "trustedProxies"),
        (("workers=0",), "workers"),
        (("workers=65",), "workers"),
        (("database.existingSecret=x",), "no pod may keep anything of its own"),
        (("settings.ledger_sink=s3://other",), "use trustedProxies, tls, ledger and blobs"),
        (("settings.answer_second=60",), "answer_second"),
        (("settings.drain_seconds=500",), "and drainSeconds"),
        (
            ("settings.database_url=postgresql://user:word@host/database",),
            "use trustedProxies, tls, ledger and blobs, database",
        ),
        (("settings.background_jobs=false",), "the chart decides it"),
        (("blobs.url=https://bucket.example",), "url"),
        (("csi.driver=secrets-store.csi.k8s.io",), "csi.providerClass is needed"),
        (("ledger.sink=file:///sink",), "sink"),
        (("persistence.enabled=false", "settings.spool=file:///spool"), "persistence.enabled"),
        (("tls.public=Not_A_Secret",), "public"),
        (("tls.private=x",), "private"),
        (("drainSeconds=601",), "drainSeconds"),
        (("networkPolicy=null",), "missing property 'networkPolicy'"),
        (("settings=null",), "missing property 'settings'"),
        (("networkPolicy.enabled=null",), "missing property 'enabled'"),
        (("networkPolicy.egress=null",), "additional properties 'egress' not allowed"),
    ],
)
def test_what_can_not_work_is_said_when_it_is_rendered(helm: Helm, more: tuple[str, ...], told: str) -> None:
    sets = [argument for each in more for argument in ("--set", each)]
    done = helm("template", "shop", "helm", "-f", str(SQLITE), *sets)
    assert done.returncode != 0
    assert told in done.stderr
