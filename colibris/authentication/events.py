"""Security events, for the logger ``colibris.security``.

Each is a record whose attribute ``security`` is a dictionary: what has happened, to which account, from where. Never
credentials.
"""

import logging
from typing import Any

from aiohttp import web

from colibris.utils.proxies import client_address

__all__ = ['record_event']

logger = logging.getLogger('colibris.security')


def record_event(
    event: str, request: web.Request | None = None, account: Any = None, *, level: int = logging.INFO, **details: Any
) -> None:
    """Log a security event.

    :param event: its name, such as ``login``.
    :param request: the request that has caused it, if one has.
    :param account: the account that it is about, if it is known; its primary key is logged.
    :param level: ``logging.WARNING`` for what an attacker may have caused.
    :param details: what else there is to say; no credentials.
    """
    facts = {'event': event, **_facts_of_account(account), **_facts_of_request(request), **details}
    text = ' '.join(f'{name}={value}' for name, value in facts.items() if name != 'event')
    logger.log(level, '%s %s', event, text, extra={'security': facts})


def _facts_of_account(account: Any) -> dict[str, Any]:
    if account is None:
        return {}
    get_id = getattr(account, 'get_id', None)  # a Peewee model's
    identity = get_id() if get_id else getattr(account, 'id', None)
    return {'account': None if identity is None else str(identity)}


def _facts_of_request(request: web.Request | None) -> dict[str, Any]:
    if request is None:
        return {}
    return {'address': client_address(request), 'method': request.method, 'path': request.rel_url.raw_path}
