"""The account of a request."""

import inspect
from typing import Any

from aiohttp import web

from colibris.authentication.slot import slot

__all__ = ['authenticate', 'get_account']

_ACCOUNT: web.RequestKey[Any] = web.RequestKey('colibris.account', object)


async def authenticate(request: web.Request) -> Any:
    """Find the request's account, keep it for :func:`get_account`, and return it; ``None`` without credentials.

    :raises AuthenticationError: the credentials are not valid.
    """
    account = slot.get().authenticate(request)
    if inspect.isawaitable(account):
        account = await account
    request[_ACCOUNT] = account
    return account


def get_account(request: web.Request) -> Any:
    """The account that the request comes from, or ``None``."""
    return request.get(_ACCOUNT)
