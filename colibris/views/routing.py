"""Routes: which view answers which path."""

import functools
import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from colibris.api import NotFound
from colibris.errors import ConfigurationError
from colibris.views.base import View
from colibris.views.responses import finish, to_response

__all__ = ['ENDPOINTS', 'Endpoint', 'add_endpoints', 'add_static_routes', 'name_of', 'read_routes', 'target_of']


@dataclass(frozen=True)
class Endpoint:
    """A path, the view that answers it, and the HTTP methods (``HEAD`` and ``OPTIONS`` go without saying).

    ``name`` is the one by which aiohttp's router finds the path.
    """

    path: str
    view: Any
    methods: tuple[str, ...]
    name: str | None = None

    def target(self, method: str) -> Any:
        """The function that answers an HTTP method."""
        return target_of(self.view, method)


_PLAIN_VARIABLE = re.compile(r'(?<=/)\{([_a-zA-Z][_a-zA-Z0-9]*)\}(?=/|$)')  # a whole part of a path
_IMPLIED = {hdrs.METH_HEAD, hdrs.METH_OPTIONS}

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

    :raises ConfigurationError: a path is malformed, or one of its methods is answered twice.
    """
    paths: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, []).append(endpoint)
    for path, group in paths.items():
        try:
            _add(app.router, _with_patterns(path), group)
        except (ValueError, RuntimeError) as exc:
            raise ConfigurationError(f"ROUTES: the path '{path}' cannot be routed: {exc}") from exc


def add_static_routes(app: web.Application, routes: Iterable[tuple[str, str | Path]], base: Path) -> None:
    """Serve directories; relative ones are looked up in ``base``.

    :raises ConfigurationError: there is no such directory.
    """
    for route in routes:
        if not isinstance(route, tuple | list) or len(route) != 2 or not str(route[0]).startswith('/'):
            raise ConfigurationError(f'STATIC_ROUTES: {route!r} is no (prefix, directory)')
        prefix, directory = route
        try:
            app.router.add_get(f'{prefix.rstrip("/")}/{{path:.+}}', _make_file_handler(base / directory))
        except (ValueError, OSError, TypeError) as exc:
            raise ConfigurationError(f"STATIC_ROUTES: '{prefix}' cannot be served: {exc}") from exc


def _make_file_handler(directory: Path) -> Any:
    root = directory.expanduser().resolve()
    if not root.is_dir():
        raise ValueError(f"'{directory}' is no directory")

    async def send_file(request: web.Request) -> web.FileResponse:
        path = _file_below(root, request.match_info['path'])
        if path is None:
            raise NotFound
        return web.FileResponse(path)

    return send_file


def _file_below(root: Path, name: str) -> Path | None:
    """The file, unless it is outside of ``root``, by a symbolic link or otherwise."""
    try:
        path = (root / name).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (ValueError, OSError):
        return None


def target_of(view: Any, method: str) -> Any:
    """The function by which a view answers an HTTP method, or ``None``."""
    if not isinstance(view, type):
        return _unwrapped(view)
    if issubclass(view, View):
        return view.target(method)
    return getattr(view, method.lower(), None) if method in hdrs.METH_ALL else None


def name_of(view: Any, method: str | None = None) -> str:
    """The dotted path of a view's class or function, or of what answers an HTTP method in a class."""
    target = view if isinstance(view, type) else _unwrapped(view)
    name = f'{target.__module__}.{getattr(target, "__name__", type(target).__name__)}'
    answering = target_of(view, method) if method and isinstance(view, type) else None
    return f'{name}.{answering.__name__}' if answering else name


