"""`docs/reliability.md`: what was done, how often, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.torture.campaigns import CAMPAIGNS, Campaign
from benchmarks.torture.state import Done

_HEAD = """# Reliability

What Sordino has been put through, counted over all runs of `make torture` so far. `make test` has a short form of
each. A round counts only if nothing that was answered was lost, nothing was stored twice, nothing was half erased and,
after an outage, nothing lay in clear in any file and customers were answered again within 60 seconds. "Wanted" is
what a release is to reach; where fewer rounds were done, that is what was done. The rounds of a batch that failed are
not counted.

`make torture SECONDS=3600` goes on for an hour from where the last run stopped (`.cache/torture.json`).

| what | rounds | wanted | batches that failed | counted in them |
|---|---:|---:|---:|---|
"""

_TAIL = """
## How it is done

- **Killed**: the gateway, `sordino sweep` and `sordino keys rotate` are processes of their own, and get SIGKILL at a
  moment that nobody has chosen; "killed under way" counts those that had not ended by themselves. Customers' answers
  are noted as a client sees them, and looked up afterwards with `GET /sessions/{id}`: after twenty kills of a gateway
  over one store. What a sweep has left is looked at after each kill; a rotation is killed up to five times in a row,
  and all is read after each. The processes are forked from one that has read weights and notice. Their files may lie in
  memory, which a kill doesn't touch, as it doesn't touch what the system has yet to write to a disk.
- **Power lost**: a library in front of the C library notes what was synced (`fsync`, `fdatasync`, a synced
  directory). After SIGKILL the files are replaced by what was synced, and nothing else. On SQLite alone: of
  PostgreSQL's own log PostgreSQL takes care.
- **Database away**: connections to PostgreSQL go through a proxy that cuts them and takes none; with SQLite another
  process holds the lock for longer than the gateway waits. **With a spool** what open conversations say meanwhile must
  have waited, and is looked up when nothing waits any more, or after the start that follows a kill. **Disk full**: the
  gateway's limit for the size of files is set below what they have. **Clock**: the program's clock, one hour ahead and
  behind.
- **Batches that failed**: that of "database away, with a spool" was the test's own fault, seen on a busy machine. The
  database went before anybody was past a first answer, which can't wait, so that nothing had to; now it goes when
  conversations are under way. Of that of "database away, SQLite" nothing was kept but that it failed, and no round
  since has shown it again; what fails is written into the state file now, with where it was seen.
  Those of "rotation killed, PostgreSQL" ended before a kill: with twenty processes waiting for two cores, the
  new store's PostgreSQL answered no connection within five seconds, and a store that can't be reached is not begun.
- **Value erased**: sessions with a value each are erased; then every byte of the databases, their logs and the
  gateway's files is searched for the values and for the wrapped keys of what was erased, without which no key that is
  left opens anything; on SQLite for the ciphertexts too. PostgreSQL first writes a checkpoint and lets go of its log.
- **Old backup put back**: one copy of the databases; then sessions in it and newer ones are erased through the API, the
  gateway is killed as soon as the erasure is answered, and the copy takes the place of both databases, or of that of
  the sessions alone. The gateway that starts on it must neither list nor find any session that was ever erased.
- **Tampered**: `python -m benchmarks.tamper`, each batch with another seed. The first 14,000 alterations were all of
  the ledger and its sink; since then three of five are of what is sealed. In the ledger and its sink: bytes, rows,
  objects and places, each looked for by a check of the whole ledger, nineteen of twenty in a ledger of 70 entries, the
  others in one of 700. Of what is sealed: bytes of records (key id, salt, commitment, ciphertext), records cut, taken
  away with and without what tells of them, swapped within a part, between parts and between sessions, earlier maps and
  manifests put back, wrapped keys of parts, sessions and epochs altered, swapped and taken away, and segments of
  recordings altered, cut, swapped and taken away. Found means that a read refuses and that none says anything else than
  before. Whoever takes away all rows of a part, or puts back an earlier state of all of them, is found by
  none of these: see [the threat model](../THREAT_MODEL.md).
- **Twelve years**: `python -m benchmarks.retention_years`, each batch with another seed, lived by 20,000 parts at a
  time. What a run of a million by itself has found stands in [scale.md](scale.md).
"""


def page(state: Mapping[str, Done]) -> str:
    """Return the page."""
    return _HEAD + "".join(_row(each, state.get(each.name, Done())) for each in CAMPAIGNS) + _TAIL


def _row(campaign: Campaign, done: Done) -> str:
    counted = ", ".join(f"{value:,} {name}" for name, value in sorted(done.counted.items()))
    what = f"**{campaign.name}**: {campaign.what}"
    return f"| {what} | {done.rounds:,} | {campaign.rounds:,} | {done.failed} | {counted} |\n"
