"""What the pagination classes' parameters and answers have in common."""

from typing import Any

from marshmallow import Schema, validate
from marshmallow.fields import Field

from colibris.schemas import fields

__all__ = ['linked_fields', 'size_field']

_LINKS = {'next': 'The URL of the next page.', 'prev': 'The URL of the page before.'}


def size_field(default: int, largest: int) -> Field[Any]:
    """The query parameter that chooses how many rows a page holds."""
    return fields.TextInteger(load_default=min(default, largest), validate=validate.Range(1, largest))


def linked_fields(item_schema: type[Schema]) -> dict[str, Field[Any]]:
    """The fields of an answer that links to the pages around it."""
    results = fields.List(fields.Nested(item_schema), required=True)
    links = {
        name: fields.String(required=True, allow_none=True, metadata={'description': description})
        for name, description in _LINKS.items()
    }
    return {'results': results, **links}
