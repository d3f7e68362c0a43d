"""The contract of pagination."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from marshmallow import Schema
from marshmallow.fields import Field

from colibris.views.pagination.links import link

__all__ = ['Page', 'Pagination']


Link = str | Callable[[], str] | None


class Page:
    """A page of a list.

    :param items: its rows.
    :param next: the URL of the page after it, or a function that makes it, called if somebody asks; ``None``: there is
        no such page.
    :param prev: the same for the page before it.
    :param count: how many rows all pages hold; ``None``: nobody has counted them.
    """

    def __init__(
        self,
        items: Sequence[Any],
        next: Link = None,  # noqa: A002  # a promised name
        prev: Link = None,
        count: int | None = None,
    ) -> None:
        self.items = items
        self.count = count
        self._next = next
        self._prev = prev

    @property
    def next(self) -> str | None:
        """The URL of the page after it, if there is one."""
        return self._next() if callable(self._next) else self._next

    @property
    def prev(self) -> str | None:
        """The URL of the page before it, if there is one."""
        return self._prev() if callable(self._prev) else self._prev


class Pagination(ABC):
    """Cuts a list into pages. Made anew for each request.

    :param view: the view whose list it is; its ``request`` holds the query parameters.
    :param parameters: those of them that :meth:`get_query_schema_class` describes, loaded.
    """

    parameter_names: ClassVar[tuple[str, ...]]
    """The names of the query parameters."""

    def __init__(self, view: Any, parameters: dict[str, Any]) -> None:
        self.view = view
        self.parameters = parameters

    @classmethod
    def check(cls, view: Any) -> None:
        """Check a view class that uses this pagination, when the application starts.

        :raises ConfigurationError: its lists cannot be cut into pages like this.
        """

    @classmethod
    @abstractmethod
    def get_query_schema_class(cls) -> type[Schema]:
        """The schema of the query parameters; the same class at every call, as long as the settings are the same."""

    @classmethod
    @abstractmethod
    def get_response_schema_fields(cls, item_schema: type[Schema]) -> dict[str, Field[Any]]:
        """The fields of what :meth:`envelope` gives, for the documentation."""

    @abstractmethod
    def paginate(self, query: Any) -> Page:
        """The page that the request asks for; one beyond the end is empty. May be async.

        :param query: the select query of the whole list, filtered and sorted.
        :raises InvalidRequest: the request asks for a page that there cannot be.
        """

    @abstractmethod
    def envelope(self, page: Page, results: list[Any]) -> dict[str, Any]:
        """The answer's content.

        :param results: the page's rows as the answer has them.
        """

    def link(self, **parameters: Any) -> str:
        """The URL of another page: the request's own, with other values of some parameters; ``None`` removes one."""
        return link(self.view.request, parameters)
