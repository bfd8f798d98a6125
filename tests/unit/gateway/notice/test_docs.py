"""docs/notice.md describes every field of the notice, with its default and its words, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from gateway.notice.answers import Answers, Words
from gateway.notice.call import CallRules, PauseRules, StopRules, SurveyQuestion, SurveyRules
from gateway.notice.channel import Channel, JsonPaths, Speakers, Tell
from gateway.notice.load import load_notice
from gateway.notice.model import (
    Consent,
    Controller,
    DeletionRule,
    Notice,
    Purpose,
    Recipient,
    Rights,
)
from redaction.findings import EntityType
from storage.records import PartKind

PAGE = (Path(__file__).parents[4] / "docs" / "notice.md").read_text(encoding="utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "The file": Notice,
    "Controller": Controller,
    "A purpose": Purpose,
    "A deletion class": DeletionRule,
    "A consent": Consent,
    "Answers": Answers,
    "Words": Words,
    "A channel": Channel,
    "Call": CallRules,
    "Stop": StopRules,
    "Pause": PauseRules,
    "Survey": SurveyRules,
    "A question": SurveyQuestion,
    "Tell": Tell,
    "Paths": JsonPaths,
    "Speaker": Speakers,
    "Rights": Rights,
    "A recipient": Recipient,
}


def section(title: str) -> str:
    match = re.search(rf"^#+ {title}$(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert match is not None, title
    return match[1]


def rows(title: str) -> dict[str, tuple[str, str, str]]:
    found = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", section(title), re.MULTILINE)
    return {name: (value, default, meaning) for name, value, default, meaning in found}


def choices(annotation: Any) -> Iterator[str]:  # noqa: ANN401 - a type
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        if annotation not in {EntityType, PartKind}:  # these two are listed once, above
            yield from (str(member.value) for member in annotation)
    else:
        for below in get_args(annotation):
            yield from choices(below)


def told(default: object) -> str:
    if default is None or default in ((), {}):
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return ", ".join(f"`{one}`" for one in (default if isinstance(default, tuple) else (default,)))


def test_every_block_of_the_model_has_a_section() -> None:
    def below(annotation: Any) -> set[type[BaseModel]]:  # noqa: ANN401 - a type
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return {annotation}.union(*(below(field.annotation) for field in annotation.model_fields.values()))
        return set[type[BaseModel]]().union(*(below(one) for one in get_args(annotation)))

    assert below(Notice) == set(SECTIONS.values())


@pytest.mark.parametrize(("title", "model"), SECTIONS.items(), ids=list(SECTIONS))
def test_every_field_is_described_as_the_code_has_it(title: str, model: type[BaseModel]) -> None:
    found = rows(title)
    assert list(found) == [field.alias or name for name, field in model.model_fields.items()]
    for name, field in model.model_fields.items():
        value, default, meaning = found[field.alias or name]
        assert default == ("needed" if field.is_required() else told(field.default)), name
        assert meaning == field.description
        assert all(f"`{choice}`" in value for choice in choices(field.annotation)), name


def test_types_and_parts_are_listed() -> None:
    for kind in (EntityType, PartKind):
        assert ", ".join(f"`{member.value}`" for member in kind) in PAGE


def test_the_smallest_notice_loads(tmp_path: Path) -> None:
    match = re.search(r"```yaml\n(.*?)```", section("The smallest one"), re.DOTALL)
    assert match is not None
    path = tmp_path / "notice.yaml"
    path.write_text(match[1], encoding="utf-8")
    assert load_notice(path).notice.notice == "shop-chat"


def test_the_links_within_the_page_lead_somewhere() -> None:
    titles = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([a-z-]+)\)", PAGE)) <= titles
