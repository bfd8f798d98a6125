"""The kinds of value that a field of a notice can hold, each with the words that a wrong one gets.

No message repeats the value: a notice may hold an address with a password in it by mistake.
"""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag

from redaction.errors import RecogniserError
from redaction.findings import EntityType
from redaction.patterns import of_controller
from storage.retention import parse_period

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_LENGTH: Final = 64
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_MOST_MONTHS: Final = 1200
_MOST_DAYS: Final = 36500
_TOO_LONG: Final = "is longer than 100 years; a promise to erase has an end"
_TIME: Final = re.compile(r"P(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?", re.ASCII)
_BASIS: Final = re.compile(r"A6-1-[a-f]|A9-2-[a-j]")
_BODY_PATH: Final = re.compile(r"(?:\[\*\]|[A-Za-z_$*][\w$-]*)(?:\.[A-Za-z_$*][\w$-]*|\[\*\])*")
_URL_PATH: Final = re.compile(r"/|(?:/(?:[A-Za-z0-9._~-]+|\{[a-z_]+\}))+/?")
_MAILBOX: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", re.ASCII)
_DIGIT: Final = re.compile(r"[0-9*#]")
_DIGITS: Final = re.compile(r"[0-9*#]{1,8}")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; write the text or leave the field out")
    return value.strip()


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value) or len(value) > _SLUG_LENGTH:
        raise ValueError("is a name in the file: use small letters, digits and hyphens, at most 64 characters")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("is a language: use its two-letter code in small letters, such as de or en")
    return value


def _period(value: str) -> str:
    msg = "is a length of time: write it as ISO 8601 says, such as P30D (30 days), P6M (6 months) or P3Y (3 years)"
    try:
        period = parse_period(value)
    except ValueError:
        raise ValueError(msg) from None
    if not (period.months or period.days or period.clock):
        raise ValueError(msg)
    if period.months > _MOST_MONTHS or period.days > _MOST_DAYS or period.clock.days > _MOST_DAYS:
        raise ValueError(_TOO_LONG)
    return value


def _pause(value: str) -> str:
    match = _TIME.fullmatch(value)
    if match is None or not any(int(number) for number in match.groups() if number):
        msg = "is a short length of time: write it as ISO 8601 says, such as PT30M (30 minutes), PT2H or P1D"
        raise ValueError(msg)
    if int(match[1] or 0) > _MOST_DAYS:
        raise ValueError(_TOO_LONG)
    return value


def _region(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("is no country: use two capital letters (ISO 3166-1), such as DE or AT")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is not a known time zone: use a name of the IANA list, such as Europe/Berlin") from None
    return value


def _legal_basis(value: str) -> str:
    if not _BASIS.fullmatch(value):
        msg = "is a legal basis of the GDPR: write A6-1-a to A6-1-f (Article 6(1)) or A9-2-a to A9-2-j (Article 9(2))"
        raise ValueError(msg)
    return value


def _address(value: str) -> str:
    msg = "is the bot's address: it begins with http:// or https:// and has a host, such as http://bot:9000"
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValueError(msg) from None
    if not usable or re.search(r"[\s\\]", value):
        raise ValueError(msg)
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password; give credentials in the deployment settings")
    if parts.query or parts.fragment:
        raise ValueError("must end with the path, without ? or #")
    return value.rstrip("/")


def _contact(value: str) -> str:
    if _MAILBOX.fullmatch(value):
        return value
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\\]", value):
        msg = "is a mailbox such as privacy@example.org, or an address such as https://partner.example/erasures"
        raise ValueError(msg)
    return value


def _body_path(value: str) -> str:
    if not _BODY_PATH.fullmatch(value):
        msg = "is a place in a message body: field names with dots, [*] for every item of a list, such as [*].text"
        raise ValueError(msg)
    return value


def _field_path(value: str) -> str:
    if not _BODY_PATH.fullmatch(value) or "*" in value:
        msg = "is the place of one field in a message body: names with dots, without [*], such as metadata.id"
        raise ValueError(msg)
    return value


def _url_path(value: str) -> str:
    if not _URL_PATH.fullmatch(value) or ".." in value:
        raise ValueError("is a path behind the channel: it begins with /, such as /webhooks/rest/webhook")
    return value


def _key_pressed(value: str) -> str:
    if not _DIGIT.fullmatch(value):
        raise ValueError("is a key of the telephone: one of 0 to 9, * and #")
    return value


def _keys_pressed(value: str) -> str:
    if not _DIGITS.fullmatch(value):
        msg = "are keys of the telephone in a row: 0 to 9, * and #, at most eight of them, in quotation marks"
        raise ValueError(msg)
    return value


def _pattern(value: str) -> str:
    try:
        of_controller({value: EntityType.CUSTOMER_NO})
    except RecogniserError:
        msg = "is a pattern that RE2 takes (no look-around, no back references) and that matches something"
        raise ValueError(msg) from None
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_text)]
Slug = Annotated[str, AfterValidator(_slug)]
Language = Annotated[str, AfterValidator(_language)]
Period = Annotated[str, AfterValidator(_period)]
Pause = Annotated[str, AfterValidator(_pause)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Region = Annotated[str, AfterValidator(_region)]
LegalBasis = Annotated[str, AfterValidator(_legal_basis)]
Address = Annotated[str, AfterValidator(_address)]
Contact = Annotated[str, AfterValidator(_contact)]
BodyPath = Annotated[str, AfterValidator(_body_path)]
FieldPath = Annotated[str, AfterValidator(_field_path)]
BodyPaths = Annotated[tuple[BodyPath, ...], BeforeValidator(_as_list)]
UrlPaths = Annotated[tuple[Annotated[str, AfterValidator(_url_path)], ...], BeforeValidator(_as_list)]
Patterns = Annotated[tuple[Annotated[str, AfterValidator(_pattern)], ...], BeforeValidator(_as_list)]
KeyPressed = Annotated[str, AfterValidator(_key_pressed)]
KeysPressed = Annotated[str, AfterValidator(_keys_pressed)]
Localised = dict[Language, Text]
TextOrLocalised = Annotated[
    Annotated[Text, Tag("text")] | Annotated[Localised, Tag("localised")],
    Discriminator(lambda value: "localised" if isinstance(value, dict) else "text"),
]
