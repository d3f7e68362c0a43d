"""Compiled translations for tests."""

from babel.messages import Catalog
from babel.messages.mofile import write_mo


def write_catalog(package, locale, translations, context=None):
    """Write ``messages.mo`` of a locale; gives its path."""
    catalog = Catalog(locale=locale)
    for message, translation in translations.items():
        catalog.add(message, translation, context=(context or {}).get(message))
    path = package / 'locale' / locale / 'LC_MESSAGES' / 'messages.mo'
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('wb') as file:
        write_mo(file, catalog)
    return path
