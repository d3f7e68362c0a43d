"""Limits of logging in."""

from aiohttp import web

from colibris import bridge
from colibris.conf import settings
from colibris.conf.limits import Limit, read_limits
from colibris.ratelimit.counting import count, forget, identity_of_address
from colibris.utils.proxies import client_address

__all__ = ['LOGIN_KINDS', 'forgive_login', 'throttle_login']

LOGIN_KINDS = ('name', 'address')
"""By what attempts to log in are counted."""

_SCOPE = 'login'


def throttle_login(request: web.Request, name: str) -> None:
    """Count an attempt to log in under ``name``, by ``LOGIN_RATE_LIMIT``; call it before the password is looked at.

    It makes no difference whether there is such an account.

    :raises RateLimitExceeded: there have been too many, under this name or from the request's address.
    :raises RateLimitUnavailable: nobody can tell, and then it is not allowed.
    """
    bridge.wait(count(_SCOPE, identity_of_address(client_address(request)), _limits('address')))
    bridge.wait(count(_SCOPE, _identity(name), _limits('name')))


def forgive_login(name: str) -> None:
    """Forget the attempts under ``name``; to be called when one has succeeded. Those from an address are kept.

    :raises RateLimitUnavailable: they cannot be forgotten now.
    """
    bridge.wait(forget(_SCOPE, _identity(name), _limits('name')))


def _limits(by: str) -> list[Limit]:
    return [limit for limit in read_limits(settings.LOGIN_RATE_LIMIT or (), LOGIN_KINDS) if limit.by == by]


def _identity(name: str) -> str:
    return name.strip().casefold()
