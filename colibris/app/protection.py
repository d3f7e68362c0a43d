"""What protects an application: the steps and headers that the settings and the views ask for.

What nobody asks for is left out, and costs nothing.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any

from aiohttp import web

from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.middleware.account_limits import limit_accounts
from colibris.middleware.address_limits import limit_addresses
from colibris.middleware.cors import allow_origin, answer_preflight, check_cors
from colibris.middleware.csrf import give_token, may_be_forged, refuse_forgery
from colibris.middleware.hosts import check_host
from colibris.middleware.rate_limits import RULES, all_limits, read_rules, tell_limits
from colibris.middleware.security_headers import make_secure_answer
from colibris.views.finishing import FINISHERS
from colibris.views.routing import Endpoint

__all__ = ['protect']


def protect(app: web.Application, endpoints: Sequence[Endpoint], steps: MutableSequence[Any]) -> None:
    """Add protecting steps behind the one that answers errors and behind the one that authenticates, and headers.

    A middleware of the project's own that stands for ``handle_errors_json`` says so by an attribute: ``handles_errors =
    True``.

    :raises ConfigurationError: settings contradict each other, limits are malformed, or nobody answers errors.
    """
    check_cors()
    app[RULES] = read_rules()
    limits = all_limits(endpoints, app[RULES])
    is_forgeable = may_be_forged()
    has_address_limits = any(limit.by == 'address' for limit in limits)
    has_other_limits = any(limit.by != 'address' for limit in limits)
    early = {check_host: settings.ALLOWED_HOSTS, answer_preflight: settings.CORS_ORIGINS}
    _insert(steps, 'handles_errors', {**early, limit_addresses: has_address_limits})
    _insert(steps, 'authenticates', {refuse_forgery: is_forgeable, limit_accounts: has_other_limits})
    headers = {allow_origin: settings.CORS_ORIGINS, give_token: is_forgeable, tell_limits: limits}
    app[FINISHERS] += _needed(headers)
    if settings.SECURITY_HEADERS or settings.HSTS_SECONDS:
        app[FINISHERS].append(make_secure_answer())


def _insert(steps: MutableSequence[Any], mark: str, added: dict[Any, Any]) -> None:
    """Add those steps that are needed behind the first step that has the mark."""
    needed = _needed(added)
    if not needed:
        return
    position = next((number for number, step in enumerate(steps, start=1) if getattr(step, mark, False)), None)
    if position is None:
        names = ', '.join(step.__name__ for step in needed)
        raise ConfigurationError(f'MIDDLEWARE lacks a step that has the attribute {mark} = True, which {names} needs')
    steps[position:position] = needed


def _needed(things: dict[Any, Any]) -> list[Any]:
    return [thing for thing, is_needed in things.items() if is_needed]
