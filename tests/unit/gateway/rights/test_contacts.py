"""A contact is read in one way: where a code goes, and by what conversations are found."""

from __future__ import annotations

from email.headerregistry import AddressHeader
from email.message import EmailMessage

import pytest

from gateway.errors import RefusedError
from gateway.rights.contacts import contact_in, is_mailbox
from gateway.rights.letters import Letter, SmtpCourier


@pytest.mark.parametrize(
    ("typed", "contact"),
    [
        (" Erika@muster.example ", "Erika@muster.example"),
        ("o'neill+shop=1@sub.muster.example", "o'neill+shop=1@sub.muster.example"),
        ("käthe@müller.example", "käthe@müller.example"),
        ("\uff45rika@muster.example", "erika@muster.example"),  # full-width: another mailbox, found as this one
        ("erika\uff20muster.example", "erika@muster.example"),
        ("+49 (0351) 8157-720", "+49 (0351) 8157-720"),
        ("", ""),
    ],
)
def test_a_contact_is_one_mailbox_or_number(typed: str, contact: str) -> None:
    assert contact_in(typed) == contact


@pytest.mark.parametrize(
    "typed",
    [
        "erika",
        "a,erika@muster.example",
        "a;erika@muster.example",
        "Erika <erika@muster.example>",
        "a@b@muster.example",
        '"erika@muster.example',
        "erika(x)@muster.example",
        "erika@muster",
        "erika@muster..example",
        ".a@muster.example",
        "=?utf-8?b?Zm9v?=@muster.example",
        "erika@=?utf-8?q?evil?=.example",
        "erika@muster.example.",
        "a\x00b@muster.example",
        "a" * 65 + "@muster.example",
        "[&@,__a\x7f.=b<",
        "?_\\\x7fb@['\\..,\x00&",
    ],
)
async def test_what_could_be_read_otherwise_is_none_and_gets_no_letter(typed: str) -> None:
    assert contact_in(typed) is None
    courier = SmtpCourier("smtp://127.0.0.1:1", "", "shop@shop.example")
    with pytest.raises(RefusedError):
        await courier.send(Letter(typed, "answered", "en", "subject", "text"))


@pytest.mark.parametrize("mailbox", ["erika@muster.example", "o'neill+shop=1@muster.example", "a?=b@muster.example"])
def test_a_mail_program_reads_it_as_it_stands(mailbox: str) -> None:
    assert is_mailbox(mailbox)
    message = EmailMessage()
    message["To"] = mailbox
    header = message["To"]
    assert isinstance(header, AddressHeader)
    assert [each.addr_spec for each in header.addresses] == [mailbox]
