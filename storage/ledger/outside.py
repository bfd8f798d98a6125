"""What of the ledger does not lie in the databases: the sink, and the key that signs."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.ledger.sinks.sink import Sink


@dataclass(frozen=True, slots=True)
class Outside:
    """The sink of the ledger and the key that signs its checkpoints."""

    sink: Sink
    key: Ed25519PrivateKey = field(repr=False)
