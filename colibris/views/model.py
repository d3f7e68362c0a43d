"""Views of a model's rows."""

import functools
from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

from aiohttp import hdrs
from marshmallow import Schema, ValidationError

from colibris.api import NotFound
from colibris.errors import ConfigurationError
from colibris.persist.instances import Instances
from colibris.persist.queries import selects_all_rows
from colibris.schemas import dumper_of, loader_of, schema_instance
from colibris.schemas.compiled import Loader
from colibris.schemas.converters import field_for
from colibris.schemas.relations import load_relations
from colibris.views.api import APIView
from colibris.views.filtering import ModelFilter
from colibris.views.mixins import DestroyMixin, ListMixin, RetrieveMixin, UpdateMixin
from colibris.views.ordering import check_ordering_fields, ordering_schema
from colibris.views.ownership import Ownership
from colibris.views.pagination import PageNumberPagination, Pagination
from colibris.views.searching import check_search_fields, search_schema

__all__ = ['ModelView', 'limits_of']


class ModelView(Ownership, APIView):
    """A view of one model's rows; the mixins bring the methods."""

    schema_attributes = (*APIView.schema_attributes, 'filter_class', 'create_response_schema_class')

    model: ClassVar[Any] = None
    """The model."""

    lookup_field: ClassVar[str | None] = None
    """The name of the model's field that the URL names; by default the primary key."""

    url_identifier: ClassVar[str | None] = None
    """The name of the path's variable; by default the only one, or else the one named like the field."""

    pagination_class: ClassVar[type[Pagination] | None] = PageNumberPagination
    """How lists are cut into pages; ``None``: not at all."""

    filter_class: ClassVar[type[ModelFilter] | None] = None
    """Which query parameters filter lists."""

    ordering_fields: ClassVar[Sequence[str]] = ()
    """The names of the fields by which ``?ordering=`` may sort lists."""

    search_fields: ClassVar[Sequence[str]] = ()
    """The names of the texts in which ``?search=`` looks for words."""

    if_match_required: ClassVar[bool] = False
    """Whether ``PUT``, ``PATCH`` and ``DELETE`` have to say by ``If-Match`` which version of a row they change."""

    @classmethod
    def check(cls) -> None:
        """Check the class' attributes against the model."""
        super().check()
        if cls.model is None:
            raise ConfigurationError(f'{cls.__name__} has no model')
        cls.get_lookup_model_field()
        cls.get_response_schema_class()
        if cls.filter_class is not None and not issubclass(cls.filter_class, ModelFilter):
            raise ConfigurationError(f'{cls.__name__}.filter_class must be a ModelFilter, not {cls.filter_class!r}')
        check_ordering_fields(cls)
        check_search_fields(cls)
        cls.check_ownership()
        _check_object_permission(cls)
        if cls.pagination_class is not None:
            cls.pagination_class.check(cls)

    @classmethod
    def get_query_schema_classes(cls, method: str) -> list[type[Schema]]:
        """The schemas that read the query parameters of an HTTP method: only lists have any."""
        return list(_list_schemas(cls)) if cls.lists_with(method) else []

    @classmethod
    def lists_with(cls, method: str) -> bool:
        """Whether an HTTP method answers with a list."""
        return issubclass(cls, ListMixin) and method in (hdrs.METH_GET, hdrs.METH_HEAD)

    # Hooks

    def get_query(self) -> Any:
        """The rows that this view may see: a select query, for example limited to the account's own. May be async."""
        return self.model.select()

    async def get_object(self) -> Any:
        """The row that the URL names.

        :raises NotFound: there is none among those of ``find_rows``.
        """
        field = self.get_lookup_model_field()
        value = self._lookup_value()
        instance = await self._find(field == value)
        if instance is None:
            raise self.missing()
        return instance

    # For the mixins

    @classmethod
    def sees_all_rows(cls) -> bool:
        """Whether every account and every request sees all of the model's rows."""
        return not limits_of(cls)

    def dump(self, instance: Any, schema_class: type[Schema] | None = None) -> Any:
        """A row as the answer has it."""
        schema = schema_instance(schema_class or self.get_response_schema_class())
        return dumper_of(schema, self.model).dump(instance)

    def dump_many(self, instances: Sequence[Any]) -> list[Any]:
        """Rows as a list has them: each by :meth:`dump`; what they refer to is read at once for all of them."""
        schema = schema_instance(self.get_response_schema_class())
        dumper = dumper_of(schema, self.model)
        is_plain = type(self).dump is ModelView.dump
        if is_plain and dumper.dump_records and isinstance(instances, Instances) and instances.records is not None:
            return dumper.dump_records(instances.records)
        load_relations(instances, schema)
        return list(map(dumper.dump if is_plain else self.dump, instances))

    @classmethod
    def missing(cls) -> NotFound:
        """The error for a row that is not there, or not there for the account."""
        return NotFound(f'there is no {cls.model.__name__.lower()} with this {cls.get_lookup_model_field().name}')

    @classmethod
    def get_response_schema_class(cls) -> type[Schema]:
        """The schema that makes the answers.

        :raises ConfigurationError: the class names none.
        """
        schema_class = cls.response_schema_class or cls.body_schema_class
        if schema_class is None:
            raise ConfigurationError(f'{cls.__name__} has neither response_schema_class nor body_schema_class')
        return schema_class

    @classmethod
    def get_lookup_model_field(cls) -> Any:
        """The model's field that the URL names."""
        meta = cls.model._meta
        if cls.lookup_field is None:
            return meta.primary_key
        if cls.lookup_field not in meta.fields:
            raise ConfigurationError(f"{cls.__name__}: {cls.model.__name__} has no field '{cls.lookup_field}'")
        return meta.fields[cls.lookup_field]

    @classmethod
    def get_lookup_variable(cls, variables: Collection[str]) -> str:
        """The name of the one of the path's variables that names the row.

        :raises ConfigurationError: it is not among them.
        """
        only = next(iter(variables)) if len(variables) == 1 else None
        name = cls.url_identifier or only or cls.get_lookup_model_field().name
        if name not in variables:
            raise ConfigurationError(f"{cls.__name__}: the path has no variable '{name}'; url_identifier names it")
        return name

    @classmethod
    def check_path(cls, variables: Collection[str]) -> None:
        """Check that the path names the row, if it is the URL that does."""
        if issubclass(cls, RetrieveMixin | UpdateMixin | DestroyMixin) and cls.get_object is ModelView.get_object:
            cls.get_lookup_variable(variables)

    async def _find(self, condition: Any) -> Any:
        if self.sees_all_rows():
            return self.model.get_or_none(condition)
        rows = await self.find_rows()
        return rows.where(condition).first()

    def _lookup_value(self) -> Any:
        variables = self.request.match_info
        try:
            return _lookup_loader(type(self)).load({'value': variables[self.get_lookup_variable(variables)]})['value']
        except ValidationError:
            raise self.missing() from None


