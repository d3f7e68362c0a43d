"""Cookies that hold credentials."""

from collections.abc import Iterator
from typing import Any

from colibris import authentication
from colibris.checks import Problem, register, warning
from colibris.conf import settings
from colibris.errors import ConfigurationError

__all__ = ['check_cookie_domains', 'check_cookie_flags']


@register(deploy=True)
def check_cookie_flags() -> Iterator[Problem]:
    """Cookies without ``Secure``; all of them have ``HttpOnly`` and ``SameSite``."""
    if not settings.DEBUG:
        return
    try:
        schemes = authentication.get_backend().security_schemes().values()
    except ConfigurationError:
        return  # the check of the application tells
    for name in [scheme['name'] for scheme in schemes if scheme.get('in') == 'cookie']:
        yield warning(
            'colibris.W019',
            f'the cookie {name!r} holds credentials, but is not Secure: it is sent without HTTPS too',
            'set DEBUG = False, and serve by HTTPS',
        )


@register(deploy=True)
def check_cookie_domains() -> Iterator[Problem]:
    """Cookies for a domain that the service is not in, so that browsers refuse them."""
    hosts = [host.removeprefix('.') for host in settings.ALLOWED_HOSTS]
    if not hosts or '*' in hosts:
        return
    for domain in _domains(settings.AUTHENTICATION):
        if not any(f'.{host}'.endswith(f'.{domain}') for host in hosts):
            yield warning(
                'colibris.W020',
                f'browsers refuse cookies for {domain}, as none of ALLOWED_HOSTS is in it',
                "correct AUTHENTICATION['cookie_domain'], or leave it out",
            )


def _domains(configuration: Any) -> Iterator[str]:
    if configuration and configuration.get('cookie_domain'):
        yield configuration['cookie_domain'].lower().removeprefix('.')
    for each in (configuration or {}).get('backends', ()):
        yield from _domains(each)
