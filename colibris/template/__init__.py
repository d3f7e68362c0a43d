"""Templates: texts from files, with values filled in.

The setting ``TEMPLATE`` names the backend. The same calls work in handlers, where what a template reads from the
database does not block the event loop, and in commands, the shell and workers.
"""

from typing import Any

from colibris.template.base import TemplateBackend
from colibris.template.errors import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedVariable
from colibris.template.locale import current_locale, use_locale
from colibris.template.slot import slot

__all__ = [
    'TemplateBackend',
    'TemplateError',
    'TemplateNotFound',
    'TemplateSyntaxError',
    'UndefinedVariable',
    'exists',
    'get_backend',
    'get_locale',
    'gettext',
    'ngettext',
    'render',
    'render_string',
    'use_locale',
]


def get_backend() -> TemplateBackend:
    """The template backend.

    :raises BackendNotConfigured: the setting ``TEMPLATE`` is empty.
    """
    return slot.get()


def render(name: str, /, **context: Any) -> str:
    """The text that the template file ``name`` makes of ``context``; in HTML templates values are escaped.

    :raises TemplateError: saying in which file and line.
    """
    return slot.get().render(name, context)


def render_string(source: str, /, **context: Any) -> str:
    """The text that the template ``source`` makes of ``context``, with values escaped for HTML.

    :raises TemplateError: saying in which line.
    """
    return slot.get().render_string(source, context)


def exists(name: str) -> bool:
    """Whether there is a template file of this name."""
    return slot.get().exists(name)


def get_locale() -> str | None:
    """The locale that texts are rendered in now, such as ``pt_BR``; ``None`` where nothing is translated.

    In a handler it is the one of the translations that the client's ``Accept-Language`` asks for.
    """
    return current_locale(slot.get().locales()) if slot.is_configured else None


def gettext(message: str) -> str:
    """``message`` in the current locale; the message itself where there is no translation."""
    return slot.get().gettext(message) if slot.is_configured else message


def ngettext(singular: str, plural: str, number: int) -> str:
    """The form of a message that ``number`` needs, in the current locale."""
    if slot.is_configured:
        return slot.get().ngettext(singular, plural, number)
    return singular if number == 1 else plural
