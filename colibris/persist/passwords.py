"""Passwords of a model's rows."""

from typing import Any

from peewee import CharField, FieldAccessor, Node

from colibris.errors import ConfigurationError

__all__ = ['PasswordField']

_LENGTH = 128


class PasswordAccessor(FieldAccessor):
    """Hashes at once: no row ever holds a password, only its hash."""

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, _hashed(value))


class PasswordField(CharField):
    """A text that is hashed when it is written, and read as a hash: ``passwords.verify('secret', user.password)``.

    It is a ``VARCHAR`` to the database, and to migrations a ``CharField``. Writing hashes every text but the hashes of
    :mod:`colibris.authentication.passwords`; where an event loop runs, the loop goes on meanwhile. A row from the
    database has a :class:`~colibris.authentication.passwords.HashedPassword`. Schemas only read the field, and
    ``manage.py dumpdata`` leaves it out.

    :raises TypeError: what is written is no text.
    :raises ConfigurationError: ``max_length`` is too small for hashes.
    """

    accessor_class = PasswordAccessor

    def __init__(self, max_length: int = 255, **options: Any) -> None:
        if max_length < _LENGTH:
            raise ConfigurationError(f'a PasswordField holds hashes: its max_length must be {_LENGTH} or more')
        super().__init__(max_length, **options)

    def db_value(self, value: Any) -> Any:
        """The hash, as drivers take it."""
        hashed = _hashed(value)
        return str(hashed) if isinstance(hashed, str) else hashed

    def python_value(self, value: Any) -> Any:
        """The hash."""
        from colibris.authentication.passwords import HashedPassword

        return None if value is None else HashedPassword(value)


def _hashed(value: Any) -> Any:
    from colibris.authentication import passwords

    if value is None or isinstance(value, passwords.HashedPassword | Node):
        return value
    if not isinstance(value, str):
        raise TypeError(f'a password is a text, not {type(value).__name__}')
    return passwords.hash(value)
