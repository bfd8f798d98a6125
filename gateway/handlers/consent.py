"""`GET/POST /<channel>/consent` and `POST /<channel>/ratings`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import orjson
from aiohttp import web
from pydantic import Field

from gateway.channels import GATEWAY, ChannelParts
from gateway.consent_book import ANSWERS, Page, Signed
from gateway.errors import RefusedError
from gateway.handlers.request import (
    address_of,
    channel_of,
    claim_of,
    language_of,
    read_body,
    refuse_other_sites,
    token_headers,
)
from gateway.handlers.schemas import Sent
from gateway.sessions import Claim
from gateway.site_tokens import SiteConsent
from storage.records import ConsentState, Write

_LONGEST_BROWSER: Final = 300


class ConsentBody(Sent):
    """An answer to a consent question, or the word that the AI disclosure was shown."""

    consent: str | None = None
    answer: Literal["given", "refused", "withdrawn"] | None = None
    disclosed: Literal[True] | None = None
    language: str | None = None
    conversation: str | None = None


class SignedBody(Sent):
    """A consent that the controller's site has signed for."""

    token: Annotated[str, Field(min_length=1, max_length=8192)]
    language: str | None = None
    conversation: str | None = None


class RatingBody(Sent):
    """A rating of the bot's last answer."""

    rating: Literal["up", "down"]
    conversation: str | None = None


async def show_consent(request: web.Request) -> web.Response:
    """Say what the notice tells and asks on this channel, and the state of the session's consents."""
    parts = channel_of(request)
    return _page(request, parts, await parts.consent.show(claim_of(request, parts), language_of(request)))


async def answer_consent(request: web.Request) -> web.Response:
    """Record an answer, a withdrawal or a shown disclosure."""
    parts = channel_of(request)
    claim = claim_of(request, parts)
    refuse_other_sites(request, claim)
    body = await read_body(request, ConsentBody)
    claim = _meant(claim, body.conversation)
    language = body.language or language_of(request)
    if body.disclosed and body.consent is None:
        return _page(request, parts, await parts.consent.confirm_disclosure(claim, language))
    if body.consent is None or body.answer is None or body.disclosed is not None:
        raise RefusedError(
            "bad_body", 400, 'Send {"consent": ..., "answer": "given" | "refused" | "withdrawn"} or {"disclosed": true}'
        )
    return _page(request, parts, await parts.consent.answer(claim, body.consent, ANSWERS[body.answer], language))


async def take_signed(request: web.Request) -> web.Response:
    """Record a consent or its revocation that the controller's site has signed for."""
    parts, gateway = channel_of(request), request.app[GATEWAY]
    if parts.site is None:
        raise RefusedError("unknown_path", 404, "This channel takes no signed consents")
    claim = claim_of(request, parts)
    refuse_other_sites(request, claim)
    body = await read_body(request, SignedBody)
    said = parts.site.read(body.token, gateway.clock.now())
    consent = parts.consent.of_template(said.template)
    # A front end's own address says nothing of the customer's.
    seen = said if claim.front_end else said.model_copy(update=_seen(request, said))
    connection = {"address": seen.address} if seen.address else {}
    signed = Signed(said.said_at(), seen.evidence(), connection, said.session)
    answer = ConsentState.GIVEN if said.given else ConsentState.REFUSED
    language = body.language or language_of(request)
    page = await parts.consent.answer(_meant(claim, body.conversation), consent, answer, language, signed)
    return _page(request, parts, page)


def _seen(request: web.Request, said: SiteConsent) -> dict[str, str | None]:
    """Return address and browser of a client that brings the token itself, where the token does not tell."""
    browser = request.headers.get("User-Agent", "")[:_LONGEST_BROWSER]
    return {"address": said.address or address_of(request), "browser": said.browser or browser or None}


async def rate(request: web.Request) -> web.Response:
    """Count a rating as a fact of the session whose token is shown, or that the channel's own front end names."""
    parts, gateway = channel_of(request), request.app[GATEWAY]
    claim = claim_of(request, parts)
    body = await read_body(request, RatingBody)
    now = gateway.clock.now()
    session = await parts.sessions.live(_meant(claim, body.conversation), now)
    if session is None:
        title = "A rating needs its session's token in X-Sordino-Session, or the channel's secret and the conversation"
        raise RefusedError("no_session", 404, title)
    plan = parts.rules.decide(session.consents, disclosed=True).plan
    await gateway.store.write(Write(session.id, plan, now, ratings=(body.rating == "up",)))
    gateway.metrics.ratings.labels(parts.name, body.rating).inc()
    return web.Response(status=204)


def _meant(claim: Claim, conversation: str | None) -> Claim:
    """Return the claim to the conversation that a body names, which only the channel's own front end may do."""
    if conversation is None:
        return claim
    if not claim.front_end:
        title = "A conversation id is taken from a front end with the channel's secret only"
        raise RefusedError("not_the_owner", 403, title)
    return claim.of_conversation(conversation)


def _page(request: web.Request, parts: ChannelParts, page: Page) -> web.Response:
    headers = {"Cache-Control": "no-store"} | token_headers(request, parts, page.token)
    return web.Response(body=orjson.dumps(page.document), content_type="application/json", headers=headers)
