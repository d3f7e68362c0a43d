"""Step 9: authentication and authorization."""

import functools
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from colibris import authentication, authorization
from colibris.api import NotAuthenticated, PermissionDenied
from colibris.authentication import AuthenticationError
from colibris.authentication.null import NullBackend as NullAuthentication
from colibris.authorization import Permissions
from colibris.authorization.null import NullBackend as NullAuthorization
from colibris.errors import ConfigurationError
from colibris.utils.functions import marked
from colibris.views.routing import Endpoint, target_of

__all__ = ['Policy', 'check_demands', 'handle_auth', 'policy_of']

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Policy:
    """What a view demands for one HTTP method."""

    authentication_required: bool
    permissions: Permissions


@marked(authenticates=True)
@web.middleware
async def handle_auth(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the request's account, and let it pass if it has what the view demands.

    Wrong credentials are refused everywhere an account is demanded; elsewhere they count as none.
    """
    if request.match_info.http_exception is not None:
        return await handler(request)
    policy = policy_of(request.match_info.handler, request.method)
    try:
        account = await authentication.authenticate(request)
    except AuthenticationError:
        if policy.authentication_required:
            raise
        account = None
    if policy.authentication_required and account is None:
        raise NotAuthenticated
    if policy.permissions and not policy.permissions.allow(account, authorization.get_backend()):
        authentication.record_event('permission_denied', request, account, level=logging.WARNING)
        raise PermissionDenied
    return await handler(request)


def check_demands(endpoints: Iterable[Endpoint], middlewares: Iterable[Any]) -> None:
    """Check that what views demand is demanded indeed, and that there are accounts that could have it.

    A project's own middleware that stands for :func:`handle_auth` says so by an attribute: ``authenticates = True``.

    :raises ConfigurationError: no middleware authenticates, ``AUTHENTICATION`` is not set, or a permission is demanded
        that no account can have.
    """
    endpoints = list(endpoints)
    authenticated = authentication.get_backend().find(NullAuthentication) is None
    if authenticated and not any(getattr(item, 'authenticates', False) for item in middlewares):
        raise ConfigurationError('AUTHENTICATION is set, but MIDDLEWARE lacks colibris.middleware.handle_auth')
    demanding = {
        f'{method} {endpoint.path}': permissions
        for endpoint in endpoints
        for method in endpoint.methods
        if (permissions := policy_of(endpoint.view, method).permissions)
    }
    if demanding and not authenticated:
        raise ConfigurationError(f'AUTHENTICATION is not set, but permissions are demanded by: {", ".join(demanding)}')
    owned = [endpoint.path for endpoint in endpoints if getattr(endpoint.view, 'owner_field', None)]
    if owned and not authenticated:
        raise ConfigurationError(f'AUTHENTICATION is not set, but there is an owner_field at: {", ".join(owned)}')
    if demanding and isinstance(authorization.get_backend(), NullAuthorization):
        logger.warning('AUTHORIZATION is not set: every account has the permissions that are demanded by its views')
    _check_permissions(demanding)
    _warn_of_unknown_permissions(demanding)


def _check_permissions(demanding: Mapping[str, Permissions]) -> None:
    for where, permissions in demanding.items():
        for permission in sorted(set().union(*permissions.groups)):
            try:
                authorization.get_backend().check_permission(permission)
            except ConfigurationError as exc:
                raise ConfigurationError(f'{where}: {exc}') from exc


def _warn_of_unknown_permissions(demanding: Mapping[str, Permissions]) -> None:
    known = authorization.get_backend().known_permissions
    for where, permissions in demanding.items():
        unknown = {item for group in permissions.groups for item in group}.difference(known or ())
        if known is not None and unknown:
            names, choices = ', '.join(sorted(unknown)), ', '.join(known)
            logger.warning('%s demands %s, which is not among the known permissions: %s', where, names, choices)


@functools.lru_cache(maxsize=4096)
def policy_of(view: Any, method: str) -> Policy:
    """What ``view`` demands for ``method``; nothing for a method that it does not answer."""
    target = target_of(view, method)
    if target is None:
        return Policy(False, Permissions())
    permissions = authorization.permissions_of(view) | authorization.permissions_of(target)
    required = any(authentication.is_authentication_required(item) for item in (view, target))
    return Policy(required or bool(permissions), permissions)
