"""Who may do what on the internal listener: `roles` and their `table`, `people` who show a token or a cookie."""

from gateway.access.people import BOOTSTRAP, COMMAND_LINE, NOBODYS, PERSON, Doors, Person, read_secret, written_secret
from gateway.access.roles import Role
from gateway.access.table import TABLE, Entry, entry_for

__all__ = [
    "BOOTSTRAP",
    "COMMAND_LINE",
    "NOBODYS",
    "PERSON",
    "TABLE",
    "Doors",
    "Entry",
    "Person",
    "Role",
    "entry_for",
    "read_secret",
    "written_secret",
]
