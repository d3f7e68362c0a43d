"""The contract of a template backend."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from colibris.conf.backends import Backend

__all__ = ['TemplateBackend']


class TemplateBackend(Backend, ABC):
    """Makes texts of templates.

    Templates are searched for in the folder ``templates`` of the project's package first. What their expressions raise
    passes through unchanged; plain code that they call may wait through the bridge.
    """

    @abstractmethod
    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """The text that a template file makes of ``context``; in HTML templates values are escaped.

        :param name: the file's path below one of the folders that are searched, with ``/`` between its parts.
        :raises TemplateNotFound: there is no such file, or one that it includes or extends is missing.
        :raises TemplateSyntaxError: it is not well formed.
        :raises UndefinedVariable: in ``DEBUG``, it uses a variable that is not in the context.
        """

    @abstractmethod
    def render_string(self, source: str, context: Mapping[str, Any]) -> str:
        """The text that the template ``source`` makes of ``context``, with values escaped for HTML.

        :raises TemplateSyntaxError, UndefinedVariable, TemplateNotFound: as :meth:`render` does.
        """

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether there is a template file of this name. It need not be well formed."""

    def locales(self) -> tuple[str, ...]:
        """The locales, such as ``pt_BR``, that texts can be rendered in, the default one first.

        Empty, which is the default, where the backend does not translate.
        """
        return ()

    def gettext(self, message: str) -> str:
        """``message`` in the current locale; the message itself where there is no translation."""
        return message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The form of a message that ``number`` needs, in the current locale."""
        return singular if number == 1 else plural
