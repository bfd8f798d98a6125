"""The OpenAPI document of tickets is what the routes do."""

from __future__ import annotations

import re

from gateway.handlers.ticket import HANDLERS
from gateway.handlers.ticket_api import OPERATIONS, openapi


def test_every_operation_has_a_handler_and_no_handler_is_without_one() -> None:
    assert set(HANDLERS) == {operation.name for operation in OPERATIONS}


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = openapi("support", "1")
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert references == set(document["components"]["schemas"])
    assert {path.removeprefix("/support") for path in document["paths"]} == {one.path for one in OPERATIONS}


def test_every_place_of_a_path_is_a_parameter() -> None:
    for path, methods in openapi("support", "1")["paths"].items():
        for operation in methods.values():
            named = {each["name"] for each in operation.get("parameters", [])}
            assert named == set(re.findall(r"{(\w+)}", path))
