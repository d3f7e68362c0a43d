"""How arguments and results travel: JSON that keeps Python's types, without pickle."""

import base64
import json
import math
import pickle
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from colibris.errors import ConfigurationError
from colibris.taskqueue.errors import SerializationError
from colibris.utils.imports import import_string

__all__ = ['JSONSerializer', 'PickleSerializer', 'Serializer', 'find_serializer']


@runtime_checkable
class Serializer(Protocol):
    """Makes bytes of a value, and the value of the bytes."""

    def dumps(self, value: Any, /) -> bytes:
        """``value`` as bytes.

        :raises SerializationError: it has no such form.
        """

    def loads(self, data: bytes, /) -> Any:
        """The value again.

        :raises SerializationError: the bytes come from elsewhere.
        """


class JSONSerializer:
    """JSON in which whatever has no form of its own is an object like ``{"$date": "2026-02-03"}``.

    It knows numbers, texts, ``None``, lists, dictionaries, tuples, sets, bytes, dates and times, decimals and UUIDs.
    Every value comes back with the type it had. Nothing that is read can run code.
    """

    def dumps(self, value: Any, /) -> bytes:
        """``value`` as JSON.

        :raises SerializationError: something in it is of another type, or it is nested too deep.
        """
        try:
            text = json.dumps(_encode(value), sort_keys=True, separators=(',', ':'), allow_nan=False)
        except RecursionError:
            raise SerializationError('it is nested too deep, or holds itself') from None
        return text.encode()

    def loads(self, data: bytes, /) -> Any:
        """The value again.

        :raises SerializationError: the bytes are not what :meth:`dumps` makes.
        """
        try:
            return json.loads(data, object_hook=_decode)
        except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as exc:
            raise SerializationError(f'it cannot be read: {type(exc).__name__}: {exc}') from exc


class PickleSerializer:
    """Pickle, for arguments that JSON does not know.

    Whoever can write to the queue can run any code in the workers and in the server.
    """

    def dumps(self, value: Any, /) -> bytes:
        """``value`` as pickle.

        :raises SerializationError: it cannot be pickled.
        """
        try:
            return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as exc:  # objects may raise whatever they like
            raise SerializationError(f'{type(value).__name__} cannot be pickled: {exc}') from exc

    def loads(self, data: bytes, /) -> Any:
        """The value again.

        :raises SerializationError: the bytes are no pickle, or what they name is gone.
        """
        try:
            return pickle.loads(data)  # noqa: S301  # chosen by the setting, which warns
        except Exception as exc:
            raise SerializationError(f'it cannot be read: {type(exc).__name__}: {exc}') from exc


def find_serializer(name: Any) -> Serializer:
    """The serializer that a setting names: ``json``, ``pickle``, or the dotted path of an object or a class.

    :raises ConfigurationError: it names none.
    """
    if not isinstance(name, str):
        raise ConfigurationError(f"'serializer' must be 'json', 'pickle' or a dotted path, not {type(name).__name__}")
    found = _NAMED.get(name) or import_string(name)
    serializer = found() if isinstance(found, type) else found
    if not isinstance(serializer, Serializer):
        raise ConfigurationError(f"'serializer' = {name!r}: it has no methods dumps and loads")
    return serializer


_NAMED: dict[str, type] = {'json': JSONSerializer, 'pickle': PickleSerializer}


def _tagged(tag: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: {tag: convert(value)}


def _encode_float(value: float) -> Any:
    return value if math.isfinite(value) else {'$float': repr(value)}


def _encode_dict(value: dict[Any, Any]) -> Any:
    if all(type(key) is str and not key.startswith('$') for key in value):
        return {key: _encode(item) for key, item in value.items()}
    return {'$dict': [[_encode(key), _encode(item)] for key, item in value.items()]}


def _encode_items(value: Iterable[Any]) -> list[Any]:
    return [_encode(item) for item in value]


def _encode_set(value: Iterable[Any]) -> list[Any]:
    """In an order that does not depend on hashes, so that equal sets give equal texts."""
    return sorted(_encode_items(value), key=lambda item: json.dumps(item, sort_keys=True))


def _itself(value: Any) -> Any:
    return value


_ENCODERS: dict[type, Callable[[Any], Any]] = {
    type(None): _itself,
    bool: _itself,
    int: _itself,
    str: _itself,
    float: _encode_float,
    list: _encode_items,
    dict: _encode_dict,
    tuple: _tagged('$tuple', _encode_items),
    set: _tagged('$set', _encode_set),
    frozenset: _tagged('$frozenset', _encode_set),
    bytes: _tagged('$bytes', lambda value: base64.b64encode(value).decode()),
    datetime: _tagged('$datetime', datetime.isoformat),
    date: _tagged('$date', date.isoformat),
    time: _tagged('$time', time.isoformat),
    timedelta: _tagged('$timedelta', lambda value: [value.days, value.seconds, value.microseconds]),
    Decimal: _tagged('$decimal', str),
    UUID: _tagged('$uuid', str),
}

_DECODERS: dict[str, Callable[[Any], Any]] = {
    '$float': float,
    '$dict': dict,
    '$tuple': tuple,
    '$set': set,
    '$frozenset': frozenset,
    '$bytes': lambda value: base64.b64decode(value, validate=True),
    '$datetime': datetime.fromisoformat,
    '$date': date.fromisoformat,
    '$time': time.fromisoformat,
    '$timedelta': lambda value: timedelta(*value),
    '$decimal': Decimal,
    '$uuid': UUID,
}


def _encode(value: Any) -> Any:
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        raise SerializationError(f'{_name(type(value))} cannot be sent to a worker{_remedy(value)}')
    return encoder(value)


def _decode(item: dict[str, Any]) -> Any:
    if len(item) == 1:
        tag, value = next(iter(item.items()))
        if tag.startswith('$'):
            return _DECODERS[tag](value)
    return item


def _name(cls: type) -> str:
    return cls.__qualname__ if cls.__module__ == 'builtins' else f'{cls.__module__}.{cls.__qualname__}'


def _remedy(value: Any) -> str:
    if hasattr(value, '_meta') and hasattr(value, 'save'):
        return '; send its id, and read it from the database in the task'
    if hasattr(value, 'value') and hasattr(value, 'name'):
        return '; send its value'
    return "; send plain data instead, or choose 'serializer': 'pickle'"
