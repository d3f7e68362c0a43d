"""The current locale: the one that was chosen, or the best one for what the request's client accepts."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

__all__ = ['accepted_languages', 'current_locale', 'negotiate', 'use_locale']

accepted_languages: ContextVar[str] = ContextVar('accepted_languages', default='')
"""The header ``Accept-Language`` of the request that is being answered."""

_chosen: ContextVar[str | None] = ContextVar('locale', default=None)

MAX_PREFERENCES = 20


@contextmanager
def use_locale(locale: str | None) -> Iterator[None]:
    """Have another current locale within a ``with`` block, whatever the client accepts.

    :param locale: its name, such as ``de``, ``pt_BR`` or ``pt-BR``. Where there is no translation for it, that for its
        language is taken, and at last the default one. ``None`` leaves the choice to the client.
    """
    token = _chosen.set(locale)
    try:
        yield
    finally:
        _chosen.reset(token)


def current_locale(available: tuple[str, ...]) -> str | None:
    """The locale of ``available``, whose first is the default, to speak now; ``None`` where there are none."""
    return negotiate(_chosen.get() or accepted_languages.get(), available)


@lru_cache(maxsize=256)
def negotiate(accepted: str, available: tuple[str, ...]) -> str | None:
    """The one of ``available`` that a client with the header ``Accept-Language: <accepted>`` likes best.

    :returns: the first where the client likes none of them; ``None`` where there are none.
    """
    matches = (_match(tag, available) for tag in _preferences(accepted))
    return next(filter(None, matches), available[0] if available else None)


def _preferences(accepted: str) -> list[str]:
    """The language tags of the header, the dearest first."""
    weighted = [_read_preference(item) for item in accepted.split(',')[:MAX_PREFERENCES]]
    return [tag for tag, weight in sorted(weighted, key=lambda pair: -pair[1]) if tag and weight > 0]


def _read_preference(text: str) -> tuple[str, float]:
    tag, _, parameter = text.partition(';')
    name, _, value = parameter.partition('=')
    try:
        weight = float(value) if name.strip() == 'q' else 1.0
    except ValueError:
        weight = 0.0
    return tag.strip().replace('-', '_').lower(), weight if 0 <= weight <= 1 else 0.0


def _match(tag: str, available: tuple[str, ...]) -> str | None:
    """The locale for a language tag: exactly it, or a more general one (``pt`` for ``pt_BR``), or a sister."""
    if tag == '*':
        return available[0] if available else None
    by_tag = {locale.lower(): locale for locale in available}
    parts = tag.split('_')
    for length in range(len(parts), 0, -1):
        found = by_tag.get('_'.join(parts[:length]))
        if found:
            return found
    return next((locale for key, locale in by_tag.items() if key.split('_')[0] == parts[0]), None)
