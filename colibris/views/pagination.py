"""Pages of lists."""

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, validate
from marshmallow.fields import Field

from colibris.conf import settings
from colibris.schemas import fields

__all__ = ['Page', 'PageNumberPagination', 'Pagination']

_MAX_PAGE = 2**31 - 1


@dataclass(frozen=True)
class Page:
    """A page: its rows, and how many rows there are on all pages."""

    items: list[Any]
    count: int


class Pagination(ABC):
    """Cuts a list into pages.

    :param parameters: the request's query parameters, loaded by :meth:`get_query_schema_class`.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters

    @classmethod
    @abstractmethod
    def get_query_schema_class(cls) -> type[Schema]:
        """The schema of the query parameters."""

    @classmethod
    @abstractmethod
    def get_response_schema_fields(cls, item_schema: type[Schema]) -> dict[str, Field[Any]]:
        """The fields of the answer, for its documentation."""

    @abstractmethod
    def paginate(self, query: Any) -> Page:
        """The page that the request asks for; one beyond the last is empty."""

    @abstractmethod
    def envelope(self, page: Page, results: list[Any]) -> dict[str, Any]:
        """The answer's content."""


class PageNumberPagination(Pagination):
    """``?page=2&page_size=10``, both counted from 1.

    The answer holds ``results``, ``count`` (of all rows), ``pages`` (their number), ``page`` and ``page_size``. The
    settings ``PAGE_SIZE`` and ``MAX_PAGE_SIZE`` give the usual and the largest size.
    """

    @classmethod
    def get_query_schema_class(cls) -> type[Schema]:
        """``page`` and ``page_size``."""
        return _page_schema(settings.PAGE_SIZE, settings.MAX_PAGE_SIZE)

    @classmethod
    def get_response_schema_fields(cls, item_schema: type[Schema]) -> dict[str, Field[Any]]:
        """``results``, ``count``, ``pages``, ``page`` and ``page_size``."""
        numbers = ('count', 'pages', 'page', 'page_size')
        results = fields.List(fields.Nested(item_schema), required=True)
        return {'results': results, **{name: fields.Integer(required=True) for name in numbers}}

    def paginate(self, query: Any) -> Page:
        """Count the rows, and fetch the page's unless it is beyond the last."""
        count = query.order_by().count()
        page, size = self.parameters['page'], self.parameters['page_size']
        items = list(query.limit(size).offset((page - 1) * size)) if (page - 1) * size < count else []
        return Page(items, count)

    def envelope(self, page: Page, results: list[Any]) -> dict[str, Any]:
        """The answer's content."""
        number, size = self.parameters['page'], self.parameters['page_size']
        pages = -(-page.count // size)
        return {'results': results, 'count': page.count, 'pages': pages, 'page': number, 'page_size': size}


@functools.lru_cache
def _page_schema(size: int, max_size: int) -> type[Schema]:
    size_range = validate.Range(1, max_size)
    return Schema.from_dict(
        {
            'page': fields.TextInteger(load_default=1, validate=validate.Range(1, _MAX_PAGE)),
            'page_size': fields.TextInteger(load_default=min(size, max_size), validate=size_range),
        },
        name='PageParameters',
    )
