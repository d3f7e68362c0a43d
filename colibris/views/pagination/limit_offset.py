"""Pages that begin at any row."""

import functools
from typing import Any

from marshmallow import Schema, validate
from marshmallow.fields import Field

from colibris.conf import settings
from colibris.persist.queries import slice_of
from colibris.schemas import fields
from colibris.views.pagination.base import Page, Pagination
from colibris.views.pagination.fields import linked_fields, size_field

__all__ = ['LimitOffsetPagination']

_MAX_OFFSET = 2**53 - 1


class LimitOffsetPagination(Pagination):
    """``?offset=50&limit=25``: so many rows, after so many others.

    The answer holds ``results``, and in ``next`` and ``prev`` the URLs of the pages after and before, which keep the
    other query parameters. Nothing is counted. The settings ``PAGE_SIZE`` and ``MAX_PAGE_SIZE`` give the usual and the
    largest limit.
    """

    parameter_names = ('offset', 'limit')

    @classmethod
    def get_query_schema_class(cls) -> type[Schema]:
        """``offset`` and ``limit``."""
        return _parameters(settings.PAGE_SIZE, settings.MAX_PAGE_SIZE)

    @classmethod
    def get_response_schema_fields(cls, item_schema: type[Schema]) -> dict[str, Field[Any]]:
        """``results``, ``next`` and ``prev``."""
        return linked_fields(item_schema)

    def paginate(self, query: Any) -> Page:
        """Fetch the page's rows, and one more to see whether there is a next page."""
        offset, limit = self.parameters['offset'], self.parameters['limit']
        items = slice_of(query, limit + 1, offset)
        return Page(
            items[:limit],
            next=self._link(offset + limit) if len(items) > limit else None,
            prev=self._link(max(offset - limit, 0)) if offset else None,
        )

    def envelope(self, page: Page, results: list[Any]) -> dict[str, Any]:
        """The answer's content."""
        return {'results': results, 'next': page.next, 'prev': page.prev}

    def _link(self, offset: int) -> str:
        return self.link(offset=offset, limit=self.parameters['limit'])


@functools.lru_cache
def _parameters(size: int, largest: int) -> type[Schema]:
    offset = fields.TextInteger(load_default=0, validate=validate.Range(0, _MAX_OFFSET))
    return Schema.from_dict({'offset': offset, 'limit': size_field(size, largest)}, name='LimitParameters')
