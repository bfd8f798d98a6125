"""Makes the weights of the names model with one command.

    python -m training.train [--public DIR]              all lines; writes redaction/names/weights.npz and digest.py
    python -m training.train --measure [--public DIR]    later_*.jsonl held out; writes training/figures.json
    python -m training.train --reader --save FILE        only a teacher, which --teacher FILE takes instead of new ones

Reads training/conversations/*.jsonl and the committed gazetteer; DIR holds the unpacked public archives and may be left
out. `training.card` puts the figures into MODEL_CARD.md.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from training import export, gazetteer
from training.evaluate import Tally, spans_of
from training.messages import CONVERSATIONS, Message, read_folder, split
from training.network import Reader
from training.run import Plan, Run, say
from training.samples import sample_of

FIGURES_PATH = Path(__file__).with_name("figures.json")
_TEACHER = {"width": 96, "embedding": 64}
_CAUTIONS = (-0.5, 0.0, 0.5, 1.0)


def main() -> None:
    """Train once, and either ship the weights or measure them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="hold later_*.jsonl out and print figures, ship nothing")
    parser.add_argument("--public", type=Path, help="folder of the unpacked public archives")
    parser.add_argument("--conversations", type=Path, default=CONVERSATIONS)
    parser.add_argument("--start", type=Path, help="go on from torch weights that were kept, or from a weights.npz")
    parser.add_argument("--save", type=Path, help="keep the torch weights here")
    parser.add_argument("--reader", action="store_true", help="train only a teacher, and keep it with --save")
    parser.add_argument("--teacher", type=Path, action="append", default=[], help="a kept teacher, instead of new ones")
    for name in ("epochs", "width", "embedding", "teachers", "seed", "threads", "public_percent"):
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=getattr(Plan, name))
    for name in ("rate", "dropout", "word_dropout", "lexical_dropout"):
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=getattr(Plan, name))
    args = parser.parse_args()
    plan = replace(Plan(), **{k: v for k, v in vars(args).items() if hasattr(Plan, k)})
    train, held = split(read_folder(args.conversations))
    if args.reader and not args.save:
        parser.error("--reader keeps what it trains: say where with --save")
    messages = train if args.measure else train + held
    run = _reader(plan, messages) if args.reader else Run(plan, messages, _teachers(plan, messages, args.teacher))
    if args.start:
        run.go_on(*export.read(args.start))
    run.train()
    state, rows = run.average.state_dict(), list(run.vocabulary.rows)
    if args.save:
        torch.save({"state": state, "rows": rows}, args.save)
    if args.measure:
        _measure(run, held)
    elif not args.reader:
        say(export.write(export.pack(state, rows, gazetteer.read())))


def _teachers(plan: Plan, messages: list[Message], kept: list[Path]) -> list[Run]:
    """Return the teachers that were kept, else as many new ones as the plan asks for, trained."""
    teachers = []
    for path in kept:
        teacher = _reader(plan, messages)
        teacher.go_on(*export.read(path))
        teachers.append(teacher)
    for number in range(0 if kept else plan.teachers):
        teacher = _reader(replace(plan, seed=plan.seed + 4 + number), messages)
        say(f"teacher {number + 1} of {plan.teachers}")
        teacher.train()
        teachers.append(teacher)
    return teachers


def _reader(plan: Plan, messages: list[Message]) -> Run:
    return Run(replace(plan, **_TEACHER), messages, network=Reader)


def _measure(run: Run, held: list[Message]) -> None:
    outputs = run.predict([sample_of(m) for m in held])
    figures = {}
    for caution in _CAUTIONS:
        tally = Tally()
        for message, scores in zip(held, outputs, strict=True):
            tally.add(message, spans_of(message.text, scores, caution))
        figures[str(caution)] = {name: tally.figures(name) for name in sorted(tally.groups)}
        say(f"caution {caution:+.1f}")
        for name in sorted(tally.groups):
            say(f"  {name:20} {tally.line(name)}")
    FIGURES_PATH.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
