"""The account of a request, from its credentials, and after logging in and out."""

import logging
from typing import Any

from aiohttp import web

from colibris.authentication.errors import AuthenticationError
from colibris.authentication.events import record_event
from colibris.authentication.slot import slot

__all__ = ['authenticate', 'get_account', 'login', 'logout']

_ACCOUNT: web.RequestKey[Any] = web.RequestKey('colibris.account', object)


async def authenticate(request: web.Request) -> Any:
    """Find the request's account, keep it for :func:`get_account`, and return it; ``None`` without credentials.

    :raises AuthenticationError: the credentials are not valid.
    """
    try:
        account = slot.get().authenticate(request)
        if hasattr(account, '__await__'):
            account = await account
    except AuthenticationError as exc:
        record_event('authentication_failed', request, level=logging.WARNING, reason=str(exc))
        raise
    request[_ACCOUNT] = account
    return account


def get_account(request: web.Request) -> Any:
    """The account that the request comes from, or ``None``."""
    return request.get(_ACCOUNT)


def login(request: web.Request, account: Any, persistent: bool = False) -> None:
    """Log an account in: the answer to ``request`` gives the client its credentials, unless it is an error.

    Whether it may log in, by its password for example, is for the caller to know.

    :param persistent: whether a browser keeps the credentials when it is closed.
    :raises TypeError: ``account`` is no account of the backend's model.
    :raises ConfigurationError: the backend logs nobody in.
    """
    slot.get().login(request, account, persistent)
    request[_ACCOUNT] = account
    record_event('login', request, account)


def logout(request: web.Request) -> None:
    """Log the account out: its session ends, and the answer to ``request`` has the client forget its credentials.

    :raises ConfigurationError: the backend logs nobody out.
    """
    slot.get().logout(request)
    account = get_account(request)
    if account is not None:
        record_event('logout', request, account)
    request[_ACCOUNT] = None
