"""Pages that are counted."""

import functools
from typing import Any

from marshmallow import Schema, validate
from marshmallow.fields import Field

from colibris.conf import settings
from colibris.persist.queries import slice_of
from colibris.schemas import fields
from colibris.views.pagination.base import Page, Pagination
from colibris.views.pagination.fields import size_field

__all__ = ['PageNumberPagination']

_MAX_PAGE = 2**31 - 1


class PageNumberPagination(Pagination):
    """``?page=2&page_size=10``, both counted from 1.

    The answer holds ``results``, ``count`` (of all rows), ``pages`` (their number), ``page`` and ``page_size``. The
    settings ``PAGE_SIZE`` and ``MAX_PAGE_SIZE`` give the usual and the largest size.
    """

    parameter_names = ('page', 'page_size')

    @classmethod
    def get_query_schema_class(cls) -> type[Schema]:
        """``page`` and ``page_size``."""
        return _parameters(settings.PAGE_SIZE, settings.MAX_PAGE_SIZE)

    @classmethod
    def get_response_schema_fields(cls, item_schema: type[Schema]) -> dict[str, Field[Any]]:
        """``results``, ``count``, ``pages``, ``page`` and ``page_size``."""
        numbers = ('count', 'pages', 'page', 'page_size')
        results = fields.List(fields.Nested(item_schema), required=True)
        return {'results': results, **{name: fields.Integer(required=True) for name in numbers}}

    def paginate(self, query: Any) -> Page:
        """Count the rows, and fetch the page's unless it is beyond the last."""
        number, size = self.parameters['page'], self.parameters['page_size']
        count = query.count()
        last = max(self._pages(count), 1)
        items = slice_of(query, size, (number - 1) * size) if number <= last and count else []
        return Page(
            items,
            next=functools.partial(self._link, number + 1) if number < last else None,
            prev=functools.partial(self._link, min(number - 1, last)) if number > 1 else None,
            count=count,
        )

    def envelope(self, page: Page, results: list[Any]) -> dict[str, Any]:
        """The answer's content."""
        count = page.count or 0
        return {'results': results, 'count': count, 'pages': self._pages(count), **self.parameters}

    def _pages(self, count: int) -> int:
        return int(-(-count // self.parameters['page_size']))

    def _link(self, number: int) -> str:
        return self.link(page=number, page_size=self.parameters['page_size'])


@functools.lru_cache
def _parameters(size: int, largest: int) -> type[Schema]:
    page = fields.TextInteger(load_default=1, validate=validate.Range(1, _MAX_PAGE))
    return Schema.from_dict({'page': page, 'page_size': size_field(size, largest)}, name='PageParameters')
