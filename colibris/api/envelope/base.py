"""The contract of an envelope."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from colibris.api.exceptions import APIException
from colibris.conf.backends import Backend

__all__ = ['Envelope', 'Paged']

Schema = dict[str, Any]


class Paged(dict[str, Any]):
    """The content of a page of a list, which also knows what it is made of.

    :param content: the page as its pagination answers it.
    :param results: the rows in it.
    :param page: the page, which knows the URLs of the pages around it: ``next`` and ``prev``, or ``None``.
    """

    def __init__(self, content: dict[str, Any], results: list[Any], page: Any) -> None:
        super().__init__(content)
        self.results = results
        self._page = page

    @property
    def links(self) -> dict[str, str | None]:
        """The URLs of the pages around it: ``next`` and ``prev``, or ``None``."""
        return {'next': self._page.next, 'prev': self._page.prev}


class Envelope(Backend, ABC):
    """Makes the content of answers from a view's data, and from errors.

    Its methods are called for each answer and must not wait. What they return is written as JSON. For the
    documentation, each has a counterpart that makes the JSON schema of what it returns.
    """

    error_content_type: ClassVar[str] = 'application/json'
    """The media type of errors."""

    @abstractmethod
    def wrap(self, data: Any) -> Any:
        """The content of an answer that holds ``data``; ``data`` itself where nothing surrounds it.

        :param data: anything that JSON can hold; a :class:`Paged` for a page of a list.
        """

    @abstractmethod
    def wrap_error(self, error: APIException) -> Any:
        """The content of an error's answer."""

    @abstractmethod
    def describe(self, schema: Schema, results: Schema | None = None) -> Schema:
        """The schema of :meth:`wrap`'s content.

        :param schema: the schema of the data.
        :param results: for a page of a list, the schema of the rows in it.
        """

    @abstractmethod
    def describe_error(self) -> Schema:
        """The schema of :meth:`wrap_error`'s content."""
