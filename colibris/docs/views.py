"""The handlers that serve the document and the page."""

import asyncio
import hashlib
import html
import importlib
import inspect
from pathlib import Path
from string import Template
from typing import Any

from aiohttp import hdrs, web

import colibris
from colibris.conf import settings
from colibris.conf.project import project_name, project_version
from colibris.docs.openapi import build_document
from colibris.utils import json
from colibris.views.routing import ENDPOINTS

__all__ = ['describe_project', 'setup_docs']

STATIC = Path(__file__).resolve().parent / 'static'

_CONTENT_TYPES = {
    'favicon.png': 'image/png',
    'page.css': 'text/css; charset=utf-8',
    'page.js': 'text/javascript; charset=utf-8',
    'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
    'swagger-ui-bundle.js.LICENSE.txt': 'text/plain; charset=utf-8',
    'swagger-ui.css': 'text/css; charset=utf-8',
}
_SECURITY_HEADERS = {
    'Content-Security-Policy': (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
}
# The files' URLs carry the version, so that browsers need not ask whether they have changed.
_DAY = 'public, max-age=86400'


def setup_docs(app: web.Application, path: str) -> None:
    """Serve the documentation of the app's endpoints to everybody: the page, its files and the document.

    :param path: where the page is; the document is at ``/openapi.json`` below it.
    """
    docs = _Docs(app, path.rstrip('/'))
    app.router.add_get(docs.path, docs.page)
    app.router.add_get(f'{docs.path}/', docs.redirect)
    app.router.add_get(f'{docs.path}/openapi.json', docs.document)
    app.router.add_get(f'{docs.path}/static/{{name}}', docs.file)


def describe_project() -> dict[str, str]:
    """The project's ``title``, ``version`` and ``description``, from its package."""
    package = importlib.import_module(settings.PROJECT_PACKAGE_NAME)
    return {
        'title': project_name(),
        'version': project_version() or '0',
        'description': inspect.cleandoc(package.__doc__ or ''),
    }


class _Docs:
    """Serves the documentation of one app."""

    def __init__(self, app: web.Application, path: str) -> None:
        self.path = path
        self._app = app
        self._lock = asyncio.Lock()
        self._content: bytes | None = None

    async def page(self, request: web.Request) -> web.Response:
        """The page. What it refers to is named relatively, so that it works behind a proxy's prefix."""
        values = {
            'base': self.path.rpartition('/')[2],
            'path': self.path,
            'title': f'{project_name()} · API',
            'version': colibris.__version__,
        }
        template = Template((STATIC / 'index.html').read_text('utf-8'))
        text = template.substitute({name: html.escape(value) for name, value in values.items()})
        headers = {**_SECURITY_HEADERS, hdrs.CACHE_CONTROL: 'no-cache'}
        return web.Response(text=text, content_type='text/html', headers=headers)

    async def redirect(self, request: web.Request) -> web.Response:
        """The way from the path with a slash behind to the page, relative for the same reason."""
        return web.Response(status=308, headers={hdrs.LOCATION: f'../{self.path.rpartition("/")[2]}'})

    async def document(self, request: web.Request) -> web.Response:
        """The OpenAPI document."""
        content = await self._document()
        tag = hashlib.sha256(content).hexdigest()[:32]
        headers = {hdrs.CACHE_CONTROL: 'no-cache', hdrs.ETAG: f'"{tag}"'}
        if any(known.value in ('*', tag) for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=content, content_type='application/json', headers=headers)

    async def file(self, request: web.Request) -> web.FileResponse:
        """A file of the page."""
        name = request.match_info['name']
        if name not in _CONTENT_TYPES:
            raise web.HTTPNotFound
        headers = {
            hdrs.CONTENT_TYPE: _CONTENT_TYPES[name],
            hdrs.CACHE_CONTROL: _DAY,
            'X-Content-Type-Options': 'nosniff',
        }
        return web.FileResponse(STATIC / name, headers=headers)

    async def _document(self) -> bytes:
        """The document, made once, in a thread: it may take a while."""
        async with self._lock:
            if self._content is None:
                self._content = await asyncio.to_thread(_build, self._app[ENDPOINTS])
            return self._content


def _build(endpoints: list[Any]) -> bytes:
    return json.dumps(build_document(endpoints, **describe_project()))
