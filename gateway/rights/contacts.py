"""Where a code or a letter goes: one mailbox, or one telephone number. Pure.

A code proves who asks only if it reaches the very contact by which conversations are found. So a contact is brought
into the form in which both are the same: an address has no two readings (full-width letters, comments, quotes), and a
telephone number has its country, which it would be given here by the channel and elsewhere by whoever sends the code.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_PLAIN: Final = r"[^\s@<>()\[\]\\,;:\".\x00-\x1f\x7f]+"
_MAILBOX: Final = re.compile(rf"(?=.{{1,64}}@){_PLAIN}(?:\.{_PLAIN})*@(?:{_PLAIN}\.)+{_PLAIN}")
_ENCODED: Final = "=?"
"""What begins like this in a header is read as other letters (RFC 2047)."""
_PHONE: Final = re.compile(r"[+0-9 ()/.-]{6,30}")


def contact_in(typed: str) -> str | None:
    """Return the contact that somebody has typed, "" for nothing, None for what is neither mailbox nor number."""
    contact = unicodedata.normalize("NFKC", typed).strip()
    if not contact or _PHONE.fullmatch(contact) or is_mailbox(contact):
        return contact
    return None


def is_mailbox(contact: str) -> bool:
    """Tell whether this is one mailbox, and read as such by every mail program."""
    return _MAILBOX.fullmatch(contact) is not None and _ENCODED not in contact
