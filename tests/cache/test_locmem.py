"""The memory that LocMemBackend takes has bounds."""

import pytest

from colibris.cache.locmem import LocMemBackend
from colibris.errors import ConfigurationError


def kept(backend, keys):
    return [key for key in keys if key in backend.get_many(keys)]


def test_those_used_longest_ago_make_room_for_new_ones():
    backend = LocMemBackend(max_entries=3)
    for key in 'abc':
        backend.set(key, b'1', None)
    backend.get('a')
    backend.set('d', b'1', None)
    assert kept(backend, 'abcd') == ['a', 'c', 'd']
    backend.set('a', b'2', None)
    backend.add('e', b'1', None)
    assert kept(backend, 'acde') == ['a', 'd', 'e']


def test_bytes():
    backend = LocMemBackend(max_bytes=10_000)
    for number in range(100):
        backend.set(f'key {number}', bytes(1000), None)
    assert kept(backend, [f'key {number}' for number in range(100)]) == [f'key {number}' for number in range(91, 100)]
    backend.set('key 99', b'', None)
    backend.delete('key 98')
    for number in range(2):
        backend.set(f'new {number}', bytes(800), None)
    assert 'key 92' in backend.get_many(['key 92'])


def test_a_value_that_is_too_large_drives_out_nothing_else():
    backend = LocMemBackend(max_bytes=10_000)
    backend.set('a', b'1', None)
    backend.set('b', b'old', None)
    backend.set('b', bytes(20_000), None)
    assert backend.get_many(['a', 'b']) == {'a': b'1'}


def test_cleared_memory_is_free_again():
    backend = LocMemBackend(max_bytes=2000)
    backend.set('a', bytes(1000), None)
    backend.clear()
    backend.set('b', bytes(1000), None)
    backend.set('c', bytes(500), None)
    assert kept(backend, 'bc') == ['b', 'c']


def test_values_are_not_shared_with_their_callers(locmem):
    from colibris import cache

    value = [1]
    cache.set('key', value)
    value.append(2)
    cache.get('key').append(3)
    assert cache.get('key') == [1]


def test_leases_that_nobody_ends_do_not_pile_up():
    backend = LocMemBackend()
    for number in range(5000):
        backend.lease(f'key {number}', 'token', 0)
    assert len(backend._leases._held) <= 1001


@pytest.mark.parametrize('option', ['max_entries', 'max_bytes'])
@pytest.mark.parametrize('value', [0, -1, '5', 1.5, True, None])
def test_wrong_bounds(option, value):
    with pytest.raises(ConfigurationError, match=f'{option} must be a whole number from 1 on'):
        LocMemBackend(**{option: value})
