"""Headers by which browsers are told to be careful."""

from aiohttp import web

from colibris.conf import settings
from colibris.utils.proxies import client_scheme

__all__ = ['secure_answer']


def secure_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Add ``SECURITY_HEADERS`` and, to an answer by HTTPS, HSTS; called when any answer is about to begin."""
    headers = response.headers
    for name, text in settings.SECURITY_HEADERS.items():
        headers.setdefault(name, text)
    if not settings.DEBUG and settings.HSTS_SECONDS and client_scheme(request) == 'https':
        headers.setdefault('Strict-Transport-Security', f'max-age={settings.HSTS_SECONDS}')
