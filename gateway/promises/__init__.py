"""The notice's promises, each a check over the live store: `checks` are pure, `rescan` reads, `prover` joins them."""

from gateway.promises.checks import Findings, Outcome, Promise, outcomes
from gateway.promises.job import Proving
from gateway.promises.prover import Proof, Prover
from gateway.promises.report import facts, report, signed_bytes

__all__ = [
    "Findings",
    "Outcome",
    "Promise",
    "Proof",
    "Prover",
    "Proving",
    "facts",
    "outcomes",
    "report",
    "signed_bytes",
]
