"""Accounts that are rows of a model."""

from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import peewee

from colibris.authentication.options import SECONDS_OR_NONE, TEXT, check_options, optional
from colibris.authentication.recent import RecentAccounts
from colibris.errors import ConfigurationError
from colibris.utils.imports import import_string

__all__ = ['AccountModel']


class AccountModel:
    """The model that holds the accounts, found by dotted path when it is first needed.

    :param path: the model's dotted path.
    :param field: the name of the field by which an account is looked up; by default the primary key.
    :param secret_field: the name of a field whose change is to end an account's credentials, if there is one.
    :param seconds: how long an account is kept after it has been looked up.
    """

    def __init__(self, path: str, field: str | None = None, secret_field: str | None = None, seconds: int = 0) -> None:
        check_options(
            model=(path, TEXT),
            identity_field=(field, optional(TEXT)),
            secret_field=(secret_field, optional(TEXT)),
            account_seconds=(seconds, SECONDS_OR_NONE),
        )
        self._recent = RecentAccounts(seconds)
        self.path = path
        self._field = field
        self._secret_field = secret_field

    @cached_property
    def model(self) -> Any:
        """The model class.

        :raises ConfigurationError: there is no such model, or it has no such fields.
        """
        model = import_string(self.path)
        if not hasattr(model, '_meta'):
            raise ConfigurationError(f'{self.path} is no model')
        for name in filter(None, (self._field, self._secret_field)):
            if name not in model._meta.fields:
                raise ConfigurationError(f"{self.path} has no field '{name}'")
        if not (self._field or isinstance(model._meta.primary_key, peewee.Field)):
            raise ConfigurationError(f"{self.path} has no primary key of one field; name a field by 'identity_field'")
        return model

    def prepare(self) -> None:
        """Check that the model and its fields exist, and begin without accounts that have been looked up before.

        :raises ConfigurationError: they do not.
        """
        _ = self.model
        self._recent.forget()

    @property
    def has_secrets(self) -> bool:
        """Whether accounts have secrets of their own."""
        return self._secret_field is not None

    @property
    def field(self) -> Any:
        """The field by which an account is looked up."""
        meta = self.model._meta
        return meta.fields[self._field] if self._field else meta.primary_key

    def is_same_as(self, other: 'AccountModel') -> bool:
        """Whether the same text names the same account there."""
        return (self.path, self._field) == (other.path, other._field)

    def digest(self, text: str) -> str:
        """A digest of a secret that stands for an account of this model, and for none of another one."""
        return sha256(f'{self.path}.{self._field}:{text}'.encode()).hexdigest()

    def find(self, identity: str) -> Any:
        """The account whose field, written as text, is exactly ``identity``, or ``None``."""
        return next(self.states(identity), None)

    def states(self, identity: str) -> Iterator[Any]:
        """The account that :meth:`find` finds, as it was a moment ago, if it is kept, and then as it is now."""
        recent = self._recent.get(identity)
        if recent is not None:
            yield recent
        account = self._look_up(identity)
        if account is not None:
            self._recent.keep(identity, account)
            yield account

    def _look_up(self, identity: str) -> Any:
        """Find the account in the database.

        Exactly, because databases are lax: some of them find ``Ada`` for ``ada``, and ``1_0`` is a way to write 10.
        """
        if not identity or '\0' in identity:  # which would end a transaction of PostgreSQL's
            return None
        try:
            account = self.model.get_or_none(self.field == identity)
        except (ValueError, TypeError, ArithmeticError, peewee.DataError):
            return None  # nothing that the field could hold
        return account if account is not None and _is_same(self._name_of(account), identity) else None

    def identity_of(self, account: Any) -> str:
        """The text by which :meth:`find` finds ``account``.

        :raises TypeError: this is no account of the model.
        :raises ValueError: the account has not been saved, or its field is empty.
        """
        self.check(account)
        if getattr(account, self.field.name) in (None, ''):
            raise ValueError(f'an account without {self.field.name} cannot have credentials')
        return self._name_of(account)

    def check(self, account: Any) -> None:
        """Check that credentials can be made for ``account``.

        :raises TypeError: this is no account of the model.
        :raises ValueError: it has not been saved.
        """
        if not isinstance(account, self.model):
            raise TypeError(f'an account has to be a {self.path}, not {type(account).__name__}')
        if account.get_id() is None:
            raise ValueError('an account that has not been saved cannot have credentials')

    def secret_of(self, account: Any) -> str:
        """The account's own secret; empty if it has none.

        :raises ConfigurationError: the field holds no text.
        """
        secret = getattr(account, self._secret_field) if self._secret_field else ''
        if not isinstance(secret, str | None):
            raise ConfigurationError(f"{self.path}.{self._secret_field} is no text, as 'secret_field' has to be")
        return secret or ''

    def _name_of(self, account: Any) -> str:
        return str(getattr(account, self.field.name))


def _is_same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())
