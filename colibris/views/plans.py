"""What is decided about requests before they come, for people who ask what is fast, and why something is not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from colibris.docs.bodies import METHODS_WITH_BODY
from colibris.docs.operations import Kind, Operation
from colibris.middleware.validation import descriptions_of, loads_json
from colibris.persist.instances import instance_reader
from colibris.persist.models import Model
from colibris.persist.queries import ModelSelect
from colibris.schemas import dumper_of, loader_of, schema_instance
from colibris.views.api import APIView, body_schema, query_schema
from colibris.views.base import View
from colibris.views.mixins import (
    CreateMixin,
    DestroyMixin,
    ListMixin,
    RetrieveMixin,
    UpdateMixin,
    narrowings_of,
    unconditional_query,
)
from colibris.views.model import ModelView, limits_of
from colibris.views.ownership import Ownership
from colibris.views.parsing import leaves_out_unknown
from colibris.views.routing import Endpoint, name_of

__all__ = ['HOOKS', 'Hook', 'Part', 'Plan', 'plan_of']

COMPILED, PARTLY_COMPILED, GENERAL, OWN = 'compiled', 'compiled in part', 'general', 'own'

_BASES = (
    *(APIView, ModelView, Ownership, View),
    *(CreateMixin, DestroyMixin, ListMixin, RetrieveMixin, UpdateMixin),
)

_OF_ROW = ('find_object', 'get_object', 'find_rows', 'get_query', 'has_object_permission')
_OF_CHANGE = (*_OF_ROW, 'get_validated_body', 'perform_update', 'dump')
_HOOKS_OF: dict[Kind | None, tuple[str, ...]] = {
    'list': ('find_rows', 'get_query', 'get_validated_query', 'load_query', 'dump_many', 'dump'),
    'create': ('get_validated_body', 'perform_create', 'dump'),
    'get': (*_OF_ROW, 'dump'),
    'replace': _OF_CHANGE,
    'update': _OF_CHANGE,
    'delete': (*_OF_ROW, 'perform_destroy'),
    None: ('get_validated_body', 'get_validated_query', 'load_query'),
}
HOOKS = {
    'dump': 'shows each row',
    'dump_many': 'shows lists',
    'find_object': 'finds the row',
    'find_rows': 'makes a query for each request',
    'get_object': 'finds the row',
    'get_query': 'makes a query for each request',
    'get_validated_body': 'reads the body',
    'get_validated_query': 'reads query parameters',
    'has_object_permission': 'is asked about the row',
    'load_query': 'reads query parameters',
    'perform_create': 'makes the row',
    'perform_destroy': 'deletes the row',
    'perform_update': 'changes the row',
}
"""The methods of views that a project may override, and what each does there."""


@dataclass(frozen=True)
class Part:
    """A part of the work that a request causes, and how it is done.

    :param name: which part: ``query``, ``body``, ``list``, ``rows``, ``row``, ``insert`` or ``answer``.
    :param subject: the schema, the model or the model's field that it is about.
    :param way: ``own``, if the project's own code does it; or else for schemas ``compiled``, ``compiled in part`` or
        ``general``, and for the database a few words.
    :param reasons: why it is not done in the fastest way, or which code of the project's does it.
    """

    name: str
    subject: str
    way: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hook:
    """A method of the view's that a project has overridden, such as ``BooksView.dump``, and what it does."""

    name: str
    effect: str


@dataclass(frozen=True)
class Plan:
    """What is decided about the requests with one method to one path.

    :param steps: the names of the steps that they take on their way to the view, outermost first.
    """

    path: str
    method: str
    view: str
    steps: tuple[str, ...]
    parts: tuple[Part, ...]
    hooks: tuple[Hook, ...]


def plan_of(endpoint: Endpoint, method: str, steps: Iterable[Any]) -> Plan:
    """The plan for one of an endpoint's methods.

    :param steps: the steps that apply to it.
    """
    view, kind = endpoint.view, Operation(endpoint, method).kind
    parts, hooks = list(_described(view, method)), list[Hook]()
    if isinstance(view, type) and issubclass(view, APIView):
        parts += _parts(view, method, kind)
        hooks += _hooks(view, method, kind)
    return Plan(endpoint.path, method, name_of(view), tuple(map(_name, steps)), tuple(parts), tuple(hooks))


def _name(step: Any) -> str:
    return getattr(step, '__name__', type(step).__name__)


# What a view's class decides


def _parts(view: Any, method: str, kind: Kind | None) -> Iterator[Part]:
    yield from (_query(view, schema_class, method) for schema_class in view.get_query_schema_classes(method))
    if method in METHODS_WITH_BODY and view.body_schema_class:
        yield _body(view, method)
    if kind in ('get', 'replace', 'update', 'delete'):
        yield _row(view)
    if kind == 'list':
        yield _list(view)
    if kind == 'list' and not limits_of(view):
        yield _rows(view.model)
    if kind == 'create':
        yield _insert(view)
    if kind not in (None, 'delete'):
        yield _answer(view, kind)


def _query(view: Any, schema_class: type[Schema], method: str) -> Part:
    readers = ('get_validated_query', 'load_query') if schema_class is view.query_schema_class else ('load_query',)
    own = _own(view, *readers)
    schema = query_schema(view, schema_class, method)
    if own or leaves_out_unknown(schema):
        return _loaded('query', schema, own)
    return Part('query', schema_class.__name__, GENERAL, ('it takes parameters that it does not know',))


