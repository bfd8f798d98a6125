"""What one look-up brings of sessions, for many callers in one go."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select

from storage.holds import Bar
from storage.key_material import SecretBytes
from storage.records import ConsentState, Locator, PartKind, Session, TurnRef
from storage.sql import tables
from storage.sql.bulk import padded
from storage.sql.chained import Records, opened_part
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.payloads import SPEAKERS
from storage.sql.tables import consent_states, contents, locators, parts, sessions, turns

_Answers = dict[str, tuple[ConsentState, datetime]]

# Made once: to put a statement together takes longer than to execute it.
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_TOKENS: Final = (
    select(locators.c.token, locators.c.session_id)
    .where(locators.c.token.in_(bindparam("tokens", expanding=True)))
    .order_by(locators.c.session_id.desc())
)
_SESSIONS: Final = select(sessions).where(sessions.c.id.in_(_IDS), ~sessions.c.erasing)
_HISTORY: Final = (
    select(turns.c.session_id, turns.c.sequence, turns.c.speaker, turns.c.digest, turns.c.once)
    .outerjoin(parts, (parts.c.session_id == turns.c.session_id) & (parts.c.id == turns.c.part_id))
    .where(turns.c.session_id.in_(_IDS), parts.c.erasing.is_not(True))
    .order_by(turns.c.session_id, turns.c.sequence)
)
_CONSENTS: Final = select(consent_states).where(consent_states.c.session_id.in_(_IDS))
_MAPS: Final[Select[Any]] = (
    select(
        parts.c.session_id,
        parts.c.id,
        parts.c.visible_until,
        parts.c.bars,
        parts.c.tail,
        contents.c.sequence,
        contents.c.sealed,
    )
    .outerjoin(contents, tables.of_its_part)
    .where(parts.c.session_id.in_(_IDS), parts.c.kind == PartKind.PSEUDONYMS.value, ~parts.c.erasing)
    .order_by(parts.c.id, contents.c.sequence)
)


@dataclass(frozen=True, slots=True)
class Sought:
    """A look-up: by whom, as of when, and the blind token of its conversation if that is what it goes by."""

    locator: Locator
    now: datetime
    conversation_token: bytes | None


@dataclass(frozen=True, slots=True)
class _Brought:
    history: Mapping[UUID, Sequence[TurnRef]]
    consents: Mapping[UUID, _Answers]
    maps: Mapping[UUID, Sequence[Row[Any]]]


def locator_token(key: SecretBytes, conversation: str) -> bytes:
    """Return the blind token of a protocol's conversation id: HMAC-SHA256 with the channel's key."""
    return hmac.digest(key.reveal(), conversation.encode("utf-8", "surrogatepass"), "sha256")


def find(unit: Unit, keys: KeyStore, sought: Sequence[Sought]) -> list[Session | None]:
    """Return for each look-up its session, or None."""
    by_token = _by_token(unit.sessions, {each.conversation_token for each in sought} - {None})
    wanted = [_wanted(each, by_token) for each in sought]
    rows = _rows(unit.sessions, {session_id for session_id in wanted if session_id is not None})
    matched = [
        rows[session_id] if session_id in rows and _owns(rows[session_id], each.locator) else None
        for each, session_id in zip(sought, wanted, strict=True)
    ]
    ids = padded({row.id for row in matched if row is not None})
    if not ids:
        return [None] * len(sought)
    brought = _Brought(_history(unit.sessions, ids), _consents(unit.sessions, ids), _pseudonym_rows(unit.sessions, ids))
    return [
        None if row is None else _session(row, unit, keys, brought, each.now)
        for each, row in zip(sought, matched, strict=True)
    ]


def _by_token(connection: Connection, tokens: set[Any]) -> Mapping[bytes, Sequence[UUID]]:
    if not tokens:
        return {}
    # Ids are UUIDv7: the first is the newest session of a conversation that went on after one had ended.
    by_token: defaultdict[bytes, list[UUID]] = defaultdict(list)
    for token, session_id in connection.execute(_TOKENS, {"tokens": list(tokens)}):
        by_token[token].append(session_id)
    return by_token


def _wanted(sought: Sought, by_token: Mapping[bytes, Sequence[UUID]]) -> UUID | None:
    locator = sought.locator
    if locator.token is not None:
        return locator.id
    ids = by_token.get(sought.conversation_token, ()) if sought.conversation_token is not None else ()
    found = next((each for each in ids if locator.before is None or each < locator.before), None)
    return found if locator.id in (None, found) else None


def _owns(row: Row[Any], locator: Locator) -> bool:
    if row.channel != locator.channel:
        return False
    return locator.token is None or hmac.compare_digest(hashlib.sha256(locator.token).digest(), row.token_digest)


def _rows(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    if not ids:
        return {}
    return {row.id: row for row in connection.execute(_SESSIONS, {"ids": padded(ids)})}


def _history(connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, list[TurnRef]]:
    history: defaultdict[UUID, list[TurnRef]] = defaultdict(list)
    for session_id, sequence, speaker, digest, once in connection.execute(_HISTORY, {"ids": ids}):
        history[session_id].append(TurnRef(sequence, SPEAKERS[speaker], digest or b"", once))
    return history


def _consents(connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, _Answers]:
    consents: defaultdict[UUID, _Answers] = defaultdict(dict)
    for row in connection.execute(_CONSENTS, {"ids": ids}):
        consents[row.session_id][row.consent] = ConsentState(row.state), row.at
    return consents


def _pseudonym_rows(connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, list[Row[Any]]]:
    maps: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(_MAPS, {"ids": ids}):
        maps[row.session_id].append(row)
    return maps


def _live(row: Row[Any], now: datetime) -> bool:
    """Tell whether a map may be read: its session is not restricted, and a purpose runs."""
    return row.visible_until is not None and row.visible_until > now and not row.bars & Bar.RESTRICTION


def _open_map(unit: Unit, keys: KeyStore, live: Sequence[Row[Any]]) -> bytes | None:
    maps = Records()
    for (session_id, part_id, tail), its in groupby(live, attrgetter("session_id", "id", "tail")):
        sealer = keys.sealer(unit, session_id, part_id, PartKind.PSEUDONYMS)
        maps += opened_part(sealer, PartKind.PSEUDONYMS, tail, [(row.sequence, row.sealed) for row in its])
    return max(maps)[1] if maps else None


def _session(row: Row[Any], unit: Unit, keys: KeyStore, brought: _Brought, now: datetime) -> Session:
    answers, mapped = brought.consents.get(row.id, {}), brought.maps.get(row.id, ())
    live = [each for each in mapped if _live(each, now)]
    return Session(
        id=row.id,
        channel=row.channel,
        started_at=row.started_at,
        last_turn_at=row.active_at if row.next_turn else None,
        ended_at=row.ended_at,
        disclosed_at=row.disclosed_at,
        consents={consent: state for consent, (state, _) in answers.items()},
        history=tuple(brought.history.get(row.id, ())),
        digest_key=keys.digest_key(unit, row.id),
        pseudonyms=_open_map(unit, keys, live),
        language=row.language,
        agreed_since=row.agreed_since,
        answered_at={consent: at for consent, (_, at) in answers.items()},
        map_hidden=bool(mapped) and not live,
    )
