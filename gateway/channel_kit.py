"""What everything of one channel works with: its rules and texts, its sessions, and where its bot is."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.aside import Aside
from gateway.clock import Clock
from gateway.consent import Rules
from gateway.limits import Limits
from gateway.metrics import ChannelMetrics, Metrics
from gateway.notice.channel import Channel
from gateway.notice.load import Loaded
from gateway.notice.model import Notice
from gateway.recent import Recent
from gateway.redacting import ChannelRedaction
from gateway.sessions import Sessions
from gateway.tracing import Tracing
from gateway.upstream import Upstream
from storage.store import SessionStore


@dataclass(frozen=True, slots=True)
class ChannelKit:
    """The parts of one channel. `counts` are its own metrics; `bot`: its bot's base URL, empty where it has none."""

    loaded: Loaded
    name: str
    rules: Rules
    texts: ChannelRedaction
    sessions: Sessions
    store: SessionStore
    upstream: Upstream
    bot: str
    metrics: Metrics
    counts: ChannelMetrics
    clock: Clock
    limits: Limits
    tracing: Tracing
    recent: Recent = field(default_factory=Recent)
    aside: Aside = field(default_factory=Aside)

    @property
    def notice(self) -> Notice:
        """The notice that the channel is of."""
        return self.loaded.notice

    @property
    def channel(self) -> Channel:
        """What the notice says of the channel."""
        return self.loaded.notice.channels[self.name]
