"""A part's sealed records, opened together: each is as it was sealed, and none is missing.

The links of the records, one after the other, have to come to the tail that stands in the part's row.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final
from uuid import UUID

from sqlalchemy import select

from storage.crypto.aead import PartSealer
from storage.crypto.padding import unpad
from storage.errors import SealBrokenError
from storage.records import PartKind
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.tables import contents, of_its_part, parts

REPLACED: Final = frozenset({PartKind.PSEUDONYMS, PartKind.RECORDING})
"""Parts of one record, in whose place the next one comes: each is the first of its chain."""
Records = list[tuple[int, bytes]]
"""Numbers of records, and what was sealed."""


def opened(unit: Unit, keys: KeyStore, session_id: UUID, kinds: Mapping[UUID, PartKind]) -> Mapping[PartKind, Records]:
    """Return the records of some parts of a session, by kind and in order. Raises SealBrokenError, MissingEpochError.

    Figures have none.
    """
    wanted = [part_id for part_id, kind in kinds.items() if kind is not PartKind.FACTS]
    found = (
        select(parts.c.id, parts.c.tail, contents.c.sequence, contents.c.sealed)
        .outerjoin(contents, of_its_part)
        .where(parts.c.session_id == session_id, parts.c.id.in_(wanted))
        .order_by(parts.c.id, contents.c.sequence)
    )
    records: defaultdict[PartKind, Records] = defaultdict(list)
    for (part_id, tail), rows in groupby(unit.sessions.execute(found), itemgetter(0, 1)):
        sealer = keys.sealer(unit, session_id, part_id, kinds[part_id])
        records[kinds[part_id]] += opened_part(sealer, kinds[part_id], tail, [(row[2], row[3]) for row in rows])
    for each in records.values():
        each.sort(key=itemgetter(0))
    return records


def opened_part(
    sealer: PartSealer, kind: PartKind, tail: bytes | None, sealed: Sequence[tuple[int | None, bytes | None]]
) -> Records:
    """Return the records of one part, of which a row of nothing says that there is none. Raises SealBrokenError."""
    link, records = b"", Records()
    for sequence, record in sealed:
        if sequence is None or record is None or (records and kind in REPLACED):
            raise missing()
        records.append((sequence, unpad(sealer.open(sequence, record))))
        link = sealer.link(sequence, record, link)
    if not hmac.compare_digest(link, tail or b""):
        raise missing()
    return records


def missing() -> SealBrokenError:
    """Return the error for a part whose records are not those that were stored last."""
    return SealBrokenError("records of a part are missing, or others than were stored last")
