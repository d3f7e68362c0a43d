"""Marshmallow's fields, and those that take JSON at its word.

In JSON ``"1"`` is no number and ``1`` is no boolean; in a URL everything is text.
"""

import re
from datetime import UTC, datetime, time
from decimal import Decimal as _Decimal
from typing import Any

from marshmallow import ValidationError, validate
from marshmallow import fields as _marshmallow
from marshmallow.fields import *  # noqa: F403

from colibris.authentication import passwords
from colibris.schemas.containers import Dict, List, Nested
from colibris.schemas.texts import URL, Email, Url

__all__ = [
    *_marshmallow.__all__,
    'URL',
    'Delimited',
    'Dict',
    'Email',
    'ExactDecimal',
    'IPv4Text',
    'List',
    'LocalTime',
    'Nested',
    'NewPassword',
    'StrictBoolean',
    'StrictFloat',
    'StrictInteger',
    'TextFloat',
    'TextInteger',
    'Timestamp',
    'UTCDateTime',
    'Url',
]

_INTEGER = re.compile(r'[+-]?[0-9]{1,30}', re.ASCII)
_DECIMAL = re.compile(r'[+-]?[0-9]+(?:\.(?P<fraction>[0-9]+))?', re.ASCII)
_FLOAT = re.compile(r'[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?', re.ASCII)


class Delimited(_marshmallow.List[Any]):
    """Values separated by commas, in one parameter of a URL; repeating the parameter adds values.

    :param item: the field of one value.
    """

    def __init__(self, item: '_marshmallow.Field[Any]', **options: Any) -> None:
        super().__init__(item, **options)
        self.metadata = {'delimited': True, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        texts = value if isinstance(value, list) else [value]
        return super()._deserialize([item for text in texts for item in text.split(',')], attr, data, **kwargs)


class StrictBoolean(_marshmallow.Boolean):
    """A boolean that takes only ``true`` and ``false``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error('invalid', input=value)
        return value


class StrictInteger(_marshmallow.Integer):
    """An integer that takes no text. JSON knows numbers only: ``1.0`` is the same one as ``1``."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool | str) or (isinstance(value, float) and not value.is_integer()):
            raise self.make_error('invalid', input=value)
        return super()._validated(value)


class TextInteger(_marshmallow.Integer):
    """An integer from a URL: decimal digits, perhaps with a sign, and nothing else."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not _INTEGER.fullmatch(value):
            raise self.make_error('invalid', input=value)
        return super()._validated(value)


class StrictFloat(_marshmallow.Float):
    """A number that takes no text."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, str):
            raise self.make_error('invalid', input=value)
        return super()._validated(value)


class TextFloat(_marshmallow.Float):
    """A number from a URL: decimal digits, perhaps with a sign, a point and an exponent, and nothing else."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, str) and not _FLOAT.fullmatch(value):
            raise self.make_error('invalid', input=value)
        return super()._validated(value)


class ExactDecimal(_marshmallow.Decimal):
    """A decimal: as text, which may have no more than ``places`` decimal places, or as a number, which is rounded."""

    def _validated(self, value: Any) -> _Decimal:
        if isinstance(value, str):
            self._check_text(value)
        return super()._validated(value)

    def _check_text(self, value: str) -> None:
        match = _DECIMAL.fullmatch(value)
        if match is None:
            raise self.make_error('invalid', input=value)
        places = -int(self.places.as_tuple().exponent) if self.places is not None else None
        if places is not None and len(match['fraction'] or '') > places:
            raise ValidationError(f'Must have no more than {places} decimal places.')


class UTCDateTime(_marshmallow.AwareDateTime):
    """A date and time that the database keeps in UTC without saying so, as it keeps no offsets.

    Clients read it with its offset (RFC 3339: ``2026-01-31T12:00:00Z``), and may write any other; without one it counts
    as UTC.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if isinstance(value, datetime):
            value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        text = super()._serialize(value, attr, obj, **kwargs)
        return text.replace('+00:00', 'Z') if isinstance(text, str) else text

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        found: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return found.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise self.make_error('invalid', input=value, obj_type=self.OBJ_TYPE) from None


class Timestamp(_marshmallow.NaiveDateTime):
    """A local date and time, not before 1970 and not after 9999 wherever the server is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        found = super()._deserialize(value, attr, data, **kwargs)
        if not datetime(1970, 1, 2) <= found <= datetime(9999, 12, 30):
            raise self.make_error('invalid', input=value, obj_type=self.OBJ_TYPE)
        return found


class LocalTime(_marshmallow.Time):
    """A time of day without an offset."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time:
        found: time = super()._deserialize(value, attr, data, **kwargs)
        if found.tzinfo is not None:
            raise self.make_error('invalid', input=value, obj_type=self.OBJ_TYPE)
        return found


class IPv4Text(_marshmallow.IPv4):
    """An IPv4 address that is a text in Python as well."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return str(super()._deserialize(value, attr, data, **kwargs))


class NewPassword(_marshmallow.String):
    """A password that somebody chooses: never shown, and refused if it is easy to guess.

    What the schema's other fields are given counts as known about the account.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{'load_only': True, **options})
        self.metadata = {'format': 'password', **self.metadata}
        self.validators.append(validate.Length(max=passwords.MAX_LENGTH))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        password: str = super()._deserialize(value, attr, data, **kwargs)
        others = {name: data.get(name) for name in getattr(self.parent, 'fields', ()) if name != attr}
        problems = passwords.check(password, others)
        if problems:
            raise ValidationError(problems)
        return password
