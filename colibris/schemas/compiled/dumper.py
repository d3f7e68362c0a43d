"""Dumping as a schema does, faster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from colibris.schemas.compiled.kinds import General
from colibris.schemas.compiled.nesting import Nesting
from colibris.schemas.compiled.writing import Writing

__all__ = ['Dumper', 'compile_dump']


@dataclass(frozen=True)
class Dumper:
    """What a schema shows of rows, made once for any number of them."""

    dump: Callable[[Any], Any]
    """``dump(obj)`` returns the same as ``schema.dump(obj)``, keys in the same order.

    Objects of exactly the class for which the dumper was made are written by a generated function, any others by the
    schema itself.
    """

    dump_row: Callable[[Sequence[Any]], dict[Any, Any]] | None = None
    """``dump_row(values)`` returns the same for the values of :attr:`columns`, as Peewee's ``python_value`` gives them.

    ``None`` if some field needs the object.
    """

    columns: tuple[str, ...] = ()
    """The names of the model's fields whose values :attr:`dump_row` takes, in this order."""

    reasons: tuple[str, ...] = ()
    """Why parts go the general way, for people: ``price: Price overrides _serialize``. Empty if nothing does."""


def compile_dump(schema: Schema, model: Any) -> Dumper:
    """Make the dumper of a schema.

    This never fails: what is not known goes the general way. It takes milliseconds, and is for start-up; the dumper
    may be used by many threads.

    :param model: the class of the objects: a Peewee model, or ``dict``; ``None`` if nothing is known about them.
    """
    try:
        if model is None:
            raise General('no model is known')
        if schema.many:
            raise General(f'{type(schema).__name__} is made with many=True')
        writing = Writing(schema, model, schema.dump, Nesting())
        dump, dump_row = writing.functions_of_rows()
        columns = writing.columns if dump_row is not None else ()
        return Dumper(dump, dump_row, columns, tuple(writing.reasons))
    except General as reason:
        return Dumper(schema.dump, reasons=(str(reason),))
    except Exception as exc:
        return Dumper(schema.dump, reasons=(f'{type(schema).__name__} cannot be compiled: {exc!r}',))
