"""Short ways to frequent answers."""

from typing import Any

from aiohttp import hdrs, web

from colibris import template
from colibris.views.responses import json_response

__all__ = ['html_response', 'html_response_template', 'json_response']


def html_response(text: str, *, status: int = 200) -> web.Response:
    """An HTML page."""
    return web.Response(text=text, status=status, content_type='text/html')


def html_response_template(name: str, status: int = 200, /, **context: Any) -> web.Response:
    """An HTML page that the template file ``name`` makes of ``context``.

    Where templates are translated, the answer says in which language it is, and that this depends on the client.

    :raises TemplateError: saying in which file and line.
    """
    response = html_response(template.render(name, **context), status=status)
    locale = template.get_locale()
    if locale:
        response.headers[hdrs.CONTENT_LANGUAGE] = locale.replace('_', '-')
        response.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    return response
