"""The tests that every cache backend has to pass."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from colibris import bridge, cache
from colibris.cache.slot import slot

__all__ = ['CacheBackendContract']

LONG = 60
SHORT = 0.05
MANY = 100
LARGEST = 2**63 - 1


class CacheBackendContract:
    """The tests of the contract. A subclass brings a fixture ``backend``: an empty one.

    Each test runs in a thread without an event loop, and again in a driven coroutine of one::

        class TestMine(CacheBackendContract):
            @pytest.fixture
            def backend(self):
                return MyBackend()
    """

    @pytest.fixture(params=['plain', 'driven'])
    def call(self, request: pytest.FixtureRequest, backend: cache.CacheBackend) -> Iterator[Callable[..., Any]]:
        """Calls a plain function where there is no event loop, and where there is one."""

        def call(function: Callable[..., Any]) -> Any:
            return function() if request.param == 'plain' else asyncio.run(bridge.run(function))

        with slot.replace(backend):
            yield call
        bridge.wait(backend.stop())

    def test_values(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            assert cache.get('key') is None
            assert cache.get('key', default='other') == 'other'
            cache.set('key', {'a': [1, None]}, lifetime=LONG)
            assert cache.get('key', default='other') == {'a': [1, None]}
            cache.set('key', None)
            assert cache.get('key', default='other') is None
            cache.delete('key')
            cache.delete('key')
            assert cache.get('key', default='other') == 'other'

        call(check)

    def test_several_values(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            names = [f'key {number}' for number in range(MANY)]
            cache.set_many({name: name for name in names}, lifetime=LONG)
            assert cache.get_many([*names, 'other']) == {name: name for name in names}
            cache.set_many({})
            assert cache.get_many([]) == {}

        call(check)

    @pytest.mark.parametrize('key', ['', ' \n\0', 'ä😀', 'x' * 100_000, '\udfff', '*', '{a}{b}', 'a:b', '#'])
    def test_keys(self, call: Callable[..., Any], key: str) -> None:
        def check() -> None:
            cache.set(key, 'found')
            cache.set(f'{key}.', 'other')
            assert cache.get(key) == 'found'
            assert cache.get_many([key]) == {key: 'found'}
            assert cache.get_or_set(key, lambda: 'computed') == 'found'
            cache.delete(key)
            assert cache.get(key) is None
            assert cache.get(f'{key}.') == 'other'

        call(check)

    def test_lifetimes(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            cache.set('set', 1, lifetime=SHORT)
            cache.set_many({'set_many': 1}, lifetime=SHORT)
            cache.add('add', 1, lifetime=SHORT)
            cache.incr('incr', lifetime=SHORT)
            cache.get_or_set('get_or_set', lambda: 1, SHORT)
            names = ['set', 'set_many', 'add', 'incr', 'get_or_set']
            eventually(lambda: cache.get_many(names) == {})
            assert cache.add('add', 2)
            assert cache.incr('incr', 5) == 5

        call(check)

    def test_replaced_lifetime(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            cache.set('key', 1, lifetime=SHORT)
            cache.set('key', 2)
            cache.set('clock', 1, lifetime=SHORT)
            eventually(lambda: cache.get('clock') is None)
            assert cache.get('key') == 2
            cache.set('key', 3, lifetime=0)
            assert cache.get('key') is None

        call(check)

    def test_touch(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            assert not cache.touch('kept')
            assert not cache.touch('kept', LONG)
            cache.set_many({'kept': 1, 'kept for ever': 1}, lifetime=LONG)
            cache.set('gone', 1)
            assert cache.touch('kept', LONG)
            assert cache.touch('kept for ever')
            assert cache.touch('gone', SHORT)
            eventually(lambda: cache.get('gone') is None)
            assert cache.get_many(['kept', 'kept for ever']) == {'kept': 1, 'kept for ever': 1}
            assert cache.touch('kept', 0)
            assert cache.get('kept') is None

        call(check)

    def test_add(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            assert cache.add('key', 1)
            assert not cache.add('key', 2)
            assert cache.get('key') == 1

        call(check)

    def test_incr(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            assert [cache.incr('key'), cache.incr('key', 5), cache.incr('key', -10)] == [1, 6, -4]
            assert cache.get('key') == -4
            cache.set('key', 41)
            assert cache.incr('key', lifetime=SHORT) == 42
            cache.set('clock', 1, lifetime=2 * SHORT)
            eventually(lambda: cache.get('clock') is None)
            assert cache.get('key') == 42

        call(check)

    @pytest.mark.parametrize('value', ['7', 1.0, [1], True, LARGEST, LARGEST + 1, None, b'1'])
    def test_incr_of_something_else(self, call: Callable[..., Any], value: Any) -> None:
        def check() -> None:
            cache.set('key', value)
            with pytest.raises(cache.NotANumber, match=r"incr\('key', 1\): .* whole number"):
                cache.incr('key')
            assert cache.get('key') == value
            assert cache.incr('other') == 1

        call(check)

    def test_clear(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            cache.set_many({f'key {number}': number for number in range(3 * MANY)})
            cache.clear()
            assert cache.get_many([f'key {number}' for number in range(3 * MANY)]) == {}
            cache.clear()

        call(check)

    def test_get_or_set(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            assert cache.get_or_set('key', lambda: 'first', LONG) == 'first'
            assert cache.get_or_set('key', lambda: 'second', LONG) == 'first'
            assert cache.get('key') == 'first'
            with pytest.raises(ZeroDivisionError):
                cache.get_or_set('other', lambda: 1 // 0)
            assert cache.get_or_set('other', lambda: 'kept') == 'kept'

        call(check)

    def test_concurrent_misses(self, backend: cache.CacheBackend) -> None:
        computed: list[int] = []

        async def compute() -> str:
            computed.append(1)
            await asyncio.sleep(SHORT)
            return 'value'

        async def read() -> list[str]:
            calls = (bridge.run(cache.get_or_set, 'key', compute, LONG) for _ in range(MANY))
            return list(await asyncio.gather(*calls))

        with slot.replace(backend):
            assert asyncio.run(read()) == ['value'] * MANY
        assert len(computed) == 1

    def test_threads(self, backend: cache.CacheBackend) -> None:
        start = Barrier(10)
        computed: list[int] = []

        def work(number: int) -> Any:
            start.wait()
            for _ in range(10):
                cache.incr('count')
            return cache.add('added', number), cache.get_or_set('computed', lambda: computed.append(1))

        with slot.replace(backend), ThreadPoolExecutor(10) as executor:
            results = list(executor.map(work, range(10)))
            assert cache.get('count') == 100
        bridge.wait(backend.stop())
        assert sum(is_added for is_added, _ in results) == 1
        assert len(computed) == 1

    def test_stale(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            assert cache.get_or_set('key', lambda: 'old', SHORT, stale=LONG) == 'old'
            seen: list[str] = []

            def refresh() -> str:
                seen.append(cache.get_or_set('key', lambda: 'never', SHORT, stale=LONG))
                return 'new'

            eventually(lambda: cache.get_or_set('key', refresh, LONG, stale=LONG) == 'new')
            assert seen == ['old']
            assert cache.get('key') == 'new'

        call(check)

    def test_leases(self, call: Callable[..., Any], backend: cache.CacheBackend) -> None:
        def check() -> None:
            key = backend.keys.make('key')
            assert backend.lease(key, 'mine', LONG)
            assert not backend.lease(key, 'yours', LONG)
            backend.give_up(key, 'yours')
            assert not backend.lease(key, 'yours', LONG)
            backend.give_up(key, 'mine')
            assert backend.lease(key, 'yours', LONG)
            assert backend.fulfil(key, 'yours', b'1', LONG)
            assert backend.get(key) == b'1'
            assert backend.lease(key, 'mine', SHORT)
            eventually(lambda: backend.lease(key, 'yours', LONG))
            assert backend.fulfil(key, 'mine', b'2', None)
            assert not backend.lease(key, 'mine', LONG)
            assert backend.fulfil(key, 'yours', b'3', LONG)
            assert backend.get(key) == b'3'

        call(check)

    def test_deletion_during_a_lease(self, call: Callable[..., Any], backend: cache.CacheBackend) -> None:
        def check() -> None:
            key = backend.keys.make('key')
            assert backend.lease(key, 'early', LONG)
            backend.delete(key)
            assert not backend.fulfil(key, 'early', b'old', LONG)
            assert backend.lease(key, 'late', LONG)
            assert not backend.fulfil(key, 'early', b'old', LONG)
            assert backend.get(key) is None
            assert not backend.lease(key, 'other', LONG)
            assert backend.fulfil(key, 'late', b'new', LONG)
            assert backend.get(key) == b'new'

        call(check)

    def test_deletion_during_a_computation(self, call: Callable[..., Any]) -> None:
        def check() -> None:
            def compute() -> str:
                cache.delete('key')
                return 'outdated'

            assert cache.get_or_set('key', compute, LONG) == 'outdated'
            assert cache.get('key') is None
            assert cache.get_or_set('key', lambda: 'current', LONG) == 'current'
            assert cache.get('key') == 'current'

        call(check)

    def test_connectivity(self, call: Callable[..., Any]) -> None:
        assert call(cache.connectivity_check)


def eventually(is_true: Callable[[], Any]) -> None:
    """Wait until something is true.

    :raises AssertionError: it does not become so.
    """
    for _ in range(1000):
        if is_true():
            return
        _pause()
    raise AssertionError('it does not happen')


def _pause() -> None:
    if bridge.is_loop_running():
        bridge.wait(asyncio.sleep(SHORT / 5))
    else:
        Event().wait(SHORT / 5)
