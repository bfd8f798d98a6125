"""Every endpoint of the internal listener with the roles that may use it. What is not in here is closed to all.

`docs/access.md` shows this table; a test holds both together, and another tries every role on every endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.access.roles import Role

_AGENT, _AUDITOR, _ADMIN, _DPO = Role.AGENT, Role.AUDITOR, Role.ADMIN, Role.DPO
_ALL: Final = frozenset(Role)
_CONTENT: Final = frozenset({_AGENT, _DPO})
_DECIDES: Final = frozenset({_DPO})
_FIGURES: Final = frozenset({_AUDITOR, _ADMIN, _DPO})
_HOLDS: Final = frozenset({_AGENT, _AUDITOR, _DPO})
_RUNS: Final = frozenset({_ADMIN, _DPO})


@dataclass(frozen=True, slots=True)
class Entry:
    """An endpoint. `roles` is None where nobody has to be signed in."""

    method: str
    path: str
    roles: frozenset[Role] | None
    what: str

    @property
    def is_page(self) -> bool:
        """Whether it belongs to the pages of the desk rather than to the JSON API."""
        return self.path.startswith("/desk")


TABLE: Final = (
    Entry("GET", "/metrics", None, "metrics for Prometheus"),
    Entry("GET", "/health/live", None, "whether the process lives"),
    Entry("GET", "/health/ready", None, "whether it can serve"),
    Entry("GET", "/openapi.json", None, "this API as an OpenAPI document"),
    Entry("GET", "/overview", _FIGURES, "figures: promises, what expires, parts by purpose, consents, keys, ledger"),
    Entry("GET", "/sessions", _CONTENT, "list sessions, without content"),
    Entry("GET", "/sessions/{id}", _CONTENT, "read a session for a purpose"),
    Entry("GET", "/sessions/{id}/recording", _CONTENT, "hear a recording for a purpose"),
    Entry("PUT", "/sessions/{id}/recording/silence", _CONTENT, "say what is silent in a recording"),
    Entry("POST", "/sessions/{id}/events", _CONTENT, "record what starts a period"),
    Entry("GET", "/sessions/{id}/retention", _CONTENT, "show a session's holds and restrictions"),
    Entry("POST", "/sessions/{id}/holds", _DECIDES, "place a hold"),
    Entry("POST", "/sessions/{id}/holds/{item}", _DECIDES, "give a hold its next review date"),
    Entry("POST", "/sessions/{id}/holds/{item}/releases", _DECIDES, "ask for the release of a hold (four eyes)"),
    Entry("POST", "/sessions/{id}/restrictions", _CONTENT, "restrict a session"),
    Entry("POST", "/sessions/{id}/restrictions/{item}/liftings", _DECIDES, "ask for a restriction to end (four eyes)"),
    Entry("POST", "/sessions/{id}/objections", _CONTENT, "enter an objection"),
    Entry("POST", "/sessions/{id}/objections/{item}", _DECIDES, "decide an objection"),
    Entry("POST", "/sessions/{id}/ended-purposes", _DECIDES, "end a purpose for a session"),
    Entry("POST", "/sessions/{id}/erasure", _DECIDES, "erase a session at its customer's request"),
    Entry("POST", "/sessions/{id}/exports", _CONTENT, "ask for an export outside a request (four eyes)"),
    Entry("GET", "/requests", _CONTENT, "list requests of data subjects, without what they say"),
    Entry("GET", "/requests/{id}", _CONTENT, "show a request, what it says and who was told"),
    Entry("POST", "/requests/{id}/attestations", _CONTENT, "say that the identity is proven (two people)"),
    Entry("POST", "/requests/{id}/sessions", _DECIDES, "include those linked sessions that are the person's"),
    Entry("POST", "/requests/{id}/answer", _DECIDES, "answer a request, an objection with a verdict"),
    Entry("POST", "/requests/{id}/extension", _DECIDES, "extend the time of a request, with a reason"),
    Entry("POST", "/requests/{id}/refusal", _DECIDES, "refuse a request, with a reason or the notice's sentence"),
    Entry("POST", "/requests/{id}/messages/{item}", _CONTENT, "note that a recipient has confirmed a message"),
    Entry("GET", "/holds", _HOLDS, "list holds"),
    Entry("GET", "/restrictions", _HOLDS, "list restrictions and open objections"),
    Entry("GET", "/notice", _ALL, "the notice in force"),
    Entry("POST", "/notice/plan", _RUNS, "what a new notice changes; begins to count what it would shorten"),
    Entry("GET", "/notice/plans/{plan}", _RUNS, "what a new notice changes and would shorten, as far as counted"),
    Entry("POST", "/notice/shortenings", _RUNS, "ask for periods to be shortened by a plan (four eyes)"),
    Entry("GET", "/keys", _FIGURES, "versions of the root key and epoch keys, never a key"),
    Entry("POST", "/keys/destructions", _RUNS, "ask for a version of the root key to be destroyed (four eyes)"),
    Entry("GET", "/ledger", _FIGURES, "the ledger's figures and its public key"),
    Entry("GET", "/receipts", _FIGURES, "the newest receipts"),
    Entry("GET", "/receipts/{part}", _FIGURES, "a receipt with its proof"),
    Entry("GET", "/tokens", _RUNS, "list tokens, without their secrets"),
    Entry("POST", "/tokens", _RUNS, "create a token; nobody gives a role that they do not have"),
    Entry("DELETE", "/tokens/{item}", _RUNS, "revoke a token"),
    Entry("GET", "/approvals", _ALL, "what needs, or needed, a second person"),
    Entry("POST", "/approvals/{item}", _ALL, "approve or refuse, as a role that may; take back what one asked for"),
    Entry("GET", "/approvals/{item}/export", _CONTENT, "fetch an approved export, once, as who asked for it"),
    Entry("GET", "/", None, "leads to the desk"),
    Entry("GET", "/desk/static/{name}", None, "the style sheet"),
    Entry("GET", "/desk/sign-in", None, "the page to sign in"),
    Entry("POST", "/desk/sign-in", None, "sign in with a token"),
    Entry("GET", "/desk/sign-in/provider", None, "go to the identity provider"),
    Entry("GET", "/desk/sign-in/return", None, "come back from the identity provider"),
    Entry("POST", "/desk/sign-out", _ALL, "sign out"),
    Entry("POST", "/desk/language", None, "choose the language"),
    Entry("GET", "/desk", _ALL, "overview, or the first page that the role may open"),
    Entry("GET", "/desk/overview", _FIGURES, "overview"),
    Entry("GET", "/desk/sessions", _CONTENT, "list sessions"),
    Entry("GET", "/desk/sessions/{id}", _CONTENT, "ask for which purpose a session is opened"),
    Entry("POST", "/desk/sessions/{id}", _CONTENT, "open a session for a purpose, which the ledger records"),
    Entry("POST", "/desk/sessions/{id}/exports", _CONTENT, "ask for an export (four eyes)"),
    Entry("POST", "/desk/sessions/{id}/holds", _DECIDES, "place a hold"),
    Entry("POST", "/desk/sessions/{id}/restrictions", _CONTENT, "restrict a session"),
    Entry("GET", "/desk/requests", _CONTENT, "requests of data subjects and their clocks"),
    Entry("GET", "/desk/requests/{id}", _CONTENT, "a request, what it says and who was told"),
    Entry("POST", "/desk/requests/{id}/attest", _CONTENT, "say that the identity is proven (two people)"),
    Entry("POST", "/desk/requests/{id}/include", _DECIDES, "include those linked sessions that are the person's"),
    Entry("POST", "/desk/requests/{id}/answer", _DECIDES, "answer a request, an objection with a verdict"),
    Entry("POST", "/desk/requests/{id}/extend", _DECIDES, "extend the time of a request, with a reason"),
    Entry("POST", "/desk/requests/{id}/refuse", _DECIDES, "refuse a request, with a reason or the notice's sentence"),
    Entry("POST", "/desk/requests/{id}/acknowledge", _CONTENT, "note that a recipient has confirmed a message"),
    Entry("GET", "/desk/holds", _HOLDS, "holds and restrictions"),
    Entry("POST", "/desk/holds/review", _DECIDES, "give a hold its next review date"),
    Entry("POST", "/desk/holds/release", _DECIDES, "ask for the release of a hold (four eyes)"),
    Entry("POST", "/desk/holds/lift", _DECIDES, "ask for a restriction to end (four eyes)"),
    Entry("GET", "/desk/consents", _FIGURES, "consents over time"),
    Entry("GET", "/desk/notice", _ALL, "the notice in force"),
    Entry("GET", "/desk/notice/change", _RUNS, "the form for a new notice"),
    Entry("POST", "/desk/notice/change", _RUNS, "begin to count what a new notice would shorten"),
    Entry("GET", "/desk/notice/plans/{plan}", _RUNS, "what a new notice changes and would shorten, as far as counted"),
    Entry("POST", "/desk/notice/shortenings", _RUNS, "ask for periods to be shortened by a plan (four eyes)"),
    Entry("GET", "/desk/keys", _FIGURES, "keys"),
    Entry("POST", "/desk/keys/destructions", _RUNS, "ask for a version to be destroyed (four eyes)"),
    Entry("GET", "/desk/ledger", _FIGURES, "ledger and receipts"),
    Entry("GET", "/desk/tokens", _RUNS, "people and tokens"),
    Entry("POST", "/desk/tokens", _RUNS, "create a token"),
    Entry("POST", "/desk/tokens/revoke", _RUNS, "revoke a token"),
    Entry("GET", "/desk/approvals", _ALL, "what needs a second person"),
    Entry("POST", "/desk/approvals", _ALL, "approve, refuse, or take back"),
)

_BY_ROUTE: Final = {(entry.method, entry.path): entry for entry in TABLE}


def entry_for(method: str, path: str) -> Entry | None:
    """Return the entry of a route, its path as the router has it; HEAD is looked up as GET."""
    return _BY_ROUTE.get(("GET" if method == "HEAD" else method, path))


def documented() -> str:
    """Return the table as Markdown, for `docs/access.md`."""
    lines = [f"| endpoint | {' | '.join(Role)} | what |", f"| --- |{' --- |' * len(Role)} --- |"]
    for entry in TABLE:
        marks = ("open" if entry.roles is None else "yes" if role in entry.roles else "" for role in Role)
        lines.append(f"| `{entry.method} {entry.path}` | {' | '.join(marks)} | {entry.what} |")
    return "\n".join(lines) + "\n"
