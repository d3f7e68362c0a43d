"""The application, and whether each of its views can be reached."""

import re
from collections.abc import Iterator

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from colibris import bridge
from colibris.app import create_app
from colibris.checks import Problem, error, register, warning
from colibris.docs.paths import read_path
from colibris.errors import ConfigurationError
from colibris.views.routing import ENDPOINTS

__all__ = ['check_routes']


@register
def check_routes() -> Iterator[Problem]:
    """Whether the application can be made, and each of its views be reached."""
    try:
        app = create_app()
    except ConfigurationError as exc:
        for line in str(exc).splitlines():
            yield error('colibris.E002', line)
        return
    for endpoint in app[ENDPOINTS]:
        for method in endpoint.methods:
            hiding = _hiding(app, endpoint.path, method)
            if hiding:
                yield warning(
                    'colibris.W002',
                    f'{method} {endpoint.path} is hidden by {hiding}, which comes first',
                    'change their order, or say by a pattern what the variable matches: {id:[0-9]+}',
                )


def _hiding(app: web.Application, path: str, method: str) -> str | None:
    """The path of the route that answers in the place of another one."""
    template = read_path(path)
    if any(variable.pattern is not None for variable in template.variables):
        return None  # nobody knows a text that it matches
    request = make_mocked_request(method, re.sub(r'\{\w+\}', 'sample', template.template))
    resource = bridge.wait(app.router.resolve(request)).route.resource
    return None if resource is None or resource.canonical == template.template else resource.canonical
