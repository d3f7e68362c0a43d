"""How often a view may be asked: what the steps that limit it share."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from colibris import authentication
from colibris.authentication.null import DummyAccount
from colibris.conf import settings
from colibris.conf.limits import Limit, read_limits
from colibris.errors import ConfigurationError
from colibris.ratelimit.counting import count, identity_of_address
from colibris.ratelimit.policy import KINDS, limits_of
from colibris.ratelimit.usage import Usage, headers_of
from colibris.utils.proxies import client_address
from colibris.views.routing import Endpoint, target_of

__all__ = ['RULES', 'Rules', 'limit_request', 'read_rules', 'rules_of', 'tell_limits']


@dataclass(frozen=True)
class Rules:
    """The limits of a view, and under which name its requests are counted."""

    name: str
    limits: tuple[Limit, ...]


RULES: web.AppKey[Rules] = web.AppKey('colibris.rate_limit', Rules)
"""In an application: the limits of the views that have none of their own."""

_USAGES: web.RequestKey[list[Usage]] = web.RequestKey('colibris.usages', list)


def read_rules() -> Rules:
    """The limits of ``RATE_LIMIT``."""
    return Rules('RATE_LIMIT', read_limits(settings.RATE_LIMIT or (), KINDS))


def rules_of(view: Any, method: str, default: Rules) -> Rules:
    """The limits of a view for an HTTP method: its method's, or else its own, or else the default.

    :raises ConfigurationError: one is malformed.
    """
    return _own_rules(view, method) or default


def all_limits(endpoints: Iterable[Endpoint], default: Rules) -> set[Limit]:
    """Every limit there is.

    :raises ConfigurationError: with one line for each view whose limits are malformed.
    """
    found = set(default.limits)
    problems: dict[str, None] = {}
    for endpoint in endpoints:
        for method in endpoint.methods:
            try:
                found.update(rules_of(endpoint.view, method, default).limits)
            except ConfigurationError as exc:
                problems[f'{endpoint.path}: {exc}'] = None
    if problems:
        raise ConfigurationError('\n'.join(problems))
    return found


async def limit_request(request: web.Request, concerns: Callable[[Limit], bool]) -> None:
    """Count a request under those of its view's limits that ``concerns`` picks.

    :raises RateLimitExceeded: there have been too many.
    :raises RateLimitUnavailable: nobody can tell.
    """
    rules = _rules_of_request(request)
    for limit in filter(concerns, rules.limits):
        identity = _identity(request, limit)
        if identity is not None:
            usages = await count(rules.name, identity, [limit])
            request.setdefault(_USAGES, []).extend(usages)


def tell_limits(request: web.Request, response: web.StreamResponse) -> None:
    """Have the answer tell its client of the limits; called when any answer is about to begin."""
    usages = request.get(_USAGES)
    if usages:
        for name, text in headers_of(usages).items():
            response.headers.setdefault(name, text)


def _rules_of_request(request: web.Request) -> Rules:
    default = request.app[RULES]
    if request.match_info.http_exception is not None:
        return default
    return rules_of(request.match_info.handler, request.method, default)


@functools.lru_cache(maxsize=4096)
def _own_rules(view: Any, method: str) -> Rules | None:
    for holder in (target_of(view, method), view):
        limits = limits_of(holder)
        if limits is not None:
            return Rules(f'{holder.__module__}.{holder.__qualname__}', limits)
    return None


def _identity(request: web.Request, limit: Limit) -> str | None:
    """By what a request is counted; ``None``: it is not."""
    if callable(limit.by):
        return limit.by(request)
    account = _account_of(request) if limit.by != 'address' else None
    if account is None:
        return f'address {identity_of_address(client_address(request))}'
    key = authentication.key_of(request) if limit.by == 'key' else None
    return f'key {key}' if key else f'account {account}'


def _account_of(request: web.Request) -> str | None:
    """What tells the request's account from others; ``None`` if nobody is known to have sent it."""
    account = authentication.get_account(request)
    if account is None or isinstance(account, DummyAccount):
        return None
    get_id = getattr(account, 'get_id', None)  # a Peewee model's
    return f'{type(account).__qualname__} {get_id() if get_id else getattr(account, "id", account)}'
