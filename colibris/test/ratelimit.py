"""Limits in tests, and the tests that every backend that counts passes, for people who write their own."""

import asyncio
from collections.abc import Iterator

import pytest

from colibris.conf.limits import Limit
from colibris.ratelimit import RateLimitBackend
from colibris.ratelimit.memory import MemoryBackend
from colibris.ratelimit.slot import slot

__all__ = ['RateLimitContract', 'nothing_is_counted']

HOUR = 3600


@pytest.fixture(autouse=True)
def nothing_is_counted() -> Iterator[None]:
    """Have each test begin as if nobody had sent a request, and count in memory."""
    with slot.replace(MemoryBackend()):
        yield


class RateLimitContract:
    """Subclass this, and define a fixture ``backend``, which is started and knows no keys.

    .. code-block:: python

        class TestMine(RateLimitContract):
            @pytest.fixture
            async def backend(self):
                backend = MyBackend()
                await backend.start()
                yield backend
                await backend.stop()
    """

    async def test_a_limit_is_used_up(self, backend: RateLimitBackend) -> None:
        """So many hits pass, and no more."""
        limit = Limit(3, HOUR)
        usages = [await backend.hit('key', limit) for _ in range(5)]
        assert [(usage.allowed, usage.remaining) for usage in usages] == [
            (True, 2),
            (True, 1),
            (True, 0),
            (False, 0),
            (False, 0),
        ]
        assert all(usage.limit is limit and 0 < usage.reset <= HOUR for usage in usages)

    async def test_keys_are_counted_apart(self, backend: RateLimitBackend) -> None:
        """Other keys, and the same key under another limit, have a count of their own."""
        for key in ('a', 'b', 'a:b', 'a/b', 'ü \n*'):
            for limit in (Limit(1, HOUR), Limit(1, 2 * HOUR), Limit(2, HOUR)):
                assert (await backend.hit(key, limit)).remaining == limit.amount - 1

    async def test_many_hits_at_once(self, backend: RateLimitBackend) -> None:
        """Of hits at the same time exactly as many pass as may."""
        usages = await asyncio.gather(*(backend.hit('key', Limit(50, HOUR)) for _ in range(120)))
        assert sum(usage.allowed for usage in usages) == 50
        assert min(usage.remaining for usage in usages) == 0

    async def test_the_window_moves(self, backend: RateLimitBackend) -> None:
        """A hit counts no longer when the window has gone by; one that has been refused never did."""
        limit = Limit(1, 1)
        assert (await backend.hit('key', limit)).allowed
        usage = await backend.hit('key', limit)
        while not usage.allowed:
            assert 0 <= usage.reset <= 1
            await asyncio.sleep(usage.reset)
            usage = await backend.hit('key', limit)

    async def test_forgetting(self, backend: RateLimitBackend) -> None:
        """A key that is forgotten may be hit again; the others stay."""
        limit = Limit(1, HOUR)
        for key in ('mine', 'other'):
            await backend.hit(key, limit)
        await backend.clear('mine', limit)
        await backend.clear('never seen', limit)
        assert (await backend.hit('mine', limit)).allowed
        assert not (await backend.hit('other', limit)).allowed

    async def test_cancelled_hits_do_no_harm(self, backend: RateLimitBackend) -> None:
        """Callers that leave in the middle, as clients do, neither break the count nor get others' answers."""
        limit = Limit(1000, HOUR)
        hits = [asyncio.ensure_future(backend.hit('busy', limit)) for _ in range(60)]
        for number, hit in enumerate(hits):
            asyncio.get_running_loop().call_later(number / 10_000, hit.cancel)
        await asyncio.gather(*hits, return_exceptions=True)
        usages = [await backend.hit('calm', Limit(5, HOUR)) for _ in range(6)]
        assert [usage.remaining for usage in usages] == [4, 3, 2, 1, 0, 0]