def _body(view: Any, method: str) -> Part:
    return _loaded('body', body_schema(view.body_schema_class, method), _own(view, 'get_validated_body'))


def _answer(view: Any, kind: Kind | None) -> Part:
    chosen = view.create_response_schema_class if kind == 'create' else None
    schema = schema_instance(chosen or view.get_response_schema_class())
    own = _own(view, 'dump_many', 'dump') if kind == 'list' else _own(view, 'dump')
    if own:
        return Part('answer', type(schema).__name__, OWN, own)
    dumper = dumper_of(schema, view.model)
    return _compiled('answer', schema, dumper.dump == schema.dump, dumper.reasons)


def _loaded(name: str, schema: Schema, own: tuple[str, ...] = ()) -> Part:
    if own:
        return Part(name, type(schema).__name__, OWN, own)
    loader = loader_of(schema)
    return _compiled(name, schema, loader.load == schema.load, loader.reasons)


def _compiled(name: str, schema: Schema, is_general: bool, reasons: tuple[str, ...]) -> Part:
    way = GENERAL if is_general else PARTLY_COMPILED if reasons else COMPILED
    return Part(name, type(schema).__name__, way, reasons)


def _row(view: Any) -> Part:
    field = view.get_lookup_model_field()
    subject = f'{view.model.__name__}.{field.name}'
    own = _own(view, 'find_object', 'get_object')
    if own:
        return Part('row', subject, OWN, own)
    if not view.sees_all_rows():
        return Part('row', subject, 'looked up by a query', _limits(view))
    own = _own_of_model(view.model, 'get_or_none', 'get')
    if own:
        return Part('row', subject, OWN, own)
    lookups = getattr(_database(view.model), 'lookups', None)
    if lookups is None or not lookups.knows(field):
        return Part('row', subject, 'looked up by a query', _why_by_peewee(view.model))
    return Part('row', subject, 'looked up directly')


def _list(view: Any) -> Part:
    name = view.model.__name__
    if unconditional_query(view) is not None:
        return Part('list', name, 'the same query for all requests')
    reasons = (f'{attribute} is set' for attribute in narrowings_of(view))
    limits = () if view.sees_all_rows() else _limits(view)
    return Part('list', name, 'a query for each request', (*reasons, *limits))


def _rows(model: Any) -> Part:
    if type(model.select()) is ModelSelect and instance_reader(model) is not None:
        return Part('rows', model.__name__, 'made in one step')
    return Part('rows', model.__name__, 'made by Peewee', _why_by_peewee(model))


def _insert(view: Any) -> Part:
    model = view.model
    own = _own(view, 'perform_create') or _own_of_model(model, 'create', 'save')
    if own:
        return Part('insert', model.__name__, OWN, own)
    inserts = getattr(_database(model), 'inserts', None)
    if inserts is None or not inserts.knows(model):
        return Part('insert', model.__name__, 'inserted by Peewee', _why_by_peewee(model))
    return Part('insert', model.__name__, 'inserted directly')


def _limits(view: Any) -> tuple[str, ...]:
    return limits_of(view) or (f'{view.__name__} overrides sees_all_rows',)


def _why_by_peewee(model: Any) -> tuple[str, ...]:
    if _database(model) is None:
        return ('DATABASE is not set',)
    return (f'{model.__name__}, or a field of it, works in a way of its own',)


def _database(model: Any) -> Any:
    """The model's database, or ``None`` if it has none."""
    database = model._meta.database
    return getattr(database, 'obj', database)


def _own(view: Any, *names: str) -> tuple[str, ...]:
    """The name of the first of these methods that a project has overridden, if there is one."""
    return tuple(f'{view.__name__}.{name}' for name in names if _is_overridden(view, name))[:1]


def _own_of_model(model: Any, *names: str) -> tuple[str, ...]:
    return tuple(f'{model.__name__}.{name}' for name in names if _is_overridden(model, name, Model.__mro__))[:1]


def _is_overridden(cls: Any, name: str, bases: Sequence[type] = _BASES) -> bool:
    return next((owner for owner in cls.__mro__ if name in vars(owner)), bases[0]) not in bases


def _hooks(view: Any, method: str, kind: Kind | None) -> Iterator[Hook]:
    name = method.lower()
    if kind and _is_overridden(view, name):
        yield Hook(f'{view.__name__}.{name}', 'answers; the parts hold as far as it calls them')
    if _is_overridden(view, 'check_request'):
        yield Hook(f'{view.__name__}.check_request', 'is asked before anything else')
    for name in _HOOKS_OF[kind]:
        if _is_overridden(view, name):
            yield Hook(f'{view.__name__}.{name}', HOOKS[name])


# What aiohttp-apispec's decorators decide


def _described(view: Any, method: str) -> Iterator[Part]:
    for described in descriptions_of(view, method):
        location, schema = described['location'], described['schema']
        if loads_json(location):
            yield _loaded('body', schema)
        else:
            yield Part(
                location, type(schema).__name__, GENERAL, ('the decorator hands over every value of the request',)
            )
