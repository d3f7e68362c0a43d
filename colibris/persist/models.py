"""The base class of models, bound to whatever database the settings name."""

import importlib
import inspect
from typing import Any

from peewee import OP, Database, DatabaseProxy, Expression, ModelBase
from playhouse.pwasyncio import AsyncModel

from colibris.errors import ConfigurationError
from colibris.persist.errors import PersistenceDisabled
from colibris.persist.inserts import Inserts, has_single_key
from colibris.persist.lists import Lists
from colibris.persist.lookups import Lookups
from colibris.persist.queries import Selects
from colibris.persist.slot import slot
from colibris.persist.transactions import Atomic, Savepoint, Transaction

__all__ = ['Model', 'database', 'models_of']


class ConfiguredDatabase(DatabaseProxy):
    """Stands for the database that the settings name, at every use anew, so that tests can exchange it."""

    __slots__ = ('_callbacks', '_known')

    def __init__(self) -> None:
        self._callbacks: list[Any] = []
        self._known: Database | None = None

    @property
    def obj(self) -> Database | None:
        """The database, or ``None`` while there are no settings or they name none."""
        database = slot.peek() or (slot.get() if slot.is_available else None)
        if database is None:
            return None
        if database is not self._known:
            self._known = database
            for callback in self._callbacks:
                callback(database)
        return database

    @property
    def lookups(self) -> Lookups | None:
        """What finds rows without making queries, if the database has it."""
        return getattr(self.obj, 'lookups', None)

    @property
    def inserts(self) -> Inserts | None:
        """What inserts rows without making queries, if the database has it."""
        return getattr(self.obj, 'inserts', None)

    @property
    def lists(self) -> Lists | None:
        """What counts and finds the rows of shared queries, if the database has it."""
        return getattr(self.obj, 'lists', None)

    def __getattr__(self, name: str) -> Any:
        database = self.obj
        if database is None:
            raise PersistenceDisabled
        return getattr(database, name)

    def atomic(self, *args: Any, **kwargs: Any) -> Atomic:
        """A transaction, or a savepoint inside of one."""
        return Atomic(self, *args, **kwargs)

    def transaction(self, *args: Any, **kwargs: Any) -> Transaction:
        """A transaction."""
        return Transaction(self, *args, **kwargs)

    def savepoint(self) -> Savepoint:
        """A savepoint inside of a transaction."""
        return Savepoint(self)


database = ConfiguredDatabase()

_EQUAL = OP.EQ


class ModelType(ModelBase):
    """Makes model classes. Unlike Peewee's own options, ``abstract`` is not inherited."""

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> Any:
        is_abstract = getattr(attributes.get('Meta'), 'abstract', False)
        model: Any = super().__new__(cls, name, bases, attributes)  # type: ignore[no-untyped-call]  # Peewee's
        model._meta.abstract = is_abstract
        return model


class Model(Selects, AsyncModel, metaclass=ModelType):  # type: ignore[misc]  # playhouse is untyped
    """The base class of a project's models: a Peewee model on the project's database.

    Plain methods (``get``, ``create``, ``save``…) work everywhere; those with an ``a`` in front (``aget``,
    ``acreate``, ``asave``…) are for people who prefer to write ``await``. A class with ``abstract = True`` in its
    ``Meta`` is only inherited: it gets no table.
    """

    @classmethod
    def get(cls, *query: Any, **filters: Any) -> Any:
        """The first row that meets the conditions.

        :raises DoesNotExist: there is none.
        """
        condition: Any = query[0] if len(query) == 1 and not filters else None
        is_equality = type(condition) is Expression and condition.op == _EQUAL
        lookups = getattr(cls._meta.database, 'lookups', None) if is_equality else None
        found = None if lookups is None else lookups.find(cls, condition.lhs, condition.rhs)
        if found is None:
            return super().get(*query, **filters)
        if not found:
            raise cls.DoesNotExist(f'there is no {cls.__name__} with {condition.lhs.name} = {condition.rhs!r}')
        return found[0]

    def save(self: Any, force_insert: bool = False, only: Any = None) -> Any:
        """Insert the row if it is new, or else update it.

        :param force_insert: whether it is new although it has a primary key.
        :param only: the fields to write; by default all of them.
        :returns: how many rows have been written.
        """
        meta = self._meta
        inserts = getattr(meta.database, 'inserts', None) if has_single_key(meta) and only is None else None
        if inserts is None or not (force_insert or (self._pk is None and not meta.only_save_dirty)):
            return super().save(force_insert, only)
        data = self.__data__.copy()
        is_new_key = self._pk is None
        self._populate_unsaved_relations(data)
        if meta.auto_increment and is_new_key:
            data.pop(meta.primary_key.name, None)
        made = inserts.run(type(self), data)
        if made is not None and (meta.auto_increment or is_new_key):
            self._pk = made
            self._dirty.discard(meta.primary_key.name)
        self._dirty.difference_update(data)
        return 1

    class Meta:
        """Bind every model to the configured database."""

        database = database
        legacy_table_names = False


def models_of(package: str) -> list[type[Model]]:
    """The models that ``<package>.models`` defines or imports from the same package, in order of their definition.

    :raises ConfigurationError: the project has no module ``models``, or it cannot be imported.
    """
    path = f'{package}.models'
    try:
        module = importlib.import_module(path)
    except ModuleNotFoundError as exc:
        if exc.name != path:
            raise
        raise ConfigurationError(f"the project has no module '{path}'") from None
    return [value for value in vars(module).values() if _is_model_of(value, package)]


def _is_model_of(value: Any, package: str) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, Model)
        and value.__module__.partition('.')[0] == package.partition('.')[0]
        and not value._meta.abstract
    )
