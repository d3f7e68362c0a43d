"""What a statement has answered."""

from collections.abc import Sequence
from typing import Any

from playhouse.pwasyncio import CursorAdapter

__all__ = ['Rows']


class Rows(CursorAdapter):  # type: ignore[misc]  # playhouse is untyped
    """A cursor over rows that are all there, which is made for nearly every statement and so holds no more than that.

    :param rows: the rows.
    :param rowcount: how many rows the statement has changed or found.
    :param description: what DB-API 2.0 says of the columns.
    """

    lastrowid = None
    _idx = 0
    _fetch_many = None
    _cleanup = None

    def __init__(self, rows: Sequence[Any], rowcount: int, description: Sequence[Any]) -> None:
        self._rows = rows
        self.rowcount = rowcount
        self.description = description
