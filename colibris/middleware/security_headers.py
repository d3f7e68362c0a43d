"""Headers by which browsers are told to be careful."""

from aiohttp import hdrs, web
from aiohttp.http import SERVER_SOFTWARE

from colibris.conf import settings
from colibris.utils.proxies import client_scheme

__all__ = ['secure_answer']


def secure_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Add ``SECURITY_HEADERS`` and, to an answer by HTTPS, HSTS; called when any answer is about to begin.

    The versions that aiohttp puts into the header ``Server`` are nobody's business.
    """
    headers = response.headers
    for name, text in settings.SECURITY_HEADERS.items():
        headers.setdefault(name, text)
    if not settings.DEBUG and settings.HSTS_SECONDS and client_scheme(request) == 'https':
        headers.setdefault('Strict-Transport-Security', f'max-age={settings.HSTS_SECONDS}')
    if headers.get(hdrs.SERVER) == SERVER_SOFTWARE:
        del headers[hdrs.SERVER]
