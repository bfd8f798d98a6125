"""Tells recipients what they are to be told (Art. 19), and sends letters, again and again until they are taken.

Waits grow from a minute to six hours; after three weeks a message is given up and counted, so that people see to it.
Where two messages in a row did not arrive, the recipient's others wait for the next round, too. Letters to people go to
many mailboxes, of which some may be wrong: those that such a pair has kept waiting go before it then.
An address that answers 2xx has acknowledged; a mail is told, and its acknowledgement is written down at the desk.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from gateway.clock import Clock
from gateway.errors import RefusedError
from gateway.logs import LOGGER, place_of
from gateway.metrics import Metrics
from gateway.notice.model import Notice
from gateway.rights.letters import Courier, Letter, post_signed
from storage.errors import KeyUnavailableError, RequestRefusedError, SealBrokenError, StoreUnavailableError
from storage.requests import SENDER, Message, MessageState
from storage.store import SessionStore

WEB: Final = ("http://", "https://")
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
_PASSED_OVER: Final = timedelta(seconds=15)
_AWAY_AFTER: Final = 2
GIVEN_UP_AFTER: Final = timedelta(days=21)


def next_try(message: Message, now: datetime) -> datetime | None:
    """Return when a message that has just failed is tried again; None if it is given up."""
    if now - message.made_at >= GIVEN_UP_AFTER:
        return None
    doublings = min(message.attempts, 12)
    wait: timedelta = _FIRST_WAIT * (1 << doublings)
    return now + min(wait, _LONGEST_WAIT)


class Letters(Protocol):
    """Writes to who has sent a request."""

    async def deliver(self, request_id: UUID, content: str) -> None:
        """Send a letter, and do what waits for it. Raises RefusedError (503)."""

    async def give_back(self, request_id: UUID) -> None:
        """Do what waits for a letter that can't be delivered."""


class Outbox:
    """Sends what waits."""

    def __init__(
        self,
        notice: Notice,
        store: SessionStore,
        courier: Courier | None,
        secret: str,
        letters: Letters,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        """Take what knows the recipients, where messages wait, and what brings, signs and writes them."""
        self._letters = letters
        self._addresses = {
            notice.wording(each.name, None): each.inform for each in notice.recipients if each.inform is not None
        }
        self._controller = notice.controller.name
        self._language = notice.language
        self._store = store
        self._courier = courier
        self._secret = secret
        self._metrics = metrics
        self._clock = clock

    async def once(self) -> int:
        """Try every message whose time has come; returns how many were taken."""
        taken, failed = 0, Counter[str]()
        for message in await self._store.requests.waiting(self._clock.now()):
            if failed[message.recipient] >= _AWAY_AFTER:
                await self._pass_over(message)  # the others wait for no address that does not answer
                continue
            with contextlib.suppress(RequestRefusedError):  # the request has expired meanwhile, or changes as we look
                arrived = await self._try(message)
                taken += arrived is True
                failed[message.recipient] += arrived is False
        return taken

    async def _try(self, message: Message) -> bool | None:
        """Send a message; tells whether it arrived, None where that is not its recipient's doing."""
        address = self._addresses.get(message.recipient, "")
        try:
            state = await self._send(message, address)
        except (RefusedError, SealBrokenError) as error:
            await self._failed(message)
            return None if isinstance(error, SealBrokenError) else False  # its request's record was altered
        except (RequestRefusedError, StoreUnavailableError, KeyUnavailableError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one message, the others go on
            LOGGER.error("a message failed", extra={"error": type(error).__name__, "where": place_of(error)})
            await self._failed(message)
            return None
        self._metrics.outbox_attempts.labels("taken").inc()
        await self._store.requests.settle(message.id, state)
        return True

    async def _failed(self, message: Message) -> None:
        self._metrics.outbox_attempts.labels("failed").inc()
        await self._put_off(message)

    async def _pass_over(self, message: Message) -> None:
        """Leave a message for another round. Each letter has a mailbox of its own, which is tried before it is late."""
        if message.recipient == SENDER:
            retry_at = self._clock.now() + _PASSED_OVER
            await self._store.requests.settle(message.id, MessageState.WAITING, retry_at=retry_at)
        else:
            await self._put_off(message)

    async def _put_off(self, message: Message) -> None:
        retry_at = next_try(message, self._clock.now())
        state = MessageState.WAITING if retry_at is not None else MessageState.GIVEN_UP
        if state is MessageState.GIVEN_UP and message.recipient == SENDER:
            with contextlib.suppress(SealBrokenError):  # nobody knows any more what waits for it
                await self._letters.give_back(message.request_id)  # its person was told on the page
        await self._store.requests.settle(message.id, state, retry_at=retry_at)

    async def _send(self, message: Message, address: str) -> MessageState:
        if message.recipient == SENDER:
            await self._letters.deliver(message.request_id, message.content)
            return MessageState.TOLD
        if address.startswith(WEB):
            document = {"id": str(message.id), **json.loads(message.content)}
            body = json.dumps(document, ensure_ascii=False).encode()
            await post_signed(address, body, self._secret)
            return MessageState.ACKNOWLEDGED
        if self._courier is None or not self._courier.reaches(address):
            raise RefusedError("no_way", 503, "There is no way to this recipient")
        subject = f"{self._controller}: Art. 19 GDPR ({message.id})"
        letter = Letter(address, "recipient", self._language, subject, message.content, {"id": str(message.id)})
        await self._courier.send(letter)
        return MessageState.TOLD
