"""What pydantic found, in words for the person who writes the notice.

No message repeats a value of the file; names of fields and the allowed words are all it tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gateway.errors import Problem
from gateway.notice.source import Source, Where, named

_WORDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "string_type": "must be a text",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a block of named entries",
    "model_type": "must be a block of fields",
    "tuple_type": "must be a list, such as [first, second]",
    "list_type": "must be a list, such as [first, second]",
    "too_short": "must have at least one entry",
}


def told(error: ValidationError, source: Source, model: type[BaseModel]) -> tuple[Problem, ...]:
    """Turn each error into line, field and a sentence, in the order of the file."""
    found = set()
    for detail in error.errors(include_url=False, include_input=False):
        where = _place(detail["loc"], detail["type"], source)
        sentence = _sentence(detail["type"], detail.get("ctx", {}), where, source, model)
        found.add(Problem(source.line(where), named(where), sentence))
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.field, problem.message)))


def meant(word: str, known: Iterable[str]) -> str:
    """Return the hint that names the nearest known word, or the known words."""
    words = sorted(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known: {', '.join(words)}" if words else ""


def _place(location: Where, kind: str, source: Source) -> Where:
    """Cut what pydantic adds to a place: `[key]`, and the branches of a union."""
    where: Where = ()
    for step in location:
        if (*where, step) in source.lines or kind == "missing":
            where = (*where, step)
        elif step == "[key]":
            break
    return where


def _sentence(kind: str, context: Mapping[str, Any], where: Where, source: Source, model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        return f"is not a field of a notice here{meant(str(where[-1]), _fields_at(model, where[:-1]))}"
    if kind == "value_error":
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        return _choice(str(context["expected"]), source.value(where), where)
    return _WORDS.get(kind, "is not what is expected here")


def _choice(expected: str, value: object, where: Where) -> str:
    """Name the words that are possible; the nearest one only, where one is near to what stands in the file."""
    words = expected.replace("'", "").replace(" or ", ", ").split(", ")
    written = value if isinstance(value, str) else str(where[-1])
    near = get_close_matches(written, words, n=1, cutoff=0.6)
    return f"is no known word here; {f'did you mean {near[0]}?' if near else 'known: ' + ', '.join(words)}"


def _fields_at(model: Any, where: Where) -> list[str]:  # noqa: ANN401 - a type annotation, which can be anything
    """Return the names of the fields that a block of the file can have."""
    for step in where:
        model = _below(model, step)
    block = next((one for one in _branches(model) if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return [field.alias or name for name, field in block.model_fields.items()] if block else []


def _below(model: Any, step: str | int) -> Any:  # noqa: ANN401 - as above
    for branch in _branches(model):
        if isinstance(branch, type) and issubclass(branch, BaseModel):
            field = next((f for name, f in branch.model_fields.items() if (f.alias or name) == step), None)
            return field.annotation if field else None
        if get_origin(branch) is dict:
            return get_args(branch)[1]
        if get_origin(branch) is tuple:
            return get_args(branch)[0]
    return None


def _branches(model: Any) -> list[Any]:  # noqa: ANN401 - as above
    if get_origin(model) is Annotated:
        return _branches(get_args(model)[0])
    if get_origin(model) in {Union, UnionType}:
        return [branch for one in get_args(model) for branch in _branches(one)]
    return [model]
