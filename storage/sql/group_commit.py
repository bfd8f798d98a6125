"""Group commit: what many callers ask for at once is done in one batch, each getting an answer of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from storage.errors import StorageError, StoreUnavailableError

Item = TypeVar("Item")
Result = TypeVar("Result")


class UnforeseenError(StoreUnavailableError):
    """Something went wrong that is neither the database nor known of an item. Callers see its base class."""


class GroupCommit(Generic[Item, Result]):
    """Collects items while a batch is under way and hands them to `run` together, as the next batch."""

    def __init__(
        self, run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | StorageError]]], *, max_batch: int
    ) -> None:
        """Take what does a batch: it returns for each item, in order, its result or its error."""
        self._run = run
        self._max_batch = max_batch
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, item: Item) -> Result:
        """Return the item's result or raise its error. An item once submitted is done even if its caller leaves."""
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future))
        if self._task is None:
            # No TaskGroup: the batch belongs to all callers, none of whom may end it by leaving. `close` awaits it.
            # In no caller's context: what one caller is tied to must not tie the others.
            self._task = loop.create_task(self._drain(), context=Context())
        return await future

    async def close(self) -> None:
        """Take no more, and finish what was taken."""
        self._closed = True
        if self._task is not None:
            await self._task

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._max_batch))]
                _settle(batch, await self._results([item for item, _ in batch]))
        finally:
            self._task = None

    async def _results(self, items: Sequence[Item]) -> Sequence[Result | StorageError]:
        try:
            return await self._run(items)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may be left waiting
            return [_unforeseen(error) for _ in items]


def _settle(batch: Sequence[tuple[object, asyncio.Future[Result]]], results: Sequence[Result | StorageError]) -> None:
    for (_, future), result in zip(batch, results, strict=True):
        if future.done():
            continue
        if isinstance(result, StorageError):
            future.set_exception(result)
        else:
            future.set_result(result)


async def each_alone(
    run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | StorageError]]], items: Sequence[Item]
) -> Sequence[Result | StorageError]:
    """Run a batch; if something in it is at fault, or meets a mistake, run each item by itself: only that one fails.

    A store that can't be reached is nobody's fault: that error is everyone's.
    """
    try:
        return await run(items)
    except StorageError as error:
        if len(items) == 1 or type(error) is StoreUnavailableError:
            return [type(error)(*error.args) for _ in items]
    except Exception as error:  # noqa: BLE001 - what one item comes to by mistake must not fail the others
        if len(items) == 1:
            return [_unforeseen(error)]
    results: list[Result | StorageError] = []
    for item in items:
        results += await each_alone(run, [item])
    return results


def _unforeseen(error: Exception) -> UnforeseenError:
    # Without its text, which may quote what was to be stored.
    return UnforeseenError(f"a batch failed ({type(error).__name__})")
