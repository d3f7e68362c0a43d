"""Caching: values under keys, kept for a while by the backend that the setting ``CACHE`` names.

The same calls work in async handlers, where they do not block the event loop, and in commands, the shell and fixtures.
Without the setting, and whenever the backend cannot be reached, reads miss and writes do nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from colibris.cache.base import CacheBackend
from colibris.cache.computing import Recipe
from colibris.cache.decorator import cached
from colibris.cache.errors import CacheUnavailable, NotANumber
from colibris.cache.lifetimes import check_lifetime, check_stale
from colibris.cache.payload import Payload
from colibris.cache.slot import slot

__all__ = [
    'CacheBackend',
    'CacheUnavailable',
    'NotANumber',
    'add',
    'cached',
    'clear',
    'connectivity_check',
    'delete',
    'get',
    'get_backend',
    'get_many',
    'get_or_set',
    'incr',
    'set',
    'set_many',
    'touch',
]


def get_backend() -> CacheBackend:
    """The cache backend."""
    return slot.get()


def get(key: str, default: Any = None) -> Any:
    """The value under a key, or ``default`` if there is none.

    :raises TypeError: the key is no text.
    """
    backend = slot.get()
    made = backend.keys.make(key)
    try:
        found = Payload.read(backend.serializer, backend.get(made))
    except CacheUnavailable:
        found = None
    if backend.on_lookup is not None:
        backend.on_lookup(found is not None, found is None)
    return default if found is None else found.value


def get_many(keys: Iterable[str]) -> dict[str, Any]:
    """The values under those of the keys that have one, by key.

    :raises TypeError: a key is no text.
    """
    backend = slot.get()
    made = {backend.keys.make(key): key for key in _several(keys)}
    try:
        data = backend.get_many(list(made)) if made else {}
    except CacheUnavailable:
        data = {}
    read = {made[key]: Payload.read(backend.serializer, value) for key, value in data.items()}
    found = {key: payload.value for key, payload in read.items() if payload is not None}
    if backend.on_lookup is not None:
        backend.on_lookup(len(found), len(made) - len(found))
    return found


def set(key: str, value: Any, lifetime: float | None = None) -> None:  # noqa: A001  # the name is a promise
    """Keep a value under a key.

    :param lifetime: for how long, in seconds; ``None``: as long as there is room.
    :raises TypeError: the key is no text, or the value or the lifetime is of a type that is not supported.
    :raises ValueError: the lifetime is negative, or the value contains itself.
    """
    backend = slot.get()
    made, data, seconds = backend.keys.make(key), backend.serializer.dumps(value), check_lifetime(lifetime)
    with suppress(CacheUnavailable):
        backend.set(made, data, seconds)


def set_many(values: Mapping[str, Any], lifetime: float | None = None) -> None:
    """Keep several values, by key; see :func:`set`."""
    if not isinstance(values, Mapping):
        raise TypeError(f'set_many() takes a dictionary of keys and values, not {type(values).__name__}')
    backend = slot.get()
    data = {backend.keys.make(key): backend.serializer.dumps(value) for key, value in values.items()}
    seconds = check_lifetime(lifetime)
    if data:
        with suppress(CacheUnavailable):
            backend.set_many(data, seconds)


def add(key: str, value: Any, lifetime: float | None = None) -> bool:
    """Keep a value unless there is one under the key, in one atomic step; return whether it has been kept.

    So one caller of many, in whatever processes, gets ``True``. See :func:`set` for the arguments.
    """
    backend = slot.get()
    made, data, seconds = backend.keys.make(key), backend.serializer.dumps(value), check_lifetime(lifetime)
    try:
        return backend.add(made, data, seconds)
    except CacheUnavailable:
        return False


def incr(key: str, amount: int = 1, lifetime: float | None = None) -> int | None:
    """Add to a whole number in one atomic step, and return the sum; ``None`` if there is no cache to count in.

    :param amount: what to add; may be negative.
    :param lifetime: for a number that is missing, which counts as 0; one that is there keeps its own lifetime.
    :raises TypeError: the key is no text, or the amount is no whole number.
    :raises NotANumber: there is something else under the key, or the sum has more than 64 bits.
    """
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise TypeError(f'an amount must be a whole number, not {type(amount).__name__}')
    backend = slot.get()
    made, seconds = backend.keys.make(key), check_lifetime(lifetime)
    try:
        return backend.incr(made, amount, seconds)
    except CacheUnavailable:
        return None
    except NotANumber as exc:
        raise NotANumber(f'incr({key!r}, {amount}): {exc}') from None


def touch(key: str, lifetime: float | None = None) -> bool:
    """Give what is under a key another lifetime, from now on; return whether there is anything.

    :param lifetime: in seconds; ``None``: as long as there is room.
    """
    backend = slot.get()
    made, seconds = backend.keys.make(key), check_lifetime(lifetime)
    try:
        return backend.touch(made, seconds)
    except CacheUnavailable:
        return False


def delete(key: str) -> None:
    """Forget what is under a key, if anything; a value that is being computed for it just now is not kept.

    :raises TypeError: the key is no text.
    """
    backend = slot.get()
    made = backend.keys.make(key)
    backend.computations.forget(made)
    with suppress(CacheUnavailable):
        backend.delete(made)


def clear() -> None:
    """Forget everything that this application keeps, of every version; nothing else in the same store is touched."""
    backend = slot.get()
    backend.computations.forget_all()
    with suppress(CacheUnavailable):
        backend.clear()


def get_or_set(
    key: str, function: Callable[[], Any], lifetime: float | None = None, *, stale: float | None = None
) -> Any:
    """The value under a key; if there is none, ``function()`` computes it, and it is kept.

    However many callers miss it at the same time, in however many processes, one computes it and the others wait.

    :param function: plain or async; whatever it raises is raised here, and nothing is kept.
    :param lifetime: for how long the value is kept, in seconds; ``None``: as long as there is room.
    :param stale: for how many seconds after that the old value is still served while one caller computes a new one.
    :raises TypeError: an argument, or the value, is of a type that is not supported.
    """
    if not callable(function):
        raise TypeError(f'get_or_set() takes a function that computes the value, not {type(function).__name__}')
    backend = slot.get()
    seconds = check_lifetime(lifetime)
    return Recipe(backend, backend.keys.make(key), function, seconds, check_stale(stale, seconds)).get()


def connectivity_check() -> bool:
    """Whether the cache answers, asked of it now; also true where none is configured, as nothing is missing then."""
    try:
        slot.get().check_connectivity()
    except CacheUnavailable:
        return False
    return True


def _several(keys: Iterable[str]) -> Iterable[str]:
    if isinstance(keys, str):
        raise TypeError('get_many() takes a list of keys; for a single one there is get()')
    return keys
