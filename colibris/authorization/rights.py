"""Accounts with rights, which are rows of a model."""

from functools import cached_property
from typing import Any

import peewee

from colibris import bridge
from colibris.authorization.base import AuthorizationBackend
from colibris.errors import ConfigurationError
from colibris.utils.imports import import_string

__all__ = ['RightsBackend']

_Rights = frozenset[tuple[str, str]]


class RightsBackend(AuthorizationBackend):
    """An account has the permission ``resource:operation`` if a row says so.

    An account's rights are read once in each request, when a permission is first demanded.

    :param model: the dotted path of the model that holds the rights.
    :param account_field: its field that refers to the account, or holds the account's primary key.
    :param resource_field: its field that names the resource.
    :param operation_field: its field that names the operation.
    """

    def __init__(self, model: str, account_field: str, resource_field: str, operation_field: str) -> None:
        self._path = model
        self._names = (account_field, resource_field, operation_field)

    async def start(self) -> None:
        """Check that the model and its fields exist.

        :raises ConfigurationError: they do not.
        """
        _ = self._fields

    def check_permission(self, permission: str) -> None:
        """Check that the permission has the form of a right.

        :raises ConfigurationError: it has not.
        """
        if not all(_split(permission)):
            raise ConfigurationError(f"the permission '{permission}' has to look like resource:operation")

    def has_permission(self, account: Any, permission: str) -> bool:
        """Whether the account has the right."""
        identity = self._identity_of(account)
        return identity is not None and _split(permission) in self._rights_of(identity)

    def _identity_of(self, account: Any) -> Any:
        """What the account's field holds for an account; ``None`` for nobody, and for a row of another model."""
        field: Any = self._fields[0]
        if isinstance(field, peewee.ForeignKeyField):
            return getattr(account, field.rel_field.name) if isinstance(account, field.rel_model) else None
        key: Any = account._meta.primary_key if isinstance(account, peewee.Model) else None
        return getattr(account, key.name if key else 'id', None)

    def _rights_of(self, identity: Any) -> _Rights:
        scope = bridge.current_scope()
        if scope is None:
            return self._read(identity)
        key = (self, identity)
        if key not in scope.values:
            scope.values[key] = self._read(identity)
        rights: _Rights = scope.values[key]
        return rights

    def _read(self, identity: Any) -> _Rights:
        account, resource, operation = self._fields
        return frozenset(account.model.select(resource, operation).where(account == identity).tuples())

    @cached_property
    def _fields(self) -> tuple[Any, ...]:
        model = import_string(self._path)
        if not hasattr(model, '_meta'):
            raise ConfigurationError(f'{self._path} is no model')
        for name in self._names:
            if name not in model._meta.fields:
                raise ConfigurationError(f"{self._path} has no field '{name}'")
        return tuple(model._meta.fields[name] for name in self._names)


def _split(permission: str) -> tuple[str, str]:
    resource, _, operation = permission.rpartition(':')
    return resource, operation
