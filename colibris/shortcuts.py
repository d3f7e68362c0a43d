"""Short ways to frequent answers."""

from aiohttp import web

from colibris.views.responses import json_response

__all__ = ['html_response', 'json_response']


def html_response(text: str, *, status: int = 200) -> web.Response:
    """An HTML page."""
    return web.Response(text=text, status=status, content_type='text/html')
