"""Sessions, plans and writes with as little said as a test needs to say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import (
    Assignment,
    ConsentRecord,
    ConsentState,
    DeletionClass,
    FileKeyProvider,
    Locator,
    NewSession,
    PartKind,
    Plan,
    Speaker,
    StartEvent,
    Turn,
    Write,
    uuid7,
)
from storage.blobs.files import FileBlobs
from storage.ledger.outside import Outside
from storage.ledger.sinks import FileSink
from storage.sql import SqlStore, open_databases
from storage.sql.sqlite import SqlitePair
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TENANT = "imtron-customer-service"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def deletion_class(period: str = "P30D", start: StartEvent = StartEvent.COLLECTION, **said: Any) -> DeletionClass:  # noqa: ANN401 - its other fields
    """Return a deletion class in German time."""
    name = said.pop("name", f"{start}-{period}")
    return DeletionClass(name=name, start=start, period=period, time_zone="Europe/Berlin", **said)


def assignment(
    purpose: str = "improve-chatbot", period: str | DeletionClass = "P30D", consent: str | None = None
) -> Assignment:
    """Return an assignment."""
    its_class = deletion_class(period) if isinstance(period, str) else period
    basis = "A6-1-f" if consent is None else "A6-1-a"
    return Assignment(purpose=purpose, legal_basis=basis, deletion_class=its_class, consent=consent)


def plan(**kinds: Assignment | tuple[Assignment, ...] | None) -> Plan:
    """Return a plan; each keyword is a kind of part."""
    given = {PartKind(kind): each if isinstance(each, tuple) else (each,) for kind, each in kinds.items() if each}
    return Plan(given)


NOTHING = plan()
TRANSCRIPT = plan(transcript=assignment())
USUAL = plan(
    transcript=(assignment(), assignment("legal-defence")),
    facts=assignment(),
    consent=assignment("prove-consent", "P3Y"),
)


class Customer:
    """One session as its front end holds it: its id, token and conversation."""

    def __init__(self, name: str = "one", channel: str = "chatbot", now: datetime = NOW) -> None:
        """Make an id and a token."""
        self.channel = channel
        self.id = uuid7(now)
        self.token = hashlib.sha256(f"token of {name}".encode()).digest()
        self.conversation = f"conversation of {name}"
        self.now = now

    def by_token(self, token: bytes | None = None, channel: str | None = None) -> Locator:
        """Return the locator with the session's id and a token."""
        return Locator(channel=channel or self.channel, id=self.id, token=token or self.token)

    def by_conversation(self, conversation: str | None = None, channel: str | None = None) -> Locator:
        """Return the locator with a conversation id."""
        return Locator(channel=channel or self.channel, conversation=conversation or self.conversation)

    def opening(self, kept: Plan = USUAL, now: datetime | None = None, **said: object) -> Write:
        """Return the write that opens the session."""
        new = NewSession(
            id=self.id,
            channel=self.channel,
            notice_version="2025-07",
            notice_digest=hashlib.sha256(b"notice").hexdigest(),
            started_at=now or self.now,
            token=self.token,
            conversations=(self.conversation,),
            language="de",
        )
        return Write(session_id=self.id, plan=kept, now=now or self.now, new=new, **_tuples(said))

    def write(self, kept: Plan = USUAL, now: datetime | None = None, **said: object) -> Write:
        """Return a write that adds to the session."""
        return Write(session_id=self.id, plan=kept, now=now or self.now, **_tuples(said))


def turn(text: str = "Guten Tag", speaker: Speaker = Speaker.SUBJECT, at: datetime = NOW, **said: object) -> Turn:
    """Return a turn whose words a client would send again just so."""
    more: dict[str, Any] = {"match": text} | said
    return Turn(speaker=speaker, text=text, at=at, **more)


def consent(
    state: ConsentState = ConsentState.GIVEN, name: str = "training", at: datetime = NOW, **evidence: str
) -> ConsentRecord:
    """Return a consent record."""
    return ConsentRecord(
        consent=name,
        state=state,
        at=at,
        notice=TENANT,
        notice_version="2025-07",
        notice_digest=hashlib.sha256(b"notice").hexdigest(),
        language="de",
        wording="Dürfen wir aus diesem Gespräch lernen?",
        method="click",
        purposes=("train-chatbot",),
        evidence=evidence,
    )


def key_provider(directory: Path) -> FileKeyProvider:
    """Return the root key of a directory, made when there is none."""
    path = directory / "root.key"
    return FileKeyProvider(path) if path.exists() else FileKeyProvider.create(path)


def outside(directory: Path) -> Outside:
    """Return the ledger's sink and key, in a directory of their own."""
    return Outside(FileSink(directory / "sink"), Ed25519PrivateKey.from_private_bytes(b"l" * 32))


def sqlite_urls(directory: Path) -> tuple[str, str]:
    """Return the URLs of the SQLite files of a store in a directory."""
    return f"sqlite:///{directory}/sessions.db", f"sqlite:///{directory}/keys.db"


def sql_store(directory: Path, urls: tuple[str, str] | None = None, **said: object) -> SqlStore:
    """Return a store over SQLite files in a directory, or over the databases of `urls`; not started."""
    defaults = {
        "databases": said.get("databases") or open_databases(*(urls or sqlite_urls(directory))),
        "provider": said.get("provider") or key_provider(directory),
        "tenant": TENANT,
        "clock": FakeClock(),
        "outside": outside(directory),
        "blobs": FileBlobs(directory / "blobs"),
    }
    more: dict[str, Any] = defaults | said
    return SqlStore(**more)


def sqlite_of(store: SqlStore) -> SqlitePair:
    """Return the databases of a store over SQLite."""
    assert isinstance(store._databases, SqlitePair)
    return store._databases


async def prepared(directory: Path) -> Path:
    """Lay down the files of a new store; made once, because migrating takes a while."""
    if not _NEW_STORE:
        store = sql_store(directory)
        await store.start()
        await store.close()
    _lay_down(directory)
    return directory


def _lay_down(directory: Path) -> None:
    if not _NEW_STORE:
        _NEW_STORE.update(_contents(directory))
    for name, content in _NEW_STORE.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)


def files(directory: Path) -> dict[str, bytes]:
    """Return the bytes of all files of a store, but for its root key."""
    return {name: content for name, content in _contents(directory).items() if name != "root.key"}


def _contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


_NEW_STORE: dict[str, bytes] = {}


def _tuples(said: Mapping[str, object]) -> dict[str, Any]:
    plural = {"turns", "consents", "events", "ratings"}
    return {name: (each,) if name in plural and not isinstance(each, tuple) else each for name, each in said.items()}
