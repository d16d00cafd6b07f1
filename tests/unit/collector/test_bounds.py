"""Room is never given out twice, and whoever waits for it gets it in the end."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from collector.bounds import AsyncRoom, Room

LIMIT = 100
SIZES = [60, 60, 10, 30, 300, 10, 90, 5, 99]
"""One is larger than the limit: it has the room for itself."""


class Ledger:
    """What is held now, and the most that ever was beside something else."""

    def __init__(self) -> None:
        self.held: list[int] = []
        self.most = 0
        self.done: list[int] = []

    def enter(self, size: int) -> None:
        self.held.append(size)
        if len(self.held) > 1:
            self.most = max(self.most, sum(self.held))

    def leave(self, size: int) -> None:
        self.held.remove(size)
        self.done.append(size)


def test_threads_wait_for_room():
    room, ledger, gate = Room(LIMIT), Ledger(), threading.Lock()

    def work(size: int) -> None:
        with room.hold(size):
            with gate:
                ledger.enter(size)
            threading.Event().wait(0.01)
            with gate:
                ledger.leave(size)

    with ThreadPoolExecutor(len(SIZES)) as threads:
        list(threads.map(work, SIZES))
    assert sorted(ledger.done) == sorted(SIZES)
    assert ledger.most <= LIMIT


def test_tasks_wait_for_room():
    room, ledger = AsyncRoom(LIMIT), Ledger()

    async def work(size: int) -> None:
        async with room.hold(size):
            ledger.enter(size)
            await asyncio.sleep(0.01)
            ledger.leave(size)

    async def run() -> None:
        await asyncio.gather(*map(work, SIZES))

    asyncio.run(run())
    assert sorted(ledger.done) == sorted(SIZES)
    assert ledger.most <= LIMIT


def test_a_task_that_gives_up_or_fails_leaves_its_room_to_others():
    room = AsyncRoom(LIMIT)

    async def run() -> None:
        async with room.hold(60):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(room.hold(60).__aenter__(), 0.01)
        with pytest.raises(ValueError, match="failed"):
            async with room.hold(LIMIT):
                raise ValueError("failed")
        async with room.hold(LIMIT):
            pass

    asyncio.run(asyncio.wait_for(run(), 10))
