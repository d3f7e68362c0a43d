"""JSON that gives back exactly the types that it was given."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

__all__ = ['JSONSerializer']

TAG = '$'

_MARK = b'{"$":'
_SCALARS = frozenset({str, int, float, bool, type(None)})

Packer = Callable[[Any], Any]


class JSONSerializer:
    """Writes JSON, in which ``{"$": [type, content]}`` stands for a value that JSON itself does not know.

    A dictionary with an entry ``$``, or with keys other than texts, is written in that form too; so no data, wherever
    it comes from, can be mistaken for a tag. A type that would come back as another one is refused: code that gets a
    computed value now and a cached one later must not see a difference.
    """

    def dumps(self, value: Any) -> bytes:
        """The value as UTF-8 JSON.

        :raises TypeError: it holds something of a type that is not supported.
        :raises ValueError: it contains itself, or is nested too deep.
        """
        try:
            text = _ENCODE(_pack(value))
        except RecursionError:
            raise ValueError('the value contains itself, or is nested too deep to be cached') from None
        return text.encode('utf-8', 'surrogatepass')

    def loads(self, data: bytes) -> Any:
        """The value.

        :raises ValueError: the bytes are no JSON of this kind.
        """
        try:
            text = data.decode('utf-8', 'surrogatepass')
            return json.loads(text, object_hook=_unpack) if _MARK in data else json.loads(text)
        except (KeyError, TypeError, ArithmeticError, RecursionError) as exc:
            raise ValueError(f'no value of the cache: {exc!r}') from exc


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(',', ':'), check_circular=False).encode


def _pack(value: Any) -> Any:
    """The value in terms of what JSON knows."""
    cls = type(value)
    if cls in _SCALARS:
        return value
    if cls is list:
        return [item if type(item) in _SCALARS else _pack(item) for item in value]
    if cls is dict:
        return _pack_dictionary(value)
    return _pack_other(cls, value)


def _pack_dictionary(value: dict[Any, Any]) -> dict[str, Any]:
    if TAG in value or not all(type(key) is str for key in value):
        return {TAG: ['dict', [[_pack(key), _pack(item)] for key, item in value.items()]]}
    return {key: item if type(item) in _SCALARS else _pack(item) for key, item in value.items()}


def _pack_other(cls: type, value: Any) -> dict[str, Any]:
    """What is tagged. Drivers and tests have subclasses of dates and the like, which are as good as these."""
    for known in cls.__mro__:
        if known in _PACKERS and (known is cls or known in _SUBCLASSED):
            name, pack, _ = _PACKERS[known]
            return {TAG: [name, pack(value)]}
    raise TypeError(
        f'{cls.__module__}.{cls.__qualname__} cannot be cached as JSON: convert it to texts, numbers, dates, lists and '
        f"dictionaries, or set CACHE['serializer'] = 'pickle'"
    )


def _unpack(found: dict[str, Any]) -> Any:
    if TAG not in found:
        return found
    name, content = found[TAG]
    return _UNPACKERS[name](content)


def _pack_items(value: Any) -> list[Any]:
    return [_pack(item) for item in value]


def _pack_clock(value: datetime | time) -> list[Any]:
    return [value.isoformat(), value.fold]


def _unpack_clock(cls: type[datetime] | type[time], text: str, fold: int) -> datetime | time:
    return cls.fromisoformat(text).replace(fold=fold)


def _pack_timedelta(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _pack_bytes(value: bytes) -> str:
    return b64encode(value).decode()


_PACKERS: dict[type, tuple[str, Packer, Packer]] = {
    datetime: ('datetime', _pack_clock, lambda content: _unpack_clock(datetime, *content)),
    date: ('date', date.isoformat, date.fromisoformat),
    time: ('time', _pack_clock, lambda content: _unpack_clock(time, *content)),
    timedelta: ('timedelta', _pack_timedelta, lambda content: timedelta(*content)),
    Decimal: ('decimal', str, Decimal),
    UUID: ('uuid', str, UUID),
    bytes: ('bytes', _pack_bytes, b64decode),
    tuple: ('tuple', _pack_items, tuple),
    set: ('set', _pack_items, set),
    frozenset: ('frozenset', _pack_items, frozenset),
}
_SUBCLASSED = frozenset({datetime, date, time, timedelta, Decimal, UUID})
_UNPACKERS: dict[str, Packer] = {'dict': dict} | {name: unpack for name, _, unpack in _PACKERS.values()}
