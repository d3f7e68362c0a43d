"""The decorator ``cached`` on functions and coroutine functions."""

import asyncio
import datetime
import inspect

import pytest

from colibris import bridge, cache

calls = []


@pytest.fixture(autouse=True)
def no_calls():
    calls.clear()


@cache.cached(60)
def total(a, b=2, *rest, c=3, **more):
    """Add."""
    calls.append(a)
    return a + b + c


@cache.cached(60)
async def later(a):
    calls.append(a)
    await asyncio.sleep(0)
    return [a]


@cache.cached(60, key='item:{number}:{name}')
def item(number, name):
    calls.append(name)
    return f'{number}{name}'


@cache.cached(60, key=lambda first, second: f'{min(first, second)}-{max(first, second)}')
def distance(first, second):
    calls.append(first)
    return abs(first - second)


class Shop:
    def __init__(self, number):
        self.number = number

    @cache.cached(60, key='shop:{self.number}:{day}')
    def income(self, day):
        calls.append(self.number)
        return self.number

    @cache.cached(60)
    def nothing_tells_it_from_others(self):
        pass

    @staticmethod
    @cache.cached(60)
    def tax(income):
        calls.append(income)
        return income / 5


def test_calls_with_the_same_arguments(backend):
    assert [total(1), total(1, 2), total(a=1), total(1, b=2, c=3)] == [6] * 4
    assert calls == [1]
    assert [total(2), total(1, 3), total(1, c=4), total(1, 2, 5), total(1, x=1)] == [7, 7, 7, 6, 6]
    assert len(calls) == 6
    assert (total.__name__, total.__doc__) == ('total', 'Add.')


def test_types_of_arguments_are_told_apart(backend):
    for argument in [1, 1.0, True, '1', None, b'1', datetime.date(2020, 1, 1), '2020-01-01', (1,), [1]]:
        asyncio.run(later(argument))
    assert len(calls) == 10


async def test_coroutines(backend):
    assert await asyncio.gather(*(later(5) for _ in range(50))) == [[5]] * 50
    assert calls == [5]
    assert inspect.iscoroutinefunction(later)
    await backend.stop()


def test_coroutines_without_a_loop(backend):
    assert [asyncio.run(later(5)), bridge.wait(later(5))] == [[5], [5]]
    assert calls == [5]


def test_keys_of_text_cannot_be_confused(backend):
    assert [item(1, 'b:c'), item('1:b', 'c')] == ['1b:c', '1:bc']
    assert [item(1, '%3A'), item(1, ':')] == ['1%3A', '1:']
    assert item.cache_key(1, 'a/ä') == 'item:1:a%2F%C3%A4'


def test_keys_of_functions(backend):
    assert [distance(1, 3), distance(3, 1)] == [2, 2]
    assert calls == [1]
    assert distance.cache_key(3, 1) == '1-3'


def test_methods(backend):
    assert [Shop(1).income('monday'), Shop(1).income('monday'), Shop(2).income('monday')] == [1, 1, 2]
    assert calls == [1, 2]
    assert [Shop.tax(5), Shop(1).tax(5)] == [1, 1]
    with pytest.raises(TypeError, match=r'Shop.nothing_.* cannot be part of a key: give cached\(\) a key='):
        Shop(1).nothing_tells_it_from_others()


def test_forgetting(backend):
    total(1)
    cache.delete(total.cache_key(1))
    total(1)
    assert calls == [1, 1]


def test_errors_are_not_kept(backend):
    with pytest.raises(TypeError):
        total('a')
    with pytest.raises(TypeError, match='missing a required argument'):
        total()
    assert calls == ['a']


def test_stale(locmem, monkeypatch):
    now = 1000.0
    monkeypatch.setattr('colibris.cache.payload.time.time', lambda: now)
    values = iter([1, 2, 3])

    @cache.cached(60, key='key', stale=60)
    def value():
        seen.append(cache.get('key'))
        return next(values)

    seen = []
    assert value() == 1
    now += 59
    assert value() == 1
    now += 2
    assert value() == 2
    assert value() == 2
    assert seen == [None, 1]


def test_what_cannot_be_decorated():
    def generator():
        yield 1

    async def asynchronous_generator():
        yield 1

    for function in (generator, asynchronous_generator):
        with pytest.raises(TypeError, match='is a generator'):
            cache.cached(60, key='key')(function)
    for something in (Shop, 5, None):
        with pytest.raises(TypeError, match='decorates functions and methods'):
            cache.cached(60, key='key')(something)
    with pytest.raises(TypeError, match='a lifetime must be a number of seconds, or None, not function'):
        cache.cached(generator)


def test_keys_that_cannot_be_right():
    with pytest.raises(ValueError, match=r'local, and others may have the same name: give cached\(\) a key='):
        cache.cached(60)(lambda: 1)
    with pytest.raises(ValueError, match="has no argument 'c', 'd', which key= names"):
        cache.cached(60, key='{a}{c}{d.id}')(lambda a: 1)
    with pytest.raises(ValueError):
        cache.cached(60, key='{')(lambda a: 1)
    with pytest.raises(TypeError, match='key= must be a text or a function, not int'):
        cache.cached(60, key=5)(lambda a: 1)


def test_a_key_that_is_no_text(backend):
    with pytest.raises(TypeError, match='a cache key must be a text, not int'):
        cache.cached(60, key=lambda: 5)(lambda: 1)()
