"""Schema instances, and what is compiled of them, made once."""

import functools
from typing import Any, Literal

from marshmallow import Schema
from marshmallow.exceptions import RegistryError

from colibris.errors import ConfigurationError
from colibris.schemas.compiled import Dumper, Loader, compile_dump, compile_load

__all__ = ['check_schema', 'dumper_of', 'loader_of', 'schema_instance']


def check_schema(schema_class: type[Schema]) -> None:
    """Check that a schema class can be used at all.

    :raises ConfigurationError: it cannot, for example because ``Meta.fields`` names a field that there is not.
    """
    try:
        schema_instance(schema_class)
    except (KeyError, ValueError, TypeError, RegistryError) as exc:
        raise ConfigurationError(f'{schema_class.__name__} cannot be used: {exc}') from exc


@functools.lru_cache(maxsize=4096)
def schema_instance(
    schema_class: type[Schema], *, partial: bool = False, unknown: Literal['exclude', 'include', 'raise'] | None = None
) -> Schema:
    """The instance of a schema class that every request shares.

    :param partial: missing fields are no error.
    :param unknown: what happens to unknown fields, if not what the class says.
    """
    return schema_class(partial=partial, unknown=unknown)


@functools.lru_cache(maxsize=4096)
def dumper_of(schema: Schema, model: Any) -> Dumper:
    """What dumps a model's rows as the schema does."""
    return compile_dump(schema, model)


@functools.lru_cache(maxsize=4096)
def loader_of(schema: Schema) -> Loader:
    """What loads data as the schema does."""
    return compile_load(schema)
