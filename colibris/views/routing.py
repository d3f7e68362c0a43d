"""Routes: which view answers which path."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from colibris.errors import ConfigurationError
from colibris.views.base import View
from colibris.views.responses import finish, to_response

__all__ = ['ENDPOINTS', 'Endpoint', 'add_endpoints', 'add_static_routes', 'read_routes', 'target_of']


@dataclass(frozen=True)
class Endpoint:
    """A path, the view that answers it, and the HTTP methods (``HEAD`` and ``OPTIONS`` go without saying)."""

    path: str
    view: Any
    methods: tuple[str, ...]

    def target(self, method: str) -> Any:
        """The function that answers an HTTP method."""
        return target_of(self.view, method)


ENDPOINTS: web.AppKey[list[Endpoint]] = web.AppKey('colibris.endpoints', list)


def read_routes(routes: Iterable[Any]) -> list[Endpoint]:
    """The endpoints of a project's ``ROUTES``.

    Each route is ``(path, view)``, ``(path, function, methods)`` or a route definition of aiohttp's. A function without
    methods answers ``GET``.

    :raises ConfigurationError: with one line for each route that is wrong.
    """
    endpoints, problems = [], []
    for route in routes:
        try:
            endpoints.append(_read_route(route))
        except ConfigurationError as exc:
            problems.append(str(exc))
    if problems:
        raise ConfigurationError('\n'.join(problems))
    return endpoints


def add_endpoints(app: web.Application, endpoints: Sequence[Endpoint]) -> None:
    """Route the endpoints' paths.

    :raises ConfigurationError: a path is malformed, or routed twice.
    """
    for endpoint in endpoints:
        try:
            _add(app.router, endpoint)
        except (ValueError, RuntimeError) as exc:
            raise ConfigurationError(f"ROUTES: the path '{endpoint.path}' cannot be routed: {exc}") from exc


def add_static_routes(app: web.Application, routes: Iterable[tuple[str, str | Path]], base: Path) -> None:
    """Serve directories; relative ones are looked up in ``base``.

    :raises ConfigurationError: there is no such directory.
    """
    for prefix, directory in routes:
        try:
            app.router.add_static(prefix, base / directory)
        except ValueError as exc:
            raise ConfigurationError(f"STATIC_ROUTES: '{prefix}' cannot be served: {exc}") from exc


def target_of(view: Any, method: str) -> Any:
    """The function by which a view answers an HTTP method, or ``None``."""
    if isinstance(view, type):
        return view.target(method) if issubclass(view, View) else getattr(view, method.lower(), None)
    return view


def _read_route(route: Any) -> Endpoint:
    if isinstance(route, web.RouteDef):
        methods = (route.method.upper(),) if route.method != hdrs.METH_ANY else _methods_of(route.handler)
        return Endpoint(route.path, route.handler, methods)
    if not isinstance(route, tuple | list) or len(route) not in (2, 3):
        raise ConfigurationError(f'ROUTES: {route!r} is no (path, view) or (path, function, methods)')
    path, view = route[:2]
    if not isinstance(path, str) or not path.startswith('/'):
        raise ConfigurationError(f"ROUTES: the path {path!r} does not start with '/'")
    if not (callable(view) and (not isinstance(view, type) or issubclass(view, web.View))):
        raise ConfigurationError(f"ROUTES: what answers '{path}' is neither a function nor a view class: {view!r}")
    methods = tuple(method.upper() for method in route[2]) if len(route) > 2 else _methods_of(view)
    return Endpoint(path, view, methods)


def _methods_of(view: Any) -> tuple[str, ...]:
    if not isinstance(view, type):
        return (hdrs.METH_GET,)
    implied = {hdrs.METH_HEAD, hdrs.METH_OPTIONS}
    return tuple(sorted(method for method in hdrs.METH_ALL - implied if hasattr(view, method.lower())))


def _add(router: web.UrlDispatcher, endpoint: Endpoint) -> None:
    if isinstance(endpoint.view, type):
        router.add_view(endpoint.path, endpoint.view)
        return
    handler = _as_handler(endpoint.view)
    resource = router.add_resource(endpoint.path)
    for method in endpoint.methods:
        resource.add_route(method, handler)
    if hdrs.METH_GET in endpoint.methods and hdrs.METH_HEAD not in endpoint.methods:
        resource.add_route(hdrs.METH_HEAD, handler)


def _as_handler(function: Any) -> Any:
    @functools.wraps(function)
    async def handler(request: web.Request) -> web.StreamResponse:
        return to_response(await finish(function(request)))

    return handler
