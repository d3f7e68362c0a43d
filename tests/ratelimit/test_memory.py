"""Memory is bounded, and the window moves."""

import pytest

from colibris.conf.limits import Limit
from colibris.errors import ConfigurationError
from colibris.ratelimit import memory
from colibris.ratelimit.memory import MemoryBackend


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(memory, 'time', clock)
    return clock


async def test_no_window_holds_more_than_the_limit(clock):
    backend, limit, passed = MemoryBackend(), Limit(5, 10), []
    for _ in range(300):
        clock.now += 0.37
        if (await backend.hit('key', limit)).allowed:
            passed.append(clock.now)
    assert all(sum(start < hit <= start + 10 for hit in passed) <= 5 for start in passed)
    assert len(passed) >= 300 * 0.37 / 10 * 5 - 5


async def test_reset_is_when_there_is_room_again(clock):
    backend, limit = MemoryBackend(), Limit(2, 10)
    await backend.hit('key', limit)
    clock.now += 4
    assert (await backend.hit('key', limit)).reset == 6
    clock.now += 5.9
    assert not (await backend.hit('key', limit)).allowed
    clock.now += 0.1
    usage = await backend.hit('key', limit)
    assert (usage.allowed, usage.remaining, usage.reset) == (True, 0, 4)


async def test_hostile_keys_fill_no_more_than_the_bound():
    backend, limit = MemoryBackend(max_hits=10_000), Limit(3, 3600)
    await backend.hit('idle', limit)
    for number in range(25_000):
        await backend.hit(f'key {number}', limit)
        await backend.hit('busy', Limit(10_000, 3600))
    remembered = backend._hits
    assert sum(map(len, remembered.values())) == backend._count <= 10_000
    assert ('busy', 10_000, 3600) in remembered, 'what is in use is kept'
    assert ('idle', 3, 3600) not in remembered


async def test_a_refused_flood_on_one_key_takes_no_memory():
    backend, limit = MemoryBackend(), Limit(10, 3600)
    for _ in range(10_000):
        await backend.hit('key', limit)
    assert backend._count == 10


@pytest.mark.parametrize('wrong', [0, 9_999, 'many', None, 1e6])
def test_wrong_bound(wrong):
    with pytest.raises(ConfigurationError, match="'max_hits' must be a whole number from 10000"):
        MemoryBackend(max_hits=wrong)
