"""Pages of lists: which rows of a list an answer holds, and how a client gets to the others."""

from colibris.views.pagination.base import Page, Pagination
from colibris.views.pagination.cursor import CursorPagination
from colibris.views.pagination.limit_offset import LimitOffsetPagination
from colibris.views.pagination.page_number import PageNumberPagination

__all__ = ['CursorPagination', 'LimitOffsetPagination', 'Page', 'PageNumberPagination', 'Pagination']
