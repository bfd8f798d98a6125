"""`sordino survey`: what customers answered, once enough have that nobody can tell who."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby

import orjson
import uvloop

from gateway.clock import SystemClock
from gateway.settings import load_settings
from gateway.stores import started
from storage.surveys import SurveyResult


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    command = commands.add_parser("survey", help="print the released answers of surveys")
    command.add_argument("name", nargs="?", help="of this survey only")
    command.add_argument("--json", action="store_true", help="print each answer as a line of JSON")
    command.set_defaults(run=_survey)


def _survey(arguments: argparse.Namespace) -> int:
    results = uvloop.run(_results(arguments.name))
    if arguments.json:
        for each in results:
            sys.stdout.buffer.write(orjson.dumps(_document(each), option=orjson.OPT_APPEND_NEWLINE))
        return 0
    for (survey, first, last), group in groupby(results, key=_release):
        answers = [each.answers for each in group]
        print(f"{survey}, {_weeks(first, last)}: {len(answers)} answers")
        for question in sorted({question for each in answers for question in each}):
            print(f"  {question}: {_counted(answers, question)}")
    if not results:
        print("no answers are released yet: a week's are when it is over and enough are there")
    return 0


async def _results(name: str | None) -> Sequence[SurveyResult]:
    clock = SystemClock()
    async with started(load_settings(), clock) as store:
        await store.surveys.release(clock.now())
        return await store.surveys.results(clock.now(), name)


def _release(result: SurveyResult) -> tuple[str, int, int]:
    return result.survey, result.first_week, result.last_week


def _document(result: SurveyResult) -> dict[str, object]:
    first, last = _week(result.first_week), _week(result.last_week)
    return {"survey": result.survey, "first_week": first, "last_week": last, "answers": dict(result.answers)}


def _weeks(first: int, last: int) -> str:
    return _week(first) if first == last else f"{_week(first)} to {_week(last)}"


def _week(number: int) -> str:
    return f"{number // 100}-W{number % 100:02}"


def _counted(answers: Sequence[Mapping[str, int]], question: str) -> str:
    given = sorted(each[question] for each in answers if question in each)
    return ", ".join(f"{number} ({len(list(same))} times)" for number, same in groupby(given))
