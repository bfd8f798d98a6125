"""Random bytes for whatever reads what strangers send, with coverage as the guide (atheris, libFuzzer).

    make fuzz SECONDS=600                         # each target so long; what was found before is gone on from
    make fuzz SECONDS=600 TARGET=twiml
    .cache/fuzz/venv/bin/python -m fuzz.target twiml .cache/fuzz/twiml/crash-...   # one input again

Inputs that made new code run are kept in `.cache/fuzz/TARGET/corpus`, and how long each target has been run in all
in `.cache/fuzz/state.json`, from which `docs/fuzzing.md` is written. An input that makes a target fail is kept as
`.cache/fuzz/TARGET/crash-*`.
"""
