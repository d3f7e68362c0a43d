"""Keys of any text, each with an entry of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibris import cache
from colibris.cache.keys import Keys
from colibris.cache.locmem import LocMemBackend
from colibris.cache.redis import RedisBackend
from colibris.cache.slot import slot
from colibris.errors import ConfigurationError

keys = Keys('shop', 1)


def test_plain_keys_can_be_read():
    assert keys.make('user:1') == 'shop:1:user:1'
    assert keys.make('ä b') == 'shop:1:ä b'


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_becomes_a_short_one_that_can_be_printed(text):
    made = keys.make(text)
    assert made.isprintable()
    assert len(made.encode()) <= 210


@pytest.mark.parametrize('text', ['x' * 201, '\0', '#1', '{', '}', '\ud800'])
def test_other_keys_are_hashed(text):
    made = keys.make(text)
    assert made.startswith('shop:1:#')
    assert len(made) == len('shop:1:#') + 64
    assert keys.make(made.removeprefix('shop:1:')) != made, 'one that looks like a hash'


@pytest.mark.parametrize('key', [None, 5, b'a', ['a'], True])
def test_what_is_no_text(locmem, key):
    calls = [
        lambda: cache.get(key),
        lambda: cache.get_many([key]),
        lambda: cache.set(key, 1),
        lambda: cache.set_many({str(key): 1} | ({key: 1} if not isinstance(key, list) else {}) or {}),
        lambda: cache.add(key, 1),
        lambda: cache.incr(key),
        lambda: cache.touch(key),
        lambda: cache.delete(key),
        lambda: cache.get_or_set(key, int),
    ]
    del calls[3 : 3 + isinstance(key, list)]
    for call in calls:
        with pytest.raises(TypeError, match=f'a cache key must be a text, not {type(key).__name__}'):
            call()


@pytest.mark.parametrize('prefix', ['', 'a:b', 'a*', 'ä', 'a b', 5, b'a'])
def test_wrong_prefixes(prefix):
    with pytest.raises(ConfigurationError, match=r'the prefix .* must be made of letters, digits'):
        LocMemBackend(prefix=prefix)


@pytest.mark.parametrize('version', ['1', 1.0, None, True])
def test_wrong_versions(version):
    with pytest.raises(ConfigurationError, match=r'the version .* must be a whole number'):
        LocMemBackend(version=version)


def test_the_prefix_is_the_projects_name(project):
    name = project(settings="CACHE = {'backend': 'colibris.cache.locmem.LocMemBackend'}")
    assert cache.get_backend().keys.make('a') == f'{name}:1:a'


def test_prefixes_and_versions_are_apart(redis_url, client):
    backends = [
        RedisBackend(url=redis_url, timeout=20, prefix=prefix, version=version)
        for prefix, version in [('shop', 1), ('shop', 2), ('shop2', 1), ('sho', 1)]
    ]
    for number, backend in enumerate(backends):
        with slot.replace(backend):
            cache.set('key', number)
    for number, backend in enumerate(backends):
        with slot.replace(backend):
            assert cache.get('key') == number
    client.set('foreign', 1)
    with slot.replace(backends[0]):
        cache.clear()
    assert set(client.keys()) == {b'shop2:1:key', b'sho:1:key', b'foreign'}
