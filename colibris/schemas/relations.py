"""Foreign keys that answers nest: read for all rows of a list at once."""

import copy
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import peewee
from marshmallow import Schema, missing
from marshmallow.fields import Field, Nested
from marshmallow.utils import get_value

__all__ = ['Related', 'load_relations']

_KEYS_AT_ONCE = 500


class Related(Field[Any]):
    """A foreign key that is read as what it points to, and written as its key.

    :class:`~colibris.schemas.ModelSchema` makes one where a class declares a nested schema for a foreign key.

    :param shown: the field that answers have.
    :param key: the field that requests have.
    :param relation: the name of the model's foreign key.
    """

    def __init__(self, shown: Nested, key: Field[Any], relation: str) -> None:
        super().__init__(
            attribute=key.attribute,
            data_key=shown.data_key,
            required=shown.required or key.required,
            allow_none=key.allow_none,
            load_default=key.load_default,
            metadata={**key.metadata, **shown.metadata},
        )
        self.shown: Any = shown
        self.only, self.exclude = shown.only, shown.exclude  # which a schema's own options may change
        self.key = key
        self.relation = relation

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = missing) -> Any:
        """What the foreign key points to."""
        return (accessor or get_value)(obj, self.relation, default)

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)
        self.shown = copy.deepcopy(self.shown)  # this field itself is a copy for the schema
        self.shown.only, self.shown.exclude = self.only, self.exclude
        self.shown._bind_to_schema(field_name, self)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return self.shown._serialize(value, attr, obj, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.key.deserialize(value, attr, data)


def load_relations(rows: Sequence[Any], schema: Schema) -> None:
    """Read what the rows refer to and the schema shows, with one statement for each foreign key, however many rows.

    What has been read already, for example by a join, is not read again.
    """
    for path, nested in _relations(schema):
        found: Sequence[Any] = rows
        for name in path:
            found = list(_load(found, name)) if found else []
        if nested and found:
            load_relations(found, nested)


@functools.lru_cache(maxsize=4096)
def _relations(schema: Schema) -> list[tuple[tuple[str, ...], Schema | None]]:
    """The names of foreign keys that lead to what the fields show, and the schemas by which they show it."""
    return list(_find_relations(schema))


def _find_relations(schema: Schema) -> Iterator[tuple[tuple[str, ...], Schema | None]]:
    for name, field in schema.dump_fields.items():
        shown = field.shown if isinstance(field, Related) else field
        path = (field.relation if isinstance(field, Related) else field.attribute or name).split('.')
        if isinstance(shown, Nested):
            if not shown.many:
                yield tuple(path), shown.schema
        elif len(path) > 1:
            yield tuple(path[:-1]), None


def _load(rows: Sequence[Any], name: str) -> Iterator[Any]:
    """What the rows' foreign key points to, read where it has not been."""
    field = getattr(type(rows[0]), '_meta', None) and type(rows[0])._meta.fields.get(name)
    if not isinstance(field, peewee.ForeignKeyField):
        return
    waiting = [row for row in rows if name not in row.__rel__ and row.__data__.get(name) is not None]
    targets = _fetch(field, list({row.__data__[name] for row in waiting}))
    for row in waiting:
        if row.__data__[name] in targets:
            row.__rel__[name] = targets[row.__data__[name]]
    yield from {id(target): target for row in rows if (target := row.__rel__.get(name)) is not None}.values()


def _fetch(field: Any, keys: list[Any]) -> dict[Any, Any]:
    """What foreign keys of these values point to, by value."""
    found: dict[Any, Any] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        chosen = keys[start : start + _KEYS_AT_ONCE]
        for target in field.rel_model.select().where(field.rel_field.in_(chosen)):
            found[target.__data__[field.rel_field.name]] = target
    return found
