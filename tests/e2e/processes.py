"""What the kernel knows of the processes that a test has started (`man 5 proc`)."""

from __future__ import annotations

from pathlib import Path


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that are not over."""
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return [one for one in found if not is_over(one)]


def core_bytes(pid: int) -> list[str]:
    """Return how large a core dump of a process may be, and how large it may make it."""
    limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
    (most,) = (line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size"))
    return most


def is_over(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
