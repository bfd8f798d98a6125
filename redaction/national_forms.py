"""Forms of the numbers that a state or a social insurance gives to a person, and what each proves.

Check digits by python-stdnum; `recognisers.national_id` names the sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2
from stdnum.at import vnr
from stdnum.be import nn
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.tr import tckimlik

from redaction.recogniser import CERTAIN, LIKELY, POSSIBLE, STRONG

if TYPE_CHECKING:
    from collections.abc import Callable


def _always(_: str) -> bool:
    return True


_FORMS: tuple[tuple[bytes, Callable[[str], bool], float], ...] = (
    (rb"756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}", ahv.is_valid, CERTAIN),
    (rb"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}", _always, STRONG),
    (rb"[0-9]{2}[ ]?(?:[0-3][0-9]|[5-8][0-9])[ ]?[01][0-9][ ]?[0-9]{2}[ ]?[a-z][ ]?[0-9]{3}", _always, STRONG),
    (rb"[a-z]{6}[0-9][0-9lmnpqrstuv][abcdehlmprst][0-9lmnpqrstuv]{2}[a-z][0-9lmnpqrstuv]{3}[a-z]", _always, CERTAIN),
    (rb"[a-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]", _always, STRONG),
    (rb"[0-9]{7}[a-w][a-iw]?", _always, POSSIBLE),
    (rb"[0-9]{8}-?[a-z]", dni.is_valid, STRONG),
    (rb"[xyz]-?[0-9]{7}-?[a-z]", nie.is_valid, STRONG),
    (rb"[12][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{2}", nir.is_valid, CERTAIN),
    (rb"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", _always, STRONG),
    (rb"[0-9]{4} ?[0-3][0-9][01][0-9][0-9]{2}", vnr.is_valid, LIKELY),
    (rb"[0-9]{3}-[0-9]{2}-[0-9]{4}", _always, LIKELY),
    (rb"[0-9]{11}", pesel.is_valid, LIKELY),
    (rb"[0-9]{11}", nn.is_valid, LIKELY),
    (rb"[1-9][0-9]{10}", tckimlik.is_valid, LIKELY),
    (rb"[1-9][0-9]{12}", cnp.is_valid, LIKELY),
    (rb"[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", idnr.is_valid, LIKELY),
    (rb"[0-9]{9}", bsn.is_valid, POSSIBLE - 0.1),
    (rb"[a-z][0-9]{9}", _always, POSSIBLE),
)
PATTERNS = tuple((re2.compile(rb"\b" + form + rb"\b"), check, score) for form, check, score in _FORMS)
ANY = re2.compile(rb"\b(?:" + b"|".join(dict.fromkeys(form for form, _, _ in _FORMS)) + rb")\b")


def proof(value: str) -> float:
    """Returns how much the form and the check digits of `value` (lower case, no blanks) prove; 0.0: nothing."""
    data = value.encode()
    if ANY.fullmatch(data) is None:
        return 0.0
    return max((score for pattern, check, score in PATTERNS if pattern.fullmatch(data) and check(value)), default=0.0)
