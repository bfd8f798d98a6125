from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.notice import fields


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        (fields.Period, ["P30D", "P6M", "P3Y", "P1Y6M", "P2W", "PT12H", "P1DT12H", "P100Y"]),
        (fields.Pause, ["PT30M", "PT2H", "P1D", "PT90S", "P36500D", "PT0H30M"]),
        (fields.TimeZone, ["Europe/Berlin", "UTC"]),
        (fields.LegalBasis, ["A6-1-a", "A6-1-f", "A9-2-a", "A9-2-j"]),
        (fields.Address, ["http://bot:9000", "https://bot.example/base/path", "http://[::1]:9000", "http://10.0.0.1"]),
        (fields.BodyPath, ["message", "[*].text", "messages[*].content[*].text", "a.b-c.$d", "delta.*"]),
        (fields.FieldPath, ["sender", "metadata.id"]),
        (fields.UrlPaths, ["/", "/webhooks/rest/webhook", "/webhook/{id}/chat", "/v1/", ["/a", "/b"]]),
        (fields.Slug, ["a", "keep-30-days"]),
        (fields.Language, ["de", "no"]),
        (fields.Patterns, ["R-[0-9]{7}", ["a+", "b"]]),
        (fields.KeyPressed, ["0", "*", "#"]),
    ],
)
def test_what_is_right_is_taken(kind: Any, good: list[Any]) -> None:  # noqa: ANN401 - a type
    for value in good:
        TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (fields.Period, ["", "P", "PT", "30D", "P0D", "P-1D", "P1.5D", "30 days", "P101Y", "P99999D", "P1D2M"]),
        (fields.Pause, ["", "P1Y", "P1M", "PT0M", "30", "PT"]),
        (fields.Pause, ["PT٣M", "P36501D", "PT99999999999999999H", f"PT{'9' * 5000}H"]),
        (fields.TimeZone, ["", "Berlin", "Europe", "../etc/passwd", "CEST+2"]),
        (fields.Patterns, ["(", "(?=a)b", "[z-a]"]),
        (fields.LegalBasis, ["", "A6-1-g", "a6-1-f", "Art. 6", "A9-1-a"]),
        (
            fields.Address,
            ["bot:9000", "ftp://bot", "http://", "http://u@bot", "http://:p@bot", "http://bot?x=1", "http://bot#x",
             "file:///etc/passwd", "http://bot:99999", "http://bo t", "http://bot\\@evil", "//bot"],
        ),
        (fields.BodyPath, ["", ".a", "a.", "a..b", "a[0]", "a[*", "a b", "$.a[?]"]),
        (fields.FieldPath, ["[*].a", "a.*", ""]),
        (fields.UrlPaths, ["", "webhook", "/a?b", "/a/../b", "//", "/{A}", [""]]),
        (fields.Slug, ["", "A", "a_b", "-a", "a-", "a" * 65, "a/b"]),
        (fields.Language, ["", "DE", "deu", "de-DE"]),
        (fields.KeyPressed, ["", "10", "A"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(kind: Any, wrong: list[Any]) -> None:  # noqa: ANN401 - a type
    for value in wrong:
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    "kind",
    [fields.Period, fields.Pause, fields.TimeZone, fields.LegalBasis, fields.BodyPath, fields.FieldPath, fields.Slug],
)
def test_no_message_repeats_the_value(kind: Any) -> None:  # noqa: ANN401 - a type
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python("Hunter 2!")
    assert "Hunter" not in str(refused.value.errors(include_input=False))


def test_an_address_loses_its_last_slash() -> None:
    assert TypeAdapter(fields.Address).validate_python("http://bot:9000/") == "http://bot:9000"
