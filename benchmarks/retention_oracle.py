"""What a store should keep, told as plainly as can be: an oracle of a few purposes that shares no code with the store.

All is counted in UTC and days. Each purpose's rule stands in `end`; what a part is kept for is a word for each
purpose: "on", "put" (objected to), or "off" with the moment when it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

KINDS = {
    "transcript": ("improve", "defend", "serve", "train"),
    "facts": ("improve", "books"),
    "original": ("train",),
}
COLLECTED = {"improve": 30, "defend": 90, "train": 60}
OBJECTABLE = {"improve", "defend"}


def days(number: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=number)


@dataclass
class KeptPart:
    """A part: its kind, its first record, and for each purpose how it stands."""

    id: UUID
    kind: str
    at: datetime
    state: dict[str, str]
    off: dict[str, datetime] = field(default_factory=dict)

    def standing(self) -> set[str]:
        """Return for what it is kept."""
        return {purpose for purpose, word in self.state.items() if word != "off"}


@dataclass
class KeptSession:
    """A session with what holds and restricts it; None among the held means all of it, among objections everything."""

    id: UUID
    parts: list[KeptPart] = field(default_factory=list)
    ended: datetime | None = None
    resolved: datetime | None = None
    consent: bool = False
    holds: dict[UUID, frozenset[UUID] | None] = field(default_factory=dict)
    restrictions: set[UUID] = field(default_factory=set)
    objections: dict[UUID, str | None] = field(default_factory=dict)
    over: set[str | None] = field(default_factory=set)

    def end(self, part: KeptPart, purpose: str) -> datetime:
        """Return when a purpose of a part ends by its rule, or did."""
        if purpose in part.off:
            return part.off[purpose]
        if purpose in COLLECTED:
            return part.at + days(COLLECTED[purpose])
        if purpose == "serve":
            if self.ended is None or self.ended >= part.at + days(200):
                return part.at + days(200)
            return max(self.ended, part.at) + days(10)
        if self.resolved is None or self.resolved >= part.at + days(400):
            return part.at + days(400)
        return datetime(max(self.resolved, part.at).year + 2, 1, 1, tzinfo=UTC)

    def last_end(self, part: KeptPart) -> datetime:
        """Return when the last of what it is kept for ends, or did."""
        return max(self.end(part, purpose) for purpose in part.standing() or part.off)

    def runs(self, part: KeptPart, purpose: str, now: datetime) -> bool:
        """Tell whether a purpose of a part runs."""
        return part.state.get(purpose) == "on" and self.end(part, purpose) > now

    def restricted(self) -> bool:
        """Tell whether all of it is restricted."""
        return bool(self.restrictions) or None in self.objections.values()

    def held(self, part: KeptPart) -> bool:
        """Tell whether a hold covers the part."""
        return any(parts is None or part.id in parts for parts in self.holds.values())

    def readable(self, purpose: str, now: datetime) -> bool:
        """Tell whether a purpose may read anything of it."""
        free = not self.restricted() or purpose == "defend"
        return free and any(self.runs(part, purpose, now) for part in self.parts)

    def due(self, now: datetime) -> list[KeptPart]:
        """Return the parts that the next sweep has to erase."""
        return [part for part in self.parts if self.word(part, now) == "erase"]

    def word(self, part: KeptPart, now: datetime) -> str:
        """Return what may be done with a part."""
        if self.restricted():
            return "restricted"
        running = {purpose for purpose in part.state if self.runs(part, purpose, now)}
        if running - {"books"}:
            return "active"
        if "put" in part.state.values():
            return "restricted"
        return "blocked" if running or self.held(part) else "erase"

    def allowed(self, kind: str) -> set[str]:
        """Return for which purposes something new of a kind may be kept."""
        over = {*self.over, *self.objections.values()}
        return {
            purpose
            for purpose in KINDS[kind]
            if (purpose != "train" or self.consent)
            and purpose not in over
            and not (purpose == "improve" and None in over)
        }

    def open_part(self, kind: str, now: datetime) -> KeptPart | None:
        """Return the part to which something new of a kind goes, None if a new one begins."""
        for part in reversed(self.parts):
            wanted, standing = self.allowed(kind), part.standing()
            if part.kind == kind and standing == wanted and all(self.end(part, each) > now for each in standing):
                return part
        return None

    def turn_off(self, purposes: Iterable[str], now: datetime, parts: Iterable[KeptPart]) -> list[KeptPart]:
        """End purposes of parts; returns those of which none stands any more, or only what has run out undisputed."""
        left = []
        for part in parts:
            ending = part.standing() & set(purposes)
            for purpose in ending:
                part.off[purpose] = min(self.end(part, purpose), now)
                part.state[purpose] = "off"
            if ending and all(part.state[each] != "put" and self.end(part, each) <= now for each in part.standing()):
                left.append(part)
        return left

    def covered(self, objection: str | None) -> set[str]:
        """Return what an objection covers."""
        return {"improve"} if objection is None else {objection}

    def drop(self, parts: Iterable[KeptPart], now: datetime, *, asked: bool) -> Iterator[KeptPart]:
        """Erase what may be erased now; what may not loses its ordinary purposes. `asked`: by the customer."""
        for part in list(parts):
            barred = self.restricted() or "put" in part.state.values()
            if self.held(part) or self.runs(part, "books", now) or (barred and not asked):
                self.turn_off(set(part.state) - {"books"}, now, [part])
            else:
                self.parts.remove(part)
                yield part
