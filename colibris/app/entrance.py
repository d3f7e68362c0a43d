"""How requests come in: from the server to the view, along the steps."""

from collections.abc import Iterator

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from colibris.app.pipeline import PIPELINE

__all__ = ['make_entrance']


def make_entrance(app: web.Application, handle: Handler) -> Handler:
    """The function by which an application of :func:`~colibris.app.factory.create_app` takes a request.

    It does what aiohttp does, with less ado, for requests that one of the application's own routes answers.

    :param app: the application, which does not change any more.
    :param handle: aiohttp's own way, for all the others, and for applications that the project has given middlewares
        besides the steps.
    """
    pipeline, router = app[PIPELINE], app.router
    if list(app.middlewares) != [pipeline.middleware]:
        return handle
    routes = dict(_plain_routes(router))

    async def enter(request: web.Request) -> web.StreamResponse:
        method = request.method
        route = routes.get((method, request.rel_url.raw_path))
        match_info = await router.resolve(request) if route is None else web.UrlMappingMatchInfo({}, route)
        is_ours = route is not None or not (match_info.apps or match_info.http_exception)
        if not is_ours or hdrs.EXPECT in request.headers:
            return await handle(request)
        match_info.add_app(app)
        match_info.freeze()
        request._match_info = match_info
        view = match_info.handler
        return await pipeline.way(view, method, view)(request)

    return enter


def _plain_routes(router: web.UrlDispatcher) -> Iterator[tuple[tuple[str, str], web.AbstractRoute]]:
    """The routes whose paths have no variables, by HTTP method and path; of equal paths those that come first."""
    known: set[str] = set()
    for resource in router.resources():
        path = resource.canonical
        if type(resource) is web.PlainResource and path not in known and '%' not in path:
            for route in resource:
                for method in hdrs.METH_ALL if route.method == hdrs.METH_ANY else (route.method,):
                    yield (method, path), route
        known.add(path)
