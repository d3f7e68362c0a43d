"""Headers by which browsers are told to be careful."""

from aiohttp import web
from multidict import istr

from colibris.conf import settings
from colibris.utils.proxies import client_scheme
from colibris.views.finishing import Finisher

__all__ = ['make_secure_answer']

_HSTS = istr('Strict-Transport-Security')


def make_secure_answer() -> Finisher:
    """What adds ``SECURITY_HEADERS`` and, to an answer by HTTPS, HSTS."""
    given = [(istr(name), text) for name, text in settings.SECURITY_HEADERS.items()]
    seconds = 0 if settings.DEBUG else settings.HSTS_SECONDS

    def secure_answer(request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        for name, text in given:
            headers.setdefault(name, text)
        if seconds and client_scheme(request) == 'https':
            headers.setdefault(_HSTS, f'max-age={seconds}')

    return secure_answer
