"""Translations in gettext's format: ``locale/<locale>/LC_MESSAGES/messages.mo``."""

from functools import cached_property
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from colibris.errors import ConfigurationError
from colibris.template.locale import current_locale

__all__ = ['DOMAIN', 'Catalogs']

DOMAIN = 'messages'


class Catalogs:
    """The translations below a folder, each call in the current locale.

    :param directory: the folder; it need not be there.
    :param default: the locale of the messages in the source.
    """

    def __init__(self, directory: Path, default: str) -> None:
        self._directory = directory
        self._default = default
        self._loaded: dict[str, NullTranslations] = {}

    @cached_property
    def locales(self) -> tuple[str, ...]:
        """The locales there are translations for, the default one first."""
        found = sorted(path.parts[-3] for path in self._directory.glob(f'*/LC_MESSAGES/{DOMAIN}.mo'))
        return (self._default, *(locale for locale in found if locale != self._default))

    def gettext(self, message: str) -> str:
        """``message``, translated."""
        return self._current().gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The form that ``number`` needs, translated."""
        return self._current().ngettext(singular, plural, number)

    def pgettext(self, context: str, message: str) -> str:
        """``message`` with the meaning that it has in ``context``, translated."""
        return self._current().pgettext(context, message)

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        """The form that ``number`` needs, with the meaning that it has in ``context``, translated."""
        return self._current().npgettext(context, singular, plural, number)

    def _current(self) -> NullTranslations:
        locale = current_locale(self.locales) or self._default
        if locale not in self._loaded:
            self._loaded[locale] = self._load(locale)
        return self._loaded[locale]

    def _load(self, locale: str) -> NullTranslations:
        translations = self._read(locale)
        language, separator, _ = locale.rpartition('_')
        if separator and language in self.locales:
            translations.add_fallback(self._load(language))
        return translations

    def _read(self, locale: str) -> NullTranslations:
        path = self._directory / locale / 'LC_MESSAGES' / f'{DOMAIN}.mo'
        if not path.exists():
            return NullTranslations()
        try:
            with path.open('rb') as file:
                return GNUTranslations(file)
        except (OSError, ValueError, LookupError) as exc:
            raise ConfigurationError(f'{path} cannot be read: {exc}; manage.py compilemessages writes it anew') from exc
