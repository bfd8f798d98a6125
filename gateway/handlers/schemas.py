"""What bodies share, and what OpenAPI documents do: schemas of bodies and answers, and of what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

PROBLEM: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "reason"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "reason": {"type": "string"},
    },
}


class Sent(BaseModel):
    """A body that is sent: with no field that is not known, and no error tells what was in it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


def refused(statuses: Iterable[int]) -> dict[str, Any]:
    """Return the answers of an operation that are problems, by status."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"description": "refused", "content": problem} for status in statuses}


def schemas_of(*models: type[BaseModel]) -> dict[str, Any]:
    """Return the schemas of models and of what they refer to, by name."""
    found: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found
