"""What matters only in production."""

import importlib
from collections.abc import Iterator

from colibris.checks import Problem, error, register, warning
from colibris.conf import settings

__all__ = [
    'check_cors',
    'check_debug',
    'check_email',
    'check_extensions',
    'check_hosts',
    'check_https',
    'check_secret_key',
]

_KEY_LENGTH = 32
_NEW_KEY = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
_FEW_CHARACTERS = 6
_EXTENSIONS = {
    'aiohttp': 'aiohttp._http_parser',
    'multidict': 'multidict._multidict',
    'yarl': 'yarl._quoting_c',
    'frozenlist': 'frozenlist._frozenlist',
    'greenlet': 'greenlet._greenlet',
}


@register(deploy=True)
def check_debug() -> Iterator[Problem]:
    """Answers with tracebacks."""
    if settings.DEBUG:
        yield error('colibris.E010', 'DEBUG is on: errors answer with tracebacks', 'set DEBUG = False')


@register(deploy=True)
def check_secret_key() -> Iterator[Problem]:
    """A key that can be guessed."""
    key = settings.SECRET_KEY
    if not key:
        yield error('colibris.E011', 'SECRET_KEY is not set', _NEW_KEY)
    elif len(key.encode()) < _KEY_LENGTH:
        yield error('colibris.E011', f'SECRET_KEY has {len(key.encode())} bytes, but needs {_KEY_LENGTH}', _NEW_KEY)
    elif len(set(key)) < _FEW_CHARACTERS:
        yield error('colibris.E011', 'SECRET_KEY can be guessed: it repeats a few characters', _NEW_KEY)


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
    """Packages that were installed without their fast parts."""
    for package, module in _EXTENSIONS.items():
        try:
            importlib.import_module(module)
        except ImportError:
            yield warning(
                'colibris.W016',
                f'{package} runs without its C extension, many times slower',
                f'install a wheel of {package}, or a C compiler before installing it',
            )
