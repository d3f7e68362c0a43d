"""``manage.py routes``."""

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from colibris.commands.base import BaseCommand

if TYPE_CHECKING:
    from aiohttp import web

    from colibris.views.routing import Endpoint

__all__ = ['RoutesCommand']

HEADER = ('PATH', 'METHODS', 'VIEW', 'WHO')


class RoutesCommand(BaseCommand):
    """List the paths, what answers them, and who may ask."""

    def handle(self, options: Namespace) -> None:
        """Print a line for each path, or more where its methods are not for everybody alike."""
        from colibris.app import create_app
        from colibris.views.routing import ENDPOINTS

        app = create_app()
        lines = [HEADER, *(line for endpoint in app[ENDPOINTS] for line in _describe(endpoint)), *_others(app)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER) - 1)]
        for *cells, last in lines:
            print('  '.join([cell.ljust(width) for cell, width in zip(cells, widths, strict=True)] + [last]))


def _describe(endpoint: 'Endpoint') -> Iterator[tuple[str, ...]]:
    from colibris.docs.operations import Operation

    methods_by_demand: dict[str, list[str]] = {}
    for method in endpoint.methods:
        methods_by_demand.setdefault(_who(Operation(endpoint, method)), []).append(method)
    for who, methods in methods_by_demand.items():
        yield endpoint.path, ', '.join(methods), _name(endpoint.view), who


def _others(app: 'web.Application') -> Iterator[tuple[str, ...]]:
    """What colibris itself and static files add, which everybody may read."""
    from colibris.docs.paths import read_path
    from colibris.views.routing import ENDPOINTS

    known = {read_path(endpoint.path).template for endpoint in app[ENDPOINTS]}
    for resource in app.router.resources():
        if resource.canonical not in known:
            routes = [route for route in resource if route.method not in ('HEAD', 'OPTIONS')]
            methods = ', '.join(route.method for route in routes)
            yield resource.canonical, methods, _name(routes[0].handler), 'everybody'


def _who(operation: Any) -> str:
    """Who may ask: permissions separated by commas are needed together."""
    if not operation.needs_account:
        return 'everybody'
    return ', '.join(' or '.join(sorted(group)) for group in operation.permissions.groups) or 'every account'


def _name(view: Any) -> str:
    from colibris.views.routing import target_of

    target = view if isinstance(view, type) else target_of(view, 'GET')
    return f'{target.__module__}.{getattr(target, "__name__", type(target).__name__)}'
