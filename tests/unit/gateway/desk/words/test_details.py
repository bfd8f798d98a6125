"""Every detail that the desk can tell has German words: they are looked for in the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.desk.words import told
from gateway.desk.words.details import detail, problems

ERRORS = {"RetentionRefusedError", "RequestRefusedError", "AccessRefusedError"}
REFUSING = [
    *Path("storage").rglob("*.py"), *Path("gateway/rights").glob("*.py"), *Path("gateway/desk").glob("*.py"),
]  # fmt: skip
NOTICES = [path for path in Path("gateway/notice").glob("*.py") if path.name not in {"load.py", "model.py"}]


def sentence(node: ast.AST | None) -> str | None:
    """Return a text of the source, with {} for what is put in; the endings of hints belong to it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def refusals() -> Iterator[str]:
    for path in REFUSING:
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                    yield from (said for each in _meant(node.args[0], function) if (said := sentence(each)) is not None)


def _meant(argument: ast.AST, function: ast.AST) -> list[ast.AST]:
    """Return an argument, or all that is assigned in the function to the variable that it is."""
    if not isinstance(argument, ast.Name):
        return [argument]
    assigned = [each for each in ast.walk(function) if isinstance(each, ast.Assign)]
    return [
        each.value for each in assigned if isinstance(each.targets[0], ast.Name) and each.targets[0].id == argument.id
    ]


def notice_problems() -> Iterator[str]:
    for path in NOTICES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found: list[ast.AST] = []
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "msg":
                found = [node.value]
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                found = [node.value.elts[-1]]
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"Problem", "_broken"}
            ):
                found = [node.args[-1]]
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.JoinedStr):
                found = [node.value]
            elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict) and path.name == "problems.py":
                found = list(node.value.values)
            yield from (said for each in found if (said := sentence(each)) is not None and " " in said)


REFUSALS, PROBLEMS = sorted(set(refusals())), sorted(set(notice_problems()))


def test_the_source_was_found() -> None:
    assert len(REFUSALS) > 25
    assert len(PROBLEMS) > 60


@pytest.mark.parametrize("said", [*REFUSALS, *PROBLEMS])
def test_every_detail_has_german_words(said: str) -> None:
    german = detail("de", said.replace("{}", "xy"))
    assert german is not None
    assert german != said
    assert "{}" not in german
    assert said.count("{}") == german.count("xy")


def test_what_stands_in_a_sentence_is_told_in_german_as_well() -> None:
    assert detail("de", "a request that is identity-pending can't take this step") == (
        "bei einem Antrag im Stand „wartet auf den Nachweis der Identität“ geht dieser Schritt nicht"
    )
    hint = "names a consent that is not defined; did you mean keep-chat?"
    assert detail("de", hint) == "nennt eine Einwilligung, die nicht definiert ist; gemeint ist wohl keep-chat?"


def test_all_problems_of_a_notice_are_told() -> None:
    said = "3: controller.name: is missing; 12: purposes.x: goes with `kind: statutory` only; 1: a: as it was"
    assert problems("de", said) == (
        "3: controller.name: fehlt; 12: purposes.x: passt nur zu `kind: statutory`; 1: a: as it was"
    )


def test_an_english_reader_is_told_as_it_was_said() -> None:
    said = "this session has no such hold"
    assert said in told("en", "retention_refused", said)
    assert "diese Sitzung hat keine solche Sperre" in told("de", "retention_refused", said)
