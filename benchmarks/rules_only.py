"""`sordino serve` without the names model, to show what the model costs: python -m benchmarks.rules_only serve ..."""

from __future__ import annotations

import sys

from gateway import app
from gateway.cli import main


class _NoModel:
    @staticmethod
    def load() -> None:
        """Return no model: `Redactor(names=None)` is the rules alone."""


if __name__ == "__main__":
    setattr(app, "NamesModel", _NoModel)  # noqa: B010 - mypy is right that it is no NamesModel
    sys.exit(main())
