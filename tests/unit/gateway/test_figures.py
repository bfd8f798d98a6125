from __future__ import annotations

import pytest

from gateway.figures import figures, lead, whole
from redaction.findings import EntityType, Finding


@pytest.mark.parametrize(
    ("field", "said"),
    [("phone", "phone: "), ("customerNumber", "customer number: "), ("customer_no", "customer no: "), ("", ""),
     ("Kunden-Nr.", "kunden nr: "), ("___", ""), ("x" * 200, f"{'x' * 64}: ")],
)  # fmt: skip
def test_a_fields_name_is_said_in_words(field: str, said: str) -> None:
    assert lead(field) == said


@pytest.mark.parametrize(
    ("number", "plain"),
    [("4711009", "4711009"), ("-4711009", "4711009"), ("4.91715550199e11", "491715550199"), ("1-2e", "1-2e"),
     ("12345e999999999", "12345e999999999"), ("4711009.50", "4711009.50")],
)  # fmt: skip
def test_a_number_is_read_without_sign_and_exponent(number: str, plain: str) -> None:
    assert figures(number) == plain


def test_what_is_found_in_a_part_of_a_number_is_all_of_it() -> None:
    inner = Finding(9, 13, EntityType.PHONE, 0.9, "phone")
    before = Finding(0, 5, EntityType.PERSON, 0.9, "names")
    assert [(one.start, one.end, one.type) for one in whole("4711009", [before, inner], 7)] == [
        (0, 7, EntityType.PHONE)
    ]
    assert whole("4711009", [before], 7) == ()
