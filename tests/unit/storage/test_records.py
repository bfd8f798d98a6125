from __future__ import annotations

from storage import Identifier
from tests.unit.storage.builders import Customer, consent, turn


def test_nothing_that_was_said_is_printed() -> None:
    one = Customer("secret")
    named = (Identifier("EMAIL", "secret"),)
    said = turn("secret", match="secret", original="secret", once="secret", identifiers=named)
    write = one.opening(turns=said, consents=consent(name="c"), pseudonyms=b"secret", connection={"address": "secret"})
    for value in (write, one.by_conversation(), one.by_token(), consent(evidence="secret")):
        assert "secret" not in repr(value)
        assert "Gespräch" not in repr(value)
