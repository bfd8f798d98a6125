"""Every metric of the gateway, in one place. `docs/metrics.md` lists them; a test holds the two together.

Labels have few values, all known beforehand: channels, purposes and types come from the notice or the code,
never from a request. No value that a person typed is ever a label.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import partial
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from gateway.spool_metrics import SpoolMetrics
from redaction.findings import EntityType
from storage.ledger.figures import LedgerFigures
from storage.records import Figures, KeyState, PartState, Receipt, Speaker
from storage.requests import MessageState, RequestFigures, RequestState

_FAST = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

AUDIO_OUTCOMES = ("kept", "dropped", "repeated", "wrong", "failed")
ALERTED = ("redaction_failed", "store_failed")
"""Reasons of which the first must be seen: Prometheus sees no increase in a counter that begins with 1."""

disable_created_metrics()  # type: ignore[no-untyped-call] # no `_created` series beside each metric


class Metrics:
    """The metrics of one process, with a registry of their own."""

    def __init__(self) -> None:
        """Create every metric."""
        self.registry = CollectorRegistry()
        self._counter = partial(Counter, registry=self.registry)
        self._histogram = partial(Histogram, registry=self.registry)
        # Of several workers the one that has set it last knows; what each has for itself says so.
        self._gauge = partial(Gauge, registry=self.registry, multiprocess_mode="mostrecent")
        self._conversations()
        self._times()
        self._failures()
        self._kept()
        self._swept()
        self._promised()
        self.spool = SpoolMetrics(self.registry)
        self._keys()
        self._ledger()
        self._rights()

    def show_figures(self, figures: Figures) -> None:
        """Set the gauges of what is kept."""
        with warnings.catch_warnings():  # workers keep what is cleared; `gateway.merging` leaves it out
            warnings.simplefilter("ignore", UserWarning)
            self.parts.clear()
        for (kind, purpose), count in figures.parts.items():
            self.parts.labels(kind.value, purpose).set(count)
        for state in PartState:
            self.part_states.labels(state.value).set(figures.states.get(state, 0))
        self.holds.set(figures.holds)
        self.holds_overdue.set(figures.holds_overdue)
        self.restrictions.set(figures.restrictions)
        self.sessions.set(figures.sessions)
        self.overdue.set(figures.overdue)
        self.oldest_overdue_seconds.set(figures.oldest_overdue_seconds)

    def show_keys(self, state: KeyState) -> None:
        """Set the gauges of the root key's provider."""
        self.key_provider_up.set(state.serves)
        self.keys_unconfirmed_seconds.set(state.unconfirmed_seconds)

    def show_ledger(self, figures: LedgerFigures) -> None:
        """Set the gauges of the ledger."""
        self.ledger_entries.set(figures.size + figures.waiting)
        self.ledger_unsealed.set(figures.unsealed)
        if figures.sealed_at is not None:
            self.ledger_sealed.set(figures.sealed_at.timestamp())

    def show_requests(self, figures: RequestFigures) -> None:
        """Set the gauges of requests of data subjects and of messages to recipients."""
        for state in RequestState:
            self.rights_open.labels(state.value).set(figures.states.get(state, 0))
        self.rights_due_soon.set(figures.due_soon)
        self.rights_overdue.set(figures.overdue)
        self.rights_next_due.set(figures.next_due_at.timestamp() if figures.next_due_at is not None else 0)
        for message in MessageState:
            self.outbox.labels(message.value).set(figures.messages.get(message, 0))
            self.letters.labels(message.value).set(figures.letters.get(message, 0))
        self.outbox_stuck.set(figures.stuck)

    def count_erased(self, receipts: Iterable[Receipt]) -> None:
        """Count parts that were erased, by kind and reason."""
        for receipt in receipts:
            self.erased.labels(receipt.kind.value, receipt.reason.value).inc()

    def channel(self, name: str) -> ChannelMetrics:
        """Return the metrics of one channel, looked up once."""
        return ChannelMetrics(self, name)

    def _conversations(self) -> None:
        """Create those of what is said."""
        self.turns = self._counter("sordino_turns", "Turns handled, by channel and speaker.", ["channel", "speaker"])
        self.turns_repeated = self._counter(
            "sordino_turns_repeated", "Turns recognised as a repeat and not stored again.", ["channel"]
        )
        self.sessions_opened = self._counter("sordino_sessions_opened", "Sessions opened.", ["channel"])
        self.findings = self._counter(
            "sordino_findings", "Personal data found in turns, by type; never the value.", ["channel", "type"]
        )
        self.disclosures = self._counter(
            "sordino_ai_disclosures", "AI disclosures delivered or confirmed (AI Act Art. 50).", ["channel"]
        )
        self.consents = self._counter("sordino_consents", "Consent events by state.", ["channel", "consent", "state"])
        self.call_audio = self._counter(
            "sordino_call_audio",
            "Pieces of audio of calls, by what came of them; `dropped`: not agreed to, stopped or paused.",
            ["channel", "outcome"],
        )
        self.calls_stripped = self._counter(
            "sordino_calls_stripped",
            "What was taken out of a bot's answers to a call platform: `recording`, `address`, `verb`.",
            ["channel", "what"],
        )
        self.platform_recordings = self._gauge(
            "sordino_platform_recordings",
            "Recordings that a call platform made by itself and still has, and calls of which it does not say.",
            ["channel"],
            multiprocess_mode="livemax",
        )
        self.calls = self._gauge("sordino_calls", "Calls that are going on.", ["channel"], multiprocess_mode="livesum")
        self.ratings = self._counter("sordino_ratings", "Ratings of answers.", ["channel", "rating"])

    def _times(self) -> None:
        """Create those of where time goes."""
        self.exchanges_in_flight = self._gauge(
            "sordino_exchanges_in_flight", "Exchanges going on now, streams among them.", multiprocess_mode="livesum"
        )
        self.redaction_seconds = self._histogram(
            "sordino_redaction_seconds", "Time to find personal data in one text.", buckets=_FAST
        )
        self.upstream_seconds = self._histogram(
            "sordino_upstream_seconds", "Time spent waiting for a bot, per exchange.", ["channel"], buckets=_SLOW
        )
        self.overhead_seconds = self._histogram(
            "sordino_overhead_seconds",
            "Time of an exchange that was not spent waiting for a bot.",
            ["channel"],
            buckets=_FAST,
        )

    def _failures(self) -> None:
        """Create those of what did not reach its end."""
        self.refused = self._counter("sordino_requests_refused", "Requests refused, by reason.", ["channel", "reason"])
        self.aborted = self._counter(
            "sordino_exchanges_aborted", "Exchanges that did not reach their end, by reason.", ["channel", "reason"]
        )
        self.segments_lost = self._gauge(
            "sordino_recording_segments_lost",
            "Segments of recordings that this process could not store since it started; they are gaps.",
            multiprocess_mode="sum",
        )

    def _kept(self) -> None:
        """Create those of what is kept, by figures of the store."""
        self.parts = self._gauge("sordino_parts", "Parts kept now, by kind and purpose.", ["kind", "purpose"])
        self.parts_expiring = self._gauge(
            "sordino_parts_expiring", "Parts that expire within so many days from now.", ["days"]
        )
        self.parts_begun = self._gauge(
            "sordino_parts_begun", "Parts kept now that began within so many days until now, by kind.", ["kind", "days"]
        )
        self.part_states = self._gauge(
            "sordino_part_states",
            "Parts kept now, by what may be done with them: active, restricted, blocked, erase.",
            ["state"],
        )
        self.holds = self._gauge("sordino_holds", "Legal holds in force.")
        self.holds_overdue = self._gauge(
            "sordino_holds_overdue", "Legal holds whose review date has passed; they stay in force."
        )
        self.restrictions = self._gauge(
            "sordino_restrictions", "Restrictions in force (Art. 18), open objections among them."
        )
        self.sessions = self._gauge("sordino_sessions", "Sessions kept now.")
        self.figure_failures = self._counter(
            "sordino_figures_failures",
            "Times that what is kept could not be counted; the gauges then show the last count.",
        )

    def _swept(self) -> None:
        """Create those of what is erased, and of what has to be."""
        self.erased = self._counter("sordino_parts_erased", "Parts erased, by kind and reason.", ["kind", "reason"])
        self.overdue = self._gauge("sordino_parts_overdue", "Parts expired but not yet erased.")
        self.oldest_overdue_seconds = self._gauge(
            "sordino_parts_overdue_oldest_seconds", "How long ago the oldest part that is overdue expired."
        )
        self.last_sweep = self._gauge(
            "sordino_sweep_last_success_timestamp_seconds", "When a sweep last ended without an error (Unix time)."
        )
        self.leading = self._gauge(
            "sordino_leading",
            "1 where this process sweeps for all that work on the store, 0 where another does.",
            multiprocess_mode="livemax",
        )
        self.sweep_failures = self._counter("sordino_sweep_failures", "Sweeps that ended with an error.")

    def _promised(self) -> None:
        """Create those of the notice's promises."""
        self.promise_kept = self._gauge(
            "sordino_promise_kept", "1 while a promise of the notice is kept, else 0.", ["promise"]
        )
        self.last_proof = self._gauge(
            "sordino_proof_last_success_timestamp_seconds", "When the promises were last checked (Unix time)."
        )
        self.proof_failures = self._counter(
            "sordino_proof_failures", "Checks of the promises that ended with an error."
        )

    def _keys(self) -> None:
        """Create those of the root key."""
        self.key_provider_up = self._gauge(
            "sordino_key_provider_up", "1 while what holds the root key answers, else 0."
        )
        self.keys_unconfirmed_seconds = self._gauge(
            "sordino_keys_unconfirmed_seconds",
            "How long ago it last answered; after an hour without an answer nothing more is stored.",
        )
        self.root_key_due = self._gauge(
            "sordino_root_key_due_timestamp_seconds",
            "When the current version of the root key is to be replaced (Unix time).",
        )
        self.rotations = self._counter("sordino_root_key_rotations", "Rotations of the root key.")
        self.rotation_failures = self._counter(
            "sordino_root_key_rotation_failures", "Times that the root key could not be rotated."
        )

    def _ledger(self) -> None:
        """Create those of the ledger."""
        self.ledger_entries = self._gauge("sordino_ledger_entries", "Entries in the ledger.")
        self.ledger_unsealed = self._gauge(
            "sordino_ledger_entries_unsealed",
            "Entries that no checkpoint covers, and whose hashes the sink does not hold, yet.",
        )
        self.ledger_sealed = self._gauge(
            "sordino_ledger_checkpoint_timestamp_seconds", "When the newest checkpoint was signed (Unix time)."
        )
        self.ledger_failures = self._counter(
            "sordino_ledger_failures",
            "Times that no checkpoint could be signed or written, or the ledger could not be checked.",
        )
        self.ledger_verified = self._gauge(
            "sordino_ledger_verified_timestamp_seconds",
            "When the whole ledger was last found to be as it was written (Unix time).",
        )
        self.ledger_problems = self._gauge(
            "sordino_ledger_problems", "What the last check of the ledger found changed, missing, added or moved."
        )

    def _rights(self) -> None:
        """Create those of requests of data subjects."""
        self.rights_requests = self._counter(
            "sordino_rights_requests_received", "Requests of data subjects, by right.", ["right"]
        )
        self.rights_open = self._gauge(
            "sordino_rights_requests", "Requests of data subjects kept now, by state.", ["state"]
        )
        self.rights_due_soon = self._gauge(
            "sordino_rights_requests_due_soon", "Requests to be answered within seven days."
        )
        self.rights_overdue = self._gauge(
            "sordino_rights_requests_overdue", "Requests whose time is over and with which it is the controller's turn."
        )
        self.rights_next_due = self._gauge(
            "sordino_rights_next_due_timestamp_seconds",
            "When the next request is to be answered (Unix time); 0 without one.",
        )
        self.identity_failures = self._counter(
            "sordino_rights_identity_failures", "Codes that were wrong, or came too late."
        )
        self.outbox = self._gauge("sordino_outbox", "Messages to recipients (Art. 19), by state.", ["state"])
        self.letters = self._gauge("sordino_letters", "Letters to who sent a request, by state.", ["state"])
        self.outbox_stuck = self._gauge(
            "sordino_outbox_stuck", "Messages to recipients given up, or not delivered for three days."
        )
        self.outbox_attempts = self._counter(
            "sordino_outbox_attempts", "Attempts to deliver a message or a letter: taken, failed.", ["outcome"]
        )
        self.outbox_failures = self._counter(
            "sordino_outbox_failures", "Rounds of requests and messages that ended with an error."
        )


