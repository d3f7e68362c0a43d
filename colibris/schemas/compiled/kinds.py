"""Which fields and schemas behave as marshmallow and colibris wrote them."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Raw

__all__ = ['ISO', 'ONLY_DUMPING', 'ONLY_LOADING', 'General', 'check_schema', 'kind_of', 'nested_schema']

ISO = ('iso', 'iso8601')

ONLY_LOADING = frozenset(
    {'_deserialize', '_validate', '_validate_all', '_validate_missing', '_validated', 'deserialize'}
)
ONLY_DUMPING = frozenset({'_CHECK_ATTRIBUTE', '_serialize', '_to_string', 'get_value', 'serialize'})

_DATA = frozenset(vars(Raw()))
_INSTANCES_OWN = frozenset({'falsy', 'truthy'})
_HARMLESS = frozenset({'_abc_impl', '_bind_to_schema', 'default_error_messages', 'falsy', 'longest', 'truthy'})


class General(Exception):
    """Something has to go the general way; the text says why."""


def kind_of(field: Any, kinds: Iterable[type], ignored: frozenset[str]) -> type:
    """The one of ``kinds`` that the field is, changing nothing of it.

    A class that only sets the options of its base, or the messages, changes nothing. What an instance was given
    instead of a method changes something.

    :param ignored: names of methods that are not called, whatever they are.
    :raises General: the field is something else.
    """
    field_type = type(field)
    kind = next((cls for cls in field_type.__mro__ if cls in kinds), None)
    if kind is None:
        raise General(f'nothing is known about {field_type.__name__}')
    own = {name for name in vars(field) if hasattr(field_type, name)} - _INSTANCES_OWN
    for cls in set(field_type.__mro__) - set(kind.__mro__):
        own |= {name for name in vars(cls) if _matters(name) and (hasattr(kind, name) or name in _DATA)}
    _refuse(field_type, own - ignored)
    return kind


def check_schema(schema: Schema, methods: Iterable[str], hooks: Iterable[str]) -> None:
    """Check that a schema works as marshmallow's do.

    :param methods: the names of methods that have to be marshmallow's own.
    :param hooks: the kinds of hooks that there must not be.
    :raises General: it does not.
    """
    schema_type = type(schema)
    _refuse(schema_type, {name for name in methods if _differs(schema, name)})
    found: Mapping[str, list[Any]] = schema._hooks
    for hook in hooks:
        if found.get(hook):
            raise General(f'{schema_type.__name__} has {hook}: {", ".join(str(name) for name, *_ in found[hook])}')
    if schema.dict_class is not dict:
        raise General(f'{schema_type.__name__} has a dict_class')


def nested_schema(field: Any) -> Schema:
    """The schema of a nested field.

    :raises General: it cannot be made.
    """
    try:
        schema: Schema = field.schema
    except Exception as exc:
        raise General(f'its schema cannot be made: {exc}') from exc
    return schema


def _matters(name: str) -> bool:
    """Whether a function made for the base would notice that a class defines a name anew."""
    return name not in _HARMLESS and (not name.startswith('__') or name == '__getattribute__')


def _differs(schema: Schema, name: str) -> bool:
    return name in vars(schema) or getattr(type(schema), name) is not getattr(Schema, name)


def _refuse(owner: type, names: set[str]) -> None:
    if names:
        raise General(f'{owner.__name__} overrides {", ".join(sorted(names))}')
