"""Pages that begin behind a row."""

import functools
import json
import logging
from typing import Any

from marshmallow import Schema, validate
from marshmallow.fields import Field

from colibris.conf import settings
from colibris.schemas import fields
from colibris.views.ordering import ORDERING_PARAMETER
from colibris.views.pagination.base import Page, Pagination
from colibris.views.pagination.fields import linked_fields, size_field
from colibris.views.pagination.keyset import SortKey, conditions_after, primary_keys, sort_keys
from colibris.views.pagination.positions import Position, dump_position, load_position
from colibris.views.pagination.tokens import sign, unsign
from colibris.views.parsing import invalid

__all__ = ['CursorPagination']

logger = logging.getLogger(__name__)

_MAX_LENGTH = 4000


class CursorPagination(Pagination):
    """``?page_size=25``, and then the links of the answers: each page costs what the first one costs.

    The answer holds ``results``, and in ``next`` and ``prev`` the URLs of the pages after and before. They hold a
    cursor, which says behind which row the page begins. So rows that are inserted or deleted meanwhile move no others
    from page to page, and with an index on the fields that sort the list (and the primary key) no page is slower than
    the first. There are no page numbers, and nothing is counted.

    A cursor is signed with ``SECRET_KEY``, and bound to the view, the path, the ordering and the filters that it was
    made for. It holds the values of the fields that sort the list, which clients could read.
    """

    parameter_names = ('cursor', 'page_size')

    @classmethod
    def check(cls, view: Any) -> None:
        """The rows need a primary key, and cursors a key that outlives the process."""
        primary_keys(view.model)
        if not settings.SECRET_KEY:
            logger.warning('SECRET_KEY is not set: cursors of %s are valid in this process only', view.__name__)

    @classmethod
    def get_query_schema_class(cls) -> type[Schema]:
        """``cursor`` and ``page_size``."""
        return _parameters(settings.PAGE_SIZE, settings.MAX_PAGE_SIZE)

    @classmethod
    def get_response_schema_fields(cls, item_schema: type[Schema]) -> dict[str, Field[Any]]:
        """``results``, ``next`` and ``prev``."""
        return linked_fields(item_schema)

    def paginate(self, query: Any) -> Page:
        """Fetch the page's rows, and one more to see whether the list goes on."""
        keys = sort_keys(query, self.view.model)
        purpose = self._purpose(keys)
        start = self._read_cursor(keys, purpose)
        size = self.parameters['page_size']
        rows = _fetch(query, keys, start, size + 1)
        items, goes_on = rows[:size], len(rows) > size
        is_behind_start = start.values is not None
        has_next, has_prev = goes_on, is_behind_start
        if start.is_backward:
            items.reverse()
            has_next, has_prev = has_prev, has_next
        last, first = (items[-1], items[0]) if items else (None, None)
        return Page(
            items,
            next=self._link(Position.of(last, keys), purpose) if has_next else None,
            prev=self._link(Position.of(first, keys, is_backward=True), purpose) if has_prev else None,
        )

    def envelope(self, page: Page, results: list[Any]) -> dict[str, Any]:
        """The answer's content."""
        return {'results': results, 'next': page.next, 'prev': page.prev}

    def link_after(self, row: Any, query: Any) -> str:
        """The URL of the page that begins behind a row of the list, such as one that a client has just created.

        :param query: the select query of the whole list, filtered and sorted.
        """
        keys = sort_keys(query, self.view.model)
        return self._link(Position.of(row, keys), self._purpose(keys))

    def _read_cursor(self, keys: list[SortKey], purpose: bytes) -> Position:
        token = self.parameters.get('cursor')
        if token is None:
            return Position()
        try:
            return load_position(unsign(token, purpose), keys)
        except ValueError as exc:
            raise invalid({'cursor': [str(exc)]}, 'query') from None

    def _link(self, position: Position, purpose: bytes) -> str:
        """The URL of the page at a position; the list's beginning needs no cursor."""
        token = None if position == Position() else sign(dump_position(position), purpose)
        return self.link(cursor=token, page_size=self.parameters['page_size'])

    def _purpose(self, keys: list[SortKey]) -> bytes:
        """What a cursor is bound to."""
        view, request = type(self.view), self.view.request
        names = view.query_names(request.method) - {*self.parameter_names, ORDERING_PARAMETER}
        filters = sorted(item for item in request.query.items() if item[0] in names)
        order = [(key.field.column_name, key.is_descending, key.nulls_first) for key in keys]
        return json.dumps([view.__module__, view.__qualname__, request.rel_url.raw_path, order, filters]).encode()


def _fetch(query: Any, keys: list[SortKey], start: Position, count: int) -> list[Any]:
    """So many rows from a position on, in the direction in which it goes."""
    keys = [key.reversed for key in keys] if start.is_backward else keys
    query = query.order_by(*(key.expression for key in keys))
    if start.values is None:
        return list(query.limit(count))
    rows: list[Any] = []
    for condition in conditions_after(keys, start.values):
        rows.extend(query.where(condition).limit(count - len(rows)))
        if len(rows) == count:
            break
    return rows


@functools.lru_cache
def _parameters(size: int, largest: int) -> type[Schema]:
    cursor = fields.String(
        validate=validate.Length(1, _MAX_LENGTH), metadata={'description': 'From a link of another page.'}
    )
    return Schema.from_dict({'cursor': cursor, 'page_size': size_field(size, largest)}, name='CursorParameters')
