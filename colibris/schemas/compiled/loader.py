"""Loading as a schema does, faster."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from colibris.schemas.compiled.kinds import General
from colibris.schemas.compiled.nesting import Nesting
from colibris.schemas.compiled.reading import UNUSUAL, Reading

__all__ = ['Loader', 'compile_load']


@dataclass(frozen=True)
class Loader:
    """What a schema does with data, made once for any number of them."""

    load: Callable[[Any], Any]
    """``load(data)`` returns the same as ``schema.load(data)``, or raises the same ``ValidationError``.

    Data that is plainly valid is read by a generated function; whatever else there is, the schema itself gets. What a
    project has written (a validator, a field, the function that makes a default) may be called twice for such data.
    """

    reasons: tuple[str, ...] = ()
    """Why parts go the general way, for people: ``price: Price overrides _deserialize``. Empty if nothing does."""


def compile_load(schema: Schema) -> Loader:
    """Make the loader of a schema, with the schema's own ``partial`` and ``unknown``.

    This never fails: what is not known goes the general way. It takes milliseconds, so keep the loader, which may be
    used by many threads.
    """
    try:
        if schema.many:
            raise General(f'{type(schema).__name__} is made with many=True')
        reading = Reading(schema, schema.partial, schema.unknown, Nesting())
        return Loader(_with_general_way(reading.function(), schema), tuple(reading.reasons))
    except General as reason:
        return Loader(schema.load, (str(reason),))
    except Exception as exc:
        return Loader(schema.load, (f'{type(schema).__name__} cannot be compiled: {exc!r}',))


def _with_general_way(read: Callable[[Any], Any], schema: Schema) -> Callable[[Any], Any]:
    general = schema.load

    def load(data: Any) -> Any:
        result = read(data)
        return general(data) if result is UNUSUAL else result

    return load