@functools.lru_cache(maxsize=4096)
def limits_of(view: type[ModelView]) -> tuple[str, ...]:
    """Why some requests may not see all of the model's rows, for people; empty: each of them does."""
    limits = {
        f'{view.__name__} overrides get_query': view.get_query is not ModelView.get_query,
        f'{view.__name__} overrides find_rows': view.find_rows is not Ownership.find_rows,
        f'owner_field is {view.owner_field!r}': view.owner_field,
        f'{view.model.__name__} overrides select': not selects_all_rows(view.model),
    }
    return tuple(reason for reason, holds in limits.items() if holds)


@functools.lru_cache(maxsize=4096)
def _lookup_loader(view: type[ModelView]) -> Loader:
    """What reads the URL's text."""
    field = field_for(view.get_lookup_model_field(), from_text=True, dump_only=False, attribute=None)
    return loader_of(Schema.from_dict({'value': field}, name='Lookup')())


def _list_schemas(view: type[ModelView]) -> Iterator[type[Schema]]:
    if view.query_schema_class:
        yield view.query_schema_class
    if view.filter_class:
        yield view.filter_class
    if view.search_fields:
        yield search_schema()
    if view.ordering_fields:
        yield ordering_schema(tuple(view.ordering_fields))
    if view.pagination_class:
        yield view.pagination_class.get_query_schema_class()


def _check_object_permission(view: type[ModelView]) -> None:
    is_limited = view.owner_field or view.get_query is not ModelView.get_query
    if view.has_object_permission is not Ownership.has_object_permission and view.lists_with('GET') and not is_limited:
        raise ConfigurationError(
            f'{view.__name__}: lists do not ask has_object_permission; define get_query or owner_field too'
        )
