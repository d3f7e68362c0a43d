"""The permissions that views demand."""

from collections.abc import Iterator

from colibris import authorization
from colibris.app.project import project_value
from colibris.authorization.null import NullBackend
from colibris.checks import Problem, register, warning
from colibris.errors import ConfigurationError
from colibris.middleware.auth import policy_of
from colibris.views.routing import read_routes

__all__ = ['check_permissions']


@register
def check_permissions() -> Iterator[Problem]:
    """Permissions that every account has, and those that none can have."""
    try:
        demanded = dict(_demanded())
        backend = authorization.get_backend()
    except ConfigurationError:
        return  # the check of the application tells
    if demanded and isinstance(backend, NullBackend):
        yield warning(
            'colibris.W006',
            f'every account has the permissions that {", ".join(demanded)} demand, as AUTHORIZATION is not set',
            "set it: AUTHORIZATION = {'backend': 'colibris.authorization.role.RoleBackend', …}",
        )
    for where, permissions in demanded.items():
        for name in sorted(permissions.difference(backend.known_permissions or permissions)):
            yield warning(
                'colibris.W007',
                f'{where} demands {name!r}, which no account can have',
                f'AUTHORIZATION knows these: {", ".join(backend.known_permissions or ())}',
            )


def _demanded() -> Iterator[tuple[str, frozenset[str]]]:
    for endpoint in read_routes(project_value('routes', 'ROUTES', [])):
        for method in endpoint.methods:
            permissions = policy_of(endpoint.view, method).permissions
            if permissions:
                yield f'{method} {endpoint.path}', frozenset().union(*permissions.groups)
