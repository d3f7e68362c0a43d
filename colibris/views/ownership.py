"""Rows that belong to accounts: nobody sees, changes or makes another's row, nor learns that there is one."""

from typing import Any, ClassVar

import peewee

from colibris.api import NotAuthenticated, PermissionDenied
from colibris.errors import ConfigurationError
from colibris.schemas import schema_instance
from colibris.views.responses import finish

__all__ = ['Ownership']


class Ownership:
    """What a model view does about the rows' owners."""

    owner_field: ClassVar[str | None] = None
    """The name of the model's field that refers to a row's owner: other accounts' rows are not there for the view.

    Whoever makes a row is its owner, whatever the request says, and stays it.
    """

    # Hooks

    def get_owner(self: Any) -> Any:
        """What ``owner_field`` holds for the rows of the account; by default the account."""
        return self.account

    def has_object_permission(self: Any, account: Any, instance: Any) -> Any:
        """Whether the account may have to do with the row that the URL names; if not, it is not there. May be async.

        Lists do not ask: what they show is up to ``get_query`` and ``owner_field``.
        """
        return True

    # For the mixins

    async def find_rows(self: Any) -> Any:
        """The rows of ``get_query``, only the owner's if there is an ``owner_field``: a select query."""
        query = await finish(self.get_query())
        return query.where(_owner_field(self) == _owner(self)) if self.owner_field else query

    async def find_object(self: Any) -> Any:
        """The row of ``get_object``, if the account may have to do with it.

        :raises NotFound: there is none.
        """
        instance = await finish(self.get_object())
        if not _is_own(self, instance) or not await finish(self.has_object_permission(self.account, instance)):
            raise self.missing()
        return instance

    def with_owner(self: Any, data: dict[str, Any]) -> dict[str, Any]:
        """What a new row is made of: its owner is whoever asks."""
        return {**self.without_owner(data), self.owner_field: _owner(self)} if self.owner_field else data

    def without_owner(self: Any, data: dict[str, Any]) -> dict[str, Any]:
        """What a row is changed by: never its owner."""
        names = (self.owner_field, _owner_field(self).safe_name) if self.owner_field else ()
        return {name: value for name, value in data.items() if name not in names}

    @classmethod
    def check_ownership(cls: Any) -> None:
        """Check the class' attributes against its model and schema.

        :raises ConfigurationError: a mistake that would show rows to others, or give them away.
        """
        if cls.owner_field is None:
            return
        name, field = cls.__name__, cls.model._meta.fields.get(cls.owner_field)
        if field is None:
            raise ConfigurationError(f"{name}.owner_field: {cls.model.__name__} has no field '{cls.owner_field}'")
        if not isinstance(field, peewee.ForeignKeyField) and cls.get_owner is Ownership.get_owner:
            raise ConfigurationError(f"{name}: '{cls.owner_field}' refers to no account; define get_owner")
        if not cls.authentication_required:
            raise ConfigurationError(f'{name} has an owner_field, so authentication_required cannot be False')
        if cls.body_schema_class and _is_written(cls.body_schema_class, field):
            raise ConfigurationError(
                f"{cls.body_schema_class.__name__} lets clients write '{cls.owner_field}', which is the owner_field of "
                f'{name}: name it in Meta.dump_only'
            )


def _owner_field(view: Any) -> Any:
    return view.model._meta.fields[view.owner_field]


def _owner(view: Any) -> Any:
    """What the field of an own row holds.

    :raises NotAuthenticated: there is no account.
    :raises PermissionDenied: it can own nothing here.
    """
    if view.account is None:
        raise NotAuthenticated
    owner, field = view.get_owner(), _owner_field(view)
    is_strange = isinstance(field, peewee.ForeignKeyField) and not isinstance(owner, field.rel_model)
    if owner is None or (is_strange and owner is view.account):
        raise PermissionDenied
    return owner


def _is_own(view: Any, instance: Any) -> bool:
    if not view.owner_field:
        return True
    field = _owner_field(view)
    return bool(field.db_value(getattr(instance, field.safe_name)) == field.db_value(_owner(view)))


def _is_written(schema_class: Any, field: Any) -> bool:
    load_fields = schema_instance(schema_class).load_fields
    return any((loaded.attribute or name) in (field.name, field.safe_name) for name, loaded in load_fields.items())
