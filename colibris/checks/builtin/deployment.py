"""What matters only in production."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES

from colibris.authentication.keys import REMEDY, weakness_of
from colibris.checks import Problem, error, register, warning
from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.utils.imports import import_string

__all__ = [
    'check_cors',
    'check_debug',
    'check_email',
    'check_extensions',
    'check_hosts',
    'check_https',
    'check_secret_key',
    'check_speed',
]

_FEW_CHARACTERS = 6
_EXTENSIONS = {
    'aiohttp': 'aiohttp.http_parser.HttpRequestParser',
    'multidict': 'multidict.MultiDict',
    'yarl': 'yarl._quoting._Quoter',
    'frozenlist': 'frozenlist.FrozenList',
    'propcache': 'propcache.api.under_cached_property',
    'psycopg': 'psycopg.pq.PGconn',
    'markupsafe': 'markupsafe._escape_inner',
}
"""What of a package is made in C, unless it was installed without that, or told by a variable to do without."""


@register(deploy=True)
def check_debug() -> Iterator[Problem]:
    """Answers with tracebacks."""
    if settings.DEBUG:
        yield error('colibris.E010', 'DEBUG is on: errors answer with tracebacks', 'set DEBUG = False')


@register(deploy=True)
def check_secret_key() -> Iterator[Problem]:
    """A key that can be guessed."""
    key = settings.SECRET_KEY
    weakness = weakness_of(key)
    if not weakness and len(set(key)) < _FEW_CHARACTERS:
        weakness = 'can be guessed: it repeats a few characters'
    if weakness:
        yield error('colibris.E011', f'SECRET_KEY {weakness}', REMEDY)


@register(deploy=True)
def check_hosts() -> Iterator[Problem]:
    """Requests for whatever host."""
    if not settings.ALLOWED_HOSTS or '*' in settings.ALLOWED_HOSTS:
        yield warning(
            'colibris.W011', 'ALLOWED_HOSTS lets every host through', "name yours: ALLOWED_HOSTS = ['api.example.com']"
        )


@register(deploy=True)
def check_cors() -> Iterator[Problem]:
    """Pages of whatever site."""
    if '*' in settings.CORS_ORIGINS:
        yield warning(
            'colibris.W012',
            'CORS_ORIGINS lets the pages of every site use the API',
            "name them: CORS_ORIGINS = ['https://app.example.com']",
        )
    for origin in settings.CORS_ORIGINS:
        if origin.startswith('http://'):
            yield warning(
                'colibris.W013', f'CORS_ORIGINS has {origin}, which anybody on the way can change', 'use its https://'
            )


@register(deploy=True)
def check_https() -> Iterator[Problem]:
    """Browsers that are not told to stay with HTTPS."""
    if not settings.HSTS_SECONDS:
        yield warning(
            'colibris.W014', 'HSTS_SECONDS is 0: browsers may fall back to HTTP', 'leave it at its default, a year'
        )


@register(deploy=True)
def check_email() -> Iterator[Problem]:
    """Messages that nobody gets."""
    backend = (settings.EMAIL or {}).get('backend', '')
    if backend.startswith(('colibris.email.console.', 'colibris.email.memory.', 'colibris.email.file.')):
        yield warning(
            'colibris.W015', f'EMAIL uses {backend}, which sends nothing', 'use colibris.email.smtp.SMTPBackend'
        )


@register(deploy=True)
def check_extensions() -> Iterator[Problem]:
    """Packages that run without their fast parts."""
    for package, path in _EXTENSIONS.items():
        if importlib.util.find_spec(package) and not _is_extension(path):
            switch = f'{package.upper()}_NO_EXTENSIONS'
            wheel = f'install a wheel of {package}, or a C compiler before installing it'
            yield warning(
                'colibris.W016',
                f'{package} runs without its C extension, many times slower',
                f'unset {switch}' if switch in os.environ else wheel,
            )


@register(deploy=True)
def check_speed() -> Iterator[Problem]:
    """Packages that make the server faster if they are there."""
    for package in ('orjson',) if sys.platform == 'win32' else ('orjson', 'uvloop'):
        if not importlib.util.find_spec(package):
            yield warning(
                'colibris.W018',
                f'{package} is not installed: requests take longer',
                "run: pip install 'colibris[serve]'",
            )


def _is_extension(path: str) -> bool:
    try:
        module = sys.modules[import_string(path).__module__]
    except (ConfigurationError, ImportError):
        return True  # it cannot be used at all
    return str(getattr(module, '__file__', '')).endswith(tuple(EXTENSION_SUFFIXES))
