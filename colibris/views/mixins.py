"""What a model view can do, a mixin for each."""

import functools
from typing import Any, ClassVar

import peewee
from aiohttp import web
from marshmallow import Schema

from colibris.api import InvalidRequest, NotFound
from colibris.api.envelope import Paged
from colibris.persist.models import Model
from colibris.persist.queries import SharedSelect, instances_of
from colibris.views.conditions import object_to_change
from colibris.views.filtering import apply_filter
from colibris.views.integrity import integrity_errors
from colibris.views.ordering import apply_ordering
from colibris.views.responses import finish
from colibris.views.searching import apply_search

__all__ = [
    'CreateMixin',
    'DestroyMixin',
    'ListMixin',
    'RetrieveMixin',
    'UpdateMixin',
    'narrowings_of',
    'unconditional_query',
]


class ListMixin:
    """``GET`` answers with the rows: filtered, searched, sorted, a page of them."""

    async def get(self: Any) -> Any:
        """List."""
        view: Any = type(self)
        shared = unconditional_query(view)
        query = await self._find_listed() if shared is None else SharedSelect.copy_of(shared)
        if self.pagination_class is None:
            return self.dump_many(instances_of(query))
        parameters = self.load_query(self.pagination_class.get_query_schema_class())
        pagination = self.pagination_class(self, parameters)
        page = await finish(pagination.paginate(query))
        results = self.dump_many(page.items)
        return Paged(pagination.envelope(page, results), results, page)

    async def _find_listed(self: Any) -> Any:
        query = await self.find_rows()
        if self.query_schema_class:
            query = _match_fields(query, self.model, await self.get_validated_query())
        for narrow in (apply_filter, apply_search, apply_ordering):
            query = narrow(query, self)
        return query


class CreateMixin:
    """``POST`` makes a row."""

    create_response_schema_class: ClassVar[type[Schema] | None] = None
    """Makes the answer; by default it is like every other answer about a row."""

    async def post(self: Any) -> Any:
        """Create."""
        data = self.with_owner(await self.get_validated_body())
        with integrity_errors(self.model, data):
            instance = await finish(self.perform_create(data))
        return self.respond(self.dump(instance, self.create_response_schema_class), status=201)

    def perform_create(self: Any, data: dict[str, Any]) -> Any:
        """Make the row and return it. May be async."""
        return self.model.create(**data)


class RetrieveMixin:
    """``GET`` answers with the row that the URL names."""

    async def get(self: Any) -> Any:
        """Retrieve."""
        return self.dump(await self.find_object())


class UpdateMixin:
    """``PUT`` replaces the row that the URL names, ``PATCH`` changes the fields that it gets."""

    async def put(self: Any) -> Any:
        """Replace."""
        return await self._update()

    async def patch(self: Any) -> Any:
        """Update."""
        return await self._update()

    def perform_update(self: Any, instance: Any, data: dict[str, Any]) -> Any:
        """Change the row, and return it. May be async."""
        for name, value in data.items():
            setattr(instance, name, value)
        _save_changes(instance)
        return instance

    async def _update(self: Any) -> Any:
        data = self.without_owner(await self.get_validated_body())
        async with object_to_change(self) as instance:
            _refuse_new_key(instance, data)
            with integrity_errors(self.model, data):
                changed = await finish(self.perform_update(instance, data)) or instance
        return self.dump(changed)


class DestroyMixin:
    """``DELETE`` deletes the row that the URL names."""

    async def delete(self: Any) -> web.StreamResponse:
        """Delete."""
        async with object_to_change(self) as instance:
            with integrity_errors(self.model):
                await finish(self.perform_destroy(instance))
        return web.Response(status=204)

    def perform_destroy(self: Any, instance: Any) -> Any:
        """Delete the row. May be async."""
        instance.delete_instance()


@functools.lru_cache(maxsize=4096)
def unconditional_query(view: type[Any]) -> Any:
    """The query of a list that is the same for all requests, but for its pages; ``None`` for others."""
    return None if narrowings_of(view) or not view.sees_all_rows() else apply_ordering(view.model.select(), view)


def narrowings_of(view: type[Any]) -> list[str]:
    """The names of the view's attributes by which a request can narrow or sort its list."""
    names = ('query_schema_class', 'filter_class', 'search_fields', 'ordering_fields')
    return [name for name in names if getattr(view, name)]


def _save_changes(instance: Any) -> None:
    """Write the fields that were set, so that a row that others change meanwhile keeps what they have written.

    A model with a ``save`` of its own may set more, and is trusted to do it right.
    """
    changed = [field for field in instance.dirty_fields if not _is_of_key(field)]
    if type(instance).save is not Model.save:
        instance.save()
    elif changed and not instance.save(only=changed) and not _exists(instance):
        raise NotFound


def _exists(instance: Any) -> bool:
    return bool(type(instance).select().where(instance._pk_expr()).exists())


def _match_fields(query: Any, model: Any, values: dict[str, Any]) -> Any:
    """Keep the rows whose fields have the values that the query parameters of the same names have."""
    for name, value in values.items():
        if name in model._meta.fields:
            query = query.where(model._meta.fields[name] == value)
    return query


def _refuse_new_key(instance: Any, data: dict[str, Any]) -> None:
    keys = [field for field in instance._meta.sorted_fields if _is_of_key(field) and field.safe_name in data]
    changed = [key.name for key in keys if data[key.safe_name] != getattr(instance, key.safe_name)]
    if changed:
        problems = {name: ['The primary key cannot be changed.'] for name in changed}
        raise InvalidRequest(f'the body is not valid: {", ".join(changed)}', details={'body': problems})


def _is_of_key(field: Any) -> bool:
    key = field.model._meta.primary_key
    return field.name in key.field_names if isinstance(key, peewee.CompositeKey) else field is key
