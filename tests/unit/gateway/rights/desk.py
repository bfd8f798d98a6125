"""An office over memory, with a courier that can be away, and what tests of its letters ask of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from gateway.errors import RefusedError
from gateway.metrics import Metrics
from gateway.notice.load import Loaded, load_notice
from gateway.rights.letters import Letter
from gateway.rights.office import Asked, Office
from gateway.rights.outbox import Outbox
from storage.memory import MemoryStore
from storage.memory.requests import MemoryRequests
from storage.records import Identifier
from storage.requests import RUNNING, Matter, RequestState, RequestStep, Right
from tests.fakes import FakeClock
from tests.integration.rights_shop import EMAIL, RIGHTS, texts_of
from tests.unit.storage.builders import NOW, Customer, assignment, plan, turn

KEPT = plan(transcript=assignment("improve"))


class Post:
    """A courier that is away until it is not."""

    def __init__(self) -> None:
        self.away, self.brought = False, list[Letter]()
        self.mailboxes = True
        self.error: BaseException = RefusedError("letter_not_sent", 503, "away")

    def reaches(self, to: str) -> bool:
        return self.mailboxes and "@" in to

    async def send(self, letter: Letter) -> None:
        if self.away:
            raise self.error
        self.brought.append(letter)


@dataclass
class Desk:
    loaded: Loaded
    store: MemoryStore
    post: Post
    clock: FakeClock
    office: Office
    outbox: Outbox

    async def asked(
        self, right: Right, contact: str = EMAIL, scope: str = "", statement: str = ""
    ) -> tuple[UUID, UUID]:
        """Ask from a session of one's own; returns request and session."""
        session = await self.session(right.value)
        return await self.asked_of(session, right, contact, scope, statement), session

    async def session(self, name: str, *identifiers: Identifier) -> UUID:
        """Begin a session of the chat."""
        customer = Customer(name, channel="chat")
        await self.store.write(customer.opening(KEPT, turns=turn("Guten Tag", identifiers=identifiers)))
        return customer.id

    async def asked_of(
        self, session: UUID, right: Right, contact: str = EMAIL, scope: str = "", statement: str = ""
    ) -> UUID:
        """Ask from a session."""
        asked = Asked(right, "en", "chat", session, contact=contact, scope=scope, statement=statement)
        request, _ = await self.office.ask(asked)
        return request.id

    async def round(self, minutes: int = 10) -> None:
        self.clock.move(minutes=minutes)
        await self.outbox.once()

    def to_the_person(self) -> list[tuple[str, str]]:
        return [(each.kind, each.text) for each in self.post.brought if each.to == EMAIL]

    def restrictions_told(self) -> list[tuple[str, str]]:
        said = [json.loads(each.text) for each in self.post.brought if each.kind == "recipient"]
        return [(each["restriction"], each["ground"]) for each in said if each["right"] == "restriction"]


class Crossing(MemoryRequests):
    """Requests of which another person changes one once its matter was read."""

    changing: UUID | None = None
    to: Matter = Matter()

    async def matter(self, request_id: UUID) -> Matter:
        found = await super().matter(request_id)
        if request_id == self.changing:
            self.changing = None
            await self.take(
                request_id, RequestStep(RUNNING, RequestState.OPEN, "changed", "dpo-2", matter=self.to), NOW
            )
        return found


def desk_in(directory: Path) -> Desk:
    """Return an office over a new store; nothing has been asked of it."""
    path = directory / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    loaded, store, post, clock, metrics = load_notice(path), MemoryStore(), Post(), FakeClock(NOW), Metrics()
    office = Office(loaded, store, post, texts_of(loaded), metrics, clock)
    return Desk(
        loaded, store, post, clock, office, Outbox(loaded.notice, store, post, "", office.casework, metrics, clock)
    )
