"""``manage.py routes``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from colibris.commands.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from aiohttp import web

    from colibris.views.plans import Plan
    from colibris.views.routing import Endpoint

__all__ = ['RoutesCommand']

HEADER = ('PATH', 'METHODS', 'VIEW', 'WHO')


class RoutesCommand(BaseCommand):
    """List the paths, what answers them, and who may ask."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument('paths', nargs='*', metavar='PATH', help='a path to show; by default all of them')
        parser.add_argument('--plan', action='store_true', help='show how requests are answered, and what is compiled')
        parser.add_argument('--format', choices=['text', 'json'], default='text', help='how to print the plan')

    def handle(self, options: Namespace) -> None:
        """Print a line for each path, or more where its methods are not for everybody alike; or the plans.

        :raises CommandError: there is no such path, or the list of paths is asked for as JSON.
        """
        from colibris.app import create_app
        from colibris.views.routing import ENDPOINTS

        if options.format == 'json' and not options.plan:
            raise CommandError('--format json needs --plan; manage.py openapi describes the paths as JSON')
        app = create_app()
        declared, others = _chosen(options.paths, app[ENDPOINTS], list(_others(app)))
        if options.plan:
            from colibris.commands.plans import as_json, as_text

            print((as_json if options.format == 'json' else as_text)(_plans(app, [*declared, *others])))
        else:
            _print_table(declared, others)


def _chosen(paths: Sequence[str], *groups: 'list[Endpoint]') -> 'list[list[Endpoint]]':
    known = {endpoint.path for group in groups for endpoint in group}
    unknown = [path for path in paths if path not in known]
    if unknown:
        raise CommandError(f'there is no path {", ".join(unknown)}; manage.py routes lists those that there are')
    return [[endpoint for endpoint in group if not paths or endpoint.path in paths] for group in groups]


def _plans(app: 'web.Application', endpoints: 'Iterable[Endpoint]') -> 'Iterator[Plan]':
    from colibris.app.pipeline import PIPELINE, steps_for
    from colibris.views.plans import plan_of

    steps = app[PIPELINE].steps
    for endpoint in endpoints:
        for method in endpoint.methods:
            yield plan_of(endpoint, method, steps_for(steps, endpoint.view, method))


def _print_table(declared: 'Iterable[Endpoint]', others: 'Iterable[Endpoint]') -> None:
    from colibris.views.routing import name_of

    public = [(other.path, ', '.join(other.methods), name_of(other.view), 'everybody') for other in others]
    lines = [HEADER, *(line for endpoint in declared for line in _describe(endpoint)), *public]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER) - 1)]
    for *cells, last in lines:
        print('  '.join([cell.ljust(width) for cell, width in zip(cells, widths, strict=True)] + [last]))


def _describe(endpoint: 'Endpoint') -> Iterator[tuple[str, ...]]:
    from colibris.docs.operations import Operation
    from colibris.views.routing import name_of

    methods_by_demand: dict[str, list[str]] = {}
    for method in endpoint.methods:
        methods_by_demand.setdefault(_who(Operation(endpoint, method)), []).append(method)
    for who, methods in methods_by_demand.items():
        yield endpoint.path, ', '.join(methods), name_of(endpoint.view), who


def _others(app: 'web.Application') -> 'Iterator[Endpoint]':
    """What colibris itself and static files add, which everybody may read."""
    from colibris.docs.paths import read_path
    from colibris.views.routing import ENDPOINTS, Endpoint

    known = {read_path(endpoint.path).template for endpoint in app[ENDPOINTS]}
    for resource in app.router.resources():
        if resource.canonical not in known:
            routes = [route for route in resource if route.method not in ('HEAD', 'OPTIONS')]
            yield Endpoint(resource.canonical, routes[0].handler, tuple(route.method for route in routes))


def _who(operation: Any) -> str:
    """Who may ask: permissions separated by commas are needed together."""
    if not operation.needs_account:
        return 'everybody'
    return ', '.join(' or '.join(sorted(group)) for group in operation.permissions.groups) or 'every account'
