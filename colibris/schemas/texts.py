"""Texts that are matched against patterns, which are never so long that this would take a while."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields

__all__ = ['URL', 'Email', 'Url']


class _Bounded(fields.String):
    """A text whose length is looked at before anything else is."""

    longest: ClassVar[int]

    def _validate(self, value: Any) -> None:
        if len(value) > self.longest:
            raise ValidationError(f'Longer than maximum length {self.longest}.')
        super()._validate(value)


class Email(_Bounded, fields.Email):
    """An e-mail address (RFC 5321 allows 254 characters)."""

    longest = 254


class Url(_Bounded, fields.Url):
    """A URL."""

    longest = 8192


URL = Url
