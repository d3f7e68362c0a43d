"""Marshmallow's fields, and those that take JSON at its word.

In JSON ``"1"`` is no number and ``1`` is no boolean; in a URL everything is text.
"""

import re
from typing import Any

from marshmallow import fields as _marshmallow
from marshmallow.fields import *  # noqa: F403

__all__ = [*_marshmallow.__all__, 'StrictBoolean', 'TextInteger']

_INTEGER = re.compile(r'[+-]?[0-9]{1,30}', re.ASCII)


class StrictBoolean(_marshmallow.Boolean):
    """A boolean that takes only ``true`` and ``false``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error('invalid', input=value)
        return value


class TextInteger(_marshmallow.Integer):
    """An integer from a URL: decimal digits, perhaps with a sign, and nothing else."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not _INTEGER.fullmatch(value):
            raise self.make_error('invalid', input=value)
        return super()._validated(value)
