"""The OpenAPI document of calls is what the routes do, and docs/calls.md lists the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.handlers.call import HANDLERS
from gateway.handlers.call_api import OPERATIONS, openapi

PAGE = (Path(__file__).parents[4] / "docs" / "calls.md").read_text(encoding="utf-8")


def test_every_operation_has_a_handler_and_no_handler_is_without_one() -> None:
    assert set(HANDLERS) == {operation.name for operation in OPERATIONS}


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = openapi("hotline", "1")
    schemas = document["components"]["schemas"]
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert references == set(schemas)
    assert {path.removeprefix("/hotline") for path in document["paths"]} == {one.path for one in OPERATIONS}


def test_the_page_lists_every_operation_and_every_field() -> None:
    rows = {(method, path) for method, path in re.findall(r"^\| `(GET|POST) (/calls\S*)` ", PAGE, re.MULTILINE)}
    assert rows == {(one.method, one.path) for one in OPERATIONS} | {("GET", "/calls/openapi.json")}
    for operation in OPERATIONS:
        for model in (operation.body, operation.query):
            if model is None:
                continue
            line = next(row for row in PAGE.splitlines() if row.startswith(f"| `{operation.method} {operation.path}`"))
            assert all(f"`{name}`" in line for name in fields(model)), operation.name


def fields(model: type[BaseModel]) -> list[str]:
    return list(model.model_fields)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_body_has_words_for_its_fields(operation: object) -> None:
    body = getattr(operation, "body", None)
    if body is not None:
        assert all(field.description for field in body.model_fields.values())
