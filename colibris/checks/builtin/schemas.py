"""Whether the schemas of model views fit their models."""

import inspect
from collections.abc import Iterator
from typing import Any

from colibris.app.project import project_value
from colibris.checks import Problem, register, warning
from colibris.errors import ConfigurationError
from colibris.schemas import schema_instance
from colibris.views.mixins import CreateMixin, UpdateMixin
from colibris.views.model import ModelView
from colibris.views.routing import read_routes

__all__ = ['check_schemas']


@register
def check_schemas() -> Iterator[Problem]:
    """Fields that a model lacks, and those that it needs but nobody gives."""
    for view in dict.fromkeys(_model_views()):
        if view.body_schema_class is not None and issubclass(view, CreateMixin | UpdateMixin):
            yield from _unknown_fields(view)
        if view.body_schema_class is not None and issubclass(view, CreateMixin):
            yield from _missing_fields(view)


def _model_views() -> Iterator[Any]:
    try:
        endpoints = read_routes(project_value('routes', 'ROUTES', []))
    except ConfigurationError:
        return  # the check of the application tells
    for endpoint in endpoints:
        if inspect.isclass(endpoint.view) and issubclass(endpoint.view, ModelView):
            yield endpoint.view


def _unknown_fields(view: Any) -> Iterator[Problem]:
    if _overrides(view, 'perform_create') or _overrides(view, 'perform_update'):
        return
    for name in sorted(_written(view) - _known(view.model)):
        yield warning(
            'colibris.W003',
            f'{view.__name__}: {view.body_schema_class.__name__} takes {name!r}, which {view.model.__name__} lacks',
            'add it to the model, or handle it in perform_create() and perform_update()',
        )


def _missing_fields(view: Any) -> Iterator[Problem]:
    if _overrides(view, 'perform_create') or _overrides(view, 'post'):
        return
    given = _written(view) | {view.owner_field}
    for field in view.model._meta.sorted_fields:
        is_needed = not (field.null or field.default is not None or field.primary_key)
        if is_needed and given.isdisjoint(_names(field)):
            yield warning(
                'colibris.W004',
                f'{view.__name__}: {view.model.__name__} needs {field.name!r}, which '
                f'{view.body_schema_class.__name__} does not take, so that nothing can be created',
                'add it to the schema, give it a default, or set it in perform_create()',
            )


def _written(view: Any) -> set[str]:
    fields = schema_instance(view.body_schema_class).load_fields
    return {field.attribute or name for name, field in fields.items()}


def _known(model: Any) -> set[str]:
    return {name for name in dir(model) if not name.startswith('_')} | set(model._meta.combined)


def _names(field: Any) -> set[str]:
    """The names by which a field can be given: a foreign key has two."""
    return {field.name, getattr(field, 'object_id_name', field.name)}


def _overrides(view: Any, name: str) -> bool:
    """Whether a project's own class has replaced a hook, so that nobody knows what it does."""
    method = getattr(view, name, None)
    return method is not None and not method.__module__.startswith('colibris.')
