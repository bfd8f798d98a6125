"""docs/connectors.md lists every connector with its paths, and its settings for known bots read what they send."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from gateway.connector import Example
from gateway.connectors import connector_for
from gateway.connectors.json import EXAMPLES, connector
from gateway.engine import EventStream, parse_request, parse_response
from gateway.notice.channel import Channel, JsonPaths
from gateway.notice.load import connector_names

PAGE = (Path(__file__).parents[3] / "docs" / "connectors.md").read_text(encoding="utf-8")
BOTS = re.findall(r"^### (\S+)\n+```yaml\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_connector_has_its_row_with_all_of_its_paths() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert set(rows) == set(connector_names())
    for name in connector_names():
        fixed = getattr(import_module(f"gateway.connectors.{name}"), "CONNECTOR", None)
        paths = re.findall(r"`((?:GET|POST) [^`]+)`", rows[name])
        assert paths == [f"{end.method} {end.path}" for end in (fixed.endpoints if fixed else ())]


def test_every_bot_that_is_recorded_has_its_settings_on_the_page() -> None:
    assert {name for name, _ in BOTS} == {example.about.partition(":")[0] for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.about.replace(" ", "-"))
def test_the_settings_on_the_page_read_what_the_bot_sends(example: Example) -> None:
    settings = yaml.safe_load(dict(BOTS)[example.about.partition(":")[0]])
    assert settings["connector"] == "json"
    made = replace(example, connector=connector(JsonPaths.model_validate(settings["paths"])))
    if made.direction == "stream":
        events = EventStream(made.connector, lambda _key: None)
        events.feed(made.raw)
        events.finish()
        assert tuple(events.texts().values()) == tuple(text for _, text in made.texts)
        return
    if made.direction == "request":
        parsed = parse_request(made.connector, made.content_type, made.raw, path=made.path, query={})
    else:
        parsed = parse_response(made.connector, made.content_type, made.raw)
    assert tuple((slot.speaker, slot.text) for slot in parsed.slots) == made.texts


def test_a_channel_gets_the_connector_that_it_names() -> None:
    fields = {"kind": "chat", "upstream": "http://bot"}
    assert connector_for(Channel.model_validate(fields | {"connector": "openai"})).name == "openai"
    paths = {"text": "question", "response": "answer"}
    made = connector_for(Channel.model_validate(fields | {"connector": "json", "paths": paths}))
    assert made.request.texts[0].at == "question"
