"""Dumping as a schema does, faster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from colibris.schemas.compiled.kinds import General
from colibris.schemas.compiled.nesting import Nesting
from colibris.schemas.compiled.records import RecordWriting
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

    dump_records: Callable[[Sequence[Any]], list[Any]] | None = None
    """``dump_records(records)`` returns what :attr:`dump` would for instances of these rows of the model.

    They hold the values of all of the model's fields, in its order, as the database has given them. ``None``: it takes
    instances to know.
    """

    reasons: tuple[str, ...] = ()
    """Why parts go the general way, for people: ``price: Price overrides _serialize``. Empty if nothing does."""


def compile_dump(schema: Schema, model: Any) -> Dumper:
    """Make the dumper of a schema.

    This never fails: what is not known goes the general way. It takes milliseconds, so keep the dumper, which may be
    used by many threads.

    :param model: the class of the objects: a Peewee model, or ``dict``; ``None`` if nothing is known about them.
    """
    try:
        if model is None:
            raise General('no model is known')
        if schema.many:
            raise General(f'{type(schema).__name__} is made with many=True')
        writing = Writing(schema, model, schema.dump, Nesting())
        return Dumper(writing.function(), _compile_records(schema, model), tuple(writing.reasons))
    except General as reason:
        return Dumper(schema.dump, reasons=(str(reason),))
    except Exception as exc:
        return Dumper(schema.dump, reasons=(f'{type(schema).__name__} cannot be compiled: {exc!r}',))


def _compile_records(schema: Schema, model: Any) -> Callable[[Sequence[Any]], list[Any]] | None:
    try:
        return None if model is dict else RecordWriting(schema, model).function()
    except General:
        return None