def _unwrapped(function: Any) -> Any:
    """What a partial function calls, which is what carries decorators' demands."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _read_route(route: Any) -> Endpoint:
    if isinstance(route, web.RouteDef):
        methods = None if route.method == hdrs.METH_ANY else (route.method,)
        return _make_endpoint(route.path, route.handler, methods, route.kwargs.get('name'))
    if not isinstance(route, tuple | list) or len(route) not in (2, 3):
        raise ConfigurationError(f'ROUTES: {route!r} is no (path, view) or (path, function, methods)')
    path, view, methods = (*route, None)[:3]
    return _make_endpoint(path, view, methods)


def _make_endpoint(path: Any, view: Any, methods: Any, name: str | None = None) -> Endpoint:
    if not isinstance(path, str) or not path.startswith('/'):
        raise ConfigurationError(f"ROUTES: the path {path!r} does not start with '/'")
    if not (callable(view) and (not isinstance(view, type) or issubclass(view, web.View))):
        raise ConfigurationError(f"ROUTES: what answers '{path}' is neither a function nor a view class: {view!r}")
    try:
        return Endpoint(path, view, _methods_of(view, methods), name)
    except ConfigurationError as exc:
        raise ConfigurationError(f"ROUTES: '{path}': {exc}") from exc


def _methods_of(view: Any, chosen: Any) -> tuple[str, ...]:
    if not isinstance(view, type):
        return _checked_methods(chosen) if chosen is not None else (hdrs.METH_GET,)
    if chosen is not None:
        raise ConfigurationError(f'{view.__name__} is a class, and answers the methods that it defines')
    if issubclass(view, View):
        view.check()
    return tuple(sorted(method for method in hdrs.METH_ALL - _IMPLIED if target_of(view, method)))


def _checked_methods(chosen: Any) -> tuple[str, ...]:
    methods = [] if isinstance(chosen, str) else [str(method).upper() for method in chosen]
    if not methods or not set(methods) <= hdrs.METH_ALL:
        raise ConfigurationError(f"{chosen!r} is no list of HTTP methods such as ['POST']")
    return tuple(methods)


def _add(router: web.UrlDispatcher, path: str, endpoints: Sequence[Endpoint]) -> None:
    first = endpoints[0]
    if isinstance(first.view, type) and len(endpoints) == 1:
        route = router.add_view(path, first.view, **({'name': first.name} if first.name else {}))
        if issubclass(first.view, View):
            first.view.check_path(_variables(route))
        return
    if any(isinstance(endpoint.view, type) for endpoint in endpoints):
        raise ValueError('a view class answers every method of its path, but there is another view')
    resource = router.add_resource(path, name=first.name)
    handlers = _handlers_of(endpoints)
    for method, handler in handlers.items():
        resource.add_route(method, handler)
    if hdrs.METH_OPTIONS not in handlers:
        resource.add_route(hdrs.METH_OPTIONS, _make_options_handler([*handlers, hdrs.METH_OPTIONS]))


def _with_patterns(path: str) -> str:
    """The path, whose variables without a pattern match any text without a slash; aiohttp would refuse braces too."""
    return _PLAIN_VARIABLE.sub(r'{\1:[^/]+}', path)


def _variables(route: web.AbstractRoute) -> list[str]:
    pattern = route.get_info().get('pattern')
    return list(pattern.groupindex) if pattern else []


def _handlers_of(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    handlers: dict[str, Any] = {}
    for endpoint in endpoints:
        handler = _as_handler(endpoint.view)
        for method in endpoint.methods:
            if method in handlers:
                raise ValueError(f'{method} is answered twice')
            handlers[method] = handler
    if hdrs.METH_GET in handlers:
        handlers.setdefault(hdrs.METH_HEAD, handlers[hdrs.METH_GET])
    return handlers


def _as_handler(function: Any) -> Any:
    is_async = inspect.isfunction(function) and inspect.iscoroutinefunction(function)
    call = function if is_async else lambda request: finish(function(request))

    @functools.wraps(_unwrapped(function))
    async def handler(request: web.Request) -> web.StreamResponse:
        return to_response(await call(request), handler)

    return handler


def _make_options_handler(methods: Iterable[str]) -> Any:
    headers = {hdrs.ALLOW: ', '.join(sorted(methods))}

    async def describe_methods(request: web.Request) -> web.Response:
        return web.Response(status=204, headers=headers)

    return describe_methods
