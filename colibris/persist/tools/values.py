"""Values of columns as JSON, and back, without loss."""

import base64
import binascii
import datetime
import decimal
import math
import socket
import uuid
from collections.abc import Callable
from typing import Any

import peewee

__all__ = ['decode', 'encode']


def encode(field: Any, stored: Any) -> Any:
    """What JSON shows of the value that the database's driver has read from the column of ``field``.

    :raises ValueError: the value does not fit the column's type.
    :raises TypeError: the type has no form in JSON.
    """
    value = field.python_value(stored)
    return value if _is_json(final(field)) else _encode(value)


def decode(field: Any, shown: Any) -> Any:
    """The value for the column of ``field`` that :func:`encode` has shown as ``shown``.

    :raises ValueError: it is none; says what it should be.
    """
    field = final(field)
    if shown is None:
        return None
    for cls, (convert, description) in _DECODERS.items():
        if isinstance(field, cls):
            return _converted(convert, shown, description)
    return shown


def final(field: Any) -> Any:
    """The field whose values a foreign key holds; any other field is its own."""
    while isinstance(field, peewee.ForeignKeyField):
        field = field.rel_field
    return field


def _is_json(field: Any) -> bool:
    return 'JSON' in str(field.field_type)


def _encode(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    for cls, convert in _ENCODERS.items():
        if isinstance(value, cls):
            return convert(value)
    raise TypeError(f'{type(value).__name__} has no form in JSON')


def _converted(convert: Callable[[Any], Any], shown: Any, description: str) -> Any:
    try:
        return convert(shown)
    except (ValueError, TypeError, ArithmeticError, OSError):
        raise ValueError(f'must be {description}, not {_shortened(shown)}') from None


def _shortened(shown: Any) -> str:
    text = repr(shown)
    return text if len(text) <= 50 else f'{text[:47]}...'


def _of_type(*types: type) -> Callable[[Any], Any]:
    def check(shown: Any) -> Any:
        if not isinstance(shown, types) or (isinstance(shown, bool) and bool not in types):
            raise TypeError
        return shown

    return check


_text = _of_type(str)


def _decode_float(shown: Any) -> float:
    if isinstance(shown, str) and shown not in ('nan', 'inf', '-inf'):
        raise ValueError
    return float(_of_type(str, int, float)(shown))


def _decode_decimal(shown: Any) -> decimal.Decimal:
    return decimal.Decimal(str(_of_type(str, int, float)(shown)))


def _decode_bytes(shown: Any) -> bytes:
    try:
        return base64.b64decode(_text(shown), validate=True)
    except binascii.Error:
        raise ValueError from None


def _decode_address(shown: Any) -> str:
    socket.inet_aton(_text(shown))
    return str(shown)


def _parsed(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda shown: parse(_text(shown))


_ENCODERS: dict[type, Callable[[Any], Any]] = {
    datetime.datetime: datetime.datetime.isoformat,
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
    decimal.Decimal: str,
    uuid.UUID: str,
    bytes: lambda value: base64.b64encode(value).decode(),
    bytearray: lambda value: base64.b64encode(value).decode(),
    memoryview: lambda value: base64.b64encode(value).decode(),
}

_DECODERS: dict[type, tuple[Callable[[Any], Any], str]] = {
    peewee.BinaryUUIDField: (_parsed(uuid.UUID), 'a UUID'),
    peewee.UUIDField: (_parsed(uuid.UUID), 'a UUID'),
    peewee.BlobField: (_decode_bytes, 'bytes in base64'),
    peewee.BooleanField: (_of_type(bool), 'true or false'),
    peewee.IPField: (_decode_address, 'an IPv4 address'),
    peewee.IntegerField: (_of_type(int), 'a whole number'),
    peewee.FloatField: (_decode_float, 'a number'),
    peewee.DecimalField: (_decode_decimal, 'a decimal number as text'),
    peewee.DateTimeField: (_parsed(datetime.datetime.fromisoformat), 'a date and time in ISO 8601'),
    peewee.DateField: (_parsed(datetime.date.fromisoformat), 'a date in ISO 8601'),
    peewee.TimeField: (_parsed(datetime.time.fromisoformat), 'a time in ISO 8601'),
    peewee.CharField: (_text, 'a text'),
    peewee.TextField: (_text, 'a text'),
}