class ChannelMetrics:
    """The metrics of one channel's exchanges: looking a label up for each message would cost more than counting."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        """Look them up."""
        self._name = name
        self._aborted = metrics.aborted
        for reason, counter in product(ALERTED, (metrics.refused, metrics.aborted)):
            counter.labels(name, reason)
        self._turns = {speaker: metrics.turns.labels(name, speaker.value) for speaker in Speaker}
        self._findings = {kind: metrics.findings.labels(name, kind.value) for kind in EntityType}
        self._redaction_seconds = metrics.redaction_seconds
        self._repeated = metrics.turns_repeated.labels(name)
        self._opened = metrics.sessions_opened.labels(name)
        self._disclosures = metrics.disclosures.labels(name)
        self._audio = {outcome: metrics.call_audio.labels(name, outcome) for outcome in AUDIO_OUTCOMES}
        self._upstream_seconds = metrics.upstream_seconds.labels(name)
        self._overhead_seconds = metrics.overhead_seconds.labels(name)

    def searched(self, seconds: float) -> None:
        """Count one text searched for personal data."""
        self._redaction_seconds.observe(seconds)

    def found(self, kind: EntityType) -> None:
        """Count one finding in a new turn."""
        self._findings[kind].inc()

    def opened(self) -> None:
        """Count a session opened."""
        self._opened.inc()

    def audio(self, outcome: str) -> None:
        """Count a piece of audio by what came of it, one of `AUDIO_OUTCOMES`."""
        self._audio[outcome].inc()

    def disclosed(self) -> None:
        """Count an AI disclosure delivered."""
        self._disclosures.inc()

    def turn(self, speaker: Speaker, *, stored: bool) -> None:
        """Count a turn stored, or recognised as a repeat."""
        (self._turns[speaker] if stored else self._repeated).inc()

    def aborted(self, reason: str) -> None:
        """Count an exchange that did not reach its end."""
        self._aborted.labels(self._name, reason).inc()

    def exchanged(self, *, upstream_seconds: float, overhead_seconds: float) -> None:
        """Count an exchange's time."""
        self._upstream_seconds.observe(upstream_seconds)
        self._overhead_seconds.observe(overhead_seconds)
