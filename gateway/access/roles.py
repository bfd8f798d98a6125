"""The roles of the desk."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; a person can have several.

    `agent` serves customers: sessions and their content. `auditor` sees the ledger and figures, no content. `admin`
    sees to settings, keys and tokens, no content. `dpo` answers for data protection: everything.
    """

    AGENT = "agent"
    AUDITOR = "auditor"
    ADMIN = "admin"
    DPO = "dpo"
