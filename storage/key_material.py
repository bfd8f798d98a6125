"""Key material in memory, which is never shown and never leaves the process."""

from __future__ import annotations


class SecretBytes:
    """Key material in memory: refuses printing and pickling."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        """Take the bytes."""
        self._value = value

    def reveal(self) -> bytes:
        """Return the bytes, for use in a cipher or a MAC only."""
        return self._value

    def __repr__(self) -> str:
        """Say nothing of the value."""
        return "SecretBytes(...)"

    def __reduce__(self) -> str:
        """Refuse to be pickled or copied."""
        msg = "key material can't be pickled"
        raise TypeError(msg)
