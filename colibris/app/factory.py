"""How the application is made."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from colibris import bridge
from colibris.app.lifecycle import run_project
from colibris.app.pipeline import PIPELINE, Pipeline
from colibris.app.project import project_value
from colibris.app.protection import protect
from colibris.authentication import give_credentials
from colibris.conf import settings
from colibris.conf.backends import check_backends, start_backends, stop_backends
from colibris.conf.names import find_misspelt
from colibris.errors import ConfigurationError
from colibris.health import add_health_endpoints
from colibris.middleware import drive_request, identify_operation, name_operation
from colibris.middleware.auth import check_demands
from colibris.observability import observe
from colibris.persist.slot import slot as persist_slot
from colibris.template.slot import slot as template_slot
from colibris.utils.imports import ImportStringError, import_string
from colibris.views.finishing import FINISHERS, Finisher, finish_answer
from colibris.views.routing import ENDPOINTS, Endpoint, add_endpoints, add_static_routes, read_routes
from colibris.views.shutdown import SHUTDOWN, Shutdown

__all__ = ['create_app']

logger = logging.getLogger(__name__)


def create_app() -> web.Application:
    """The project's application, ready to be served.

    :raises ConfigurationError: with one line for each problem of the settings or the routes.
    """
    check_backends()
    _warn_of_misspelt_settings()
    pipeline = Pipeline(_middlewares())
    app = web.Application(middlewares=[pipeline.middleware], client_max_size=settings.MAX_REQUEST_BODY_SIZE)
    app[PIPELINE] = pipeline
    endpoints = app[ENDPOINTS] = _endpoints()
    app[SHUTDOWN] = Shutdown()
    check_demands(endpoints, pipeline.steps)
    add_endpoints(app, endpoints)
    add_static_routes(app, project_value('routes', 'STATIC_ROUTES', []), Path(settings.PROJECT_PACKAGE_DIR))
    _add_docs(app)
    app[FINISHERS] = list[Finisher]((name_operation, give_credentials))
    protect(app, endpoints, pipeline.steps)
    app.on_response_prepare.append(finish_answer)
    app.cleanup_ctx.extend([_run_backends, run_project])
    observe(app)
    app.on_shutdown.append(_begin_shutdown)
    return app


def _warn_of_misspelt_settings() -> None:
    for name, known in find_misspelt(settings.names):
        logger.warning('colibris has no setting %s: did you mean %s?', name, known)


def _middlewares() -> list[Any]:
    own = [*_persistence_middlewares(), *_template_middlewares()]
    return [identify_operation, *_content_middlewares(), drive_request, *map(_middleware, settings.MIDDLEWARE), *own]


def _content_middlewares() -> Iterator[Any]:
    """What looks at answers when they are complete."""
    if settings.COMPRESS_RESPONSES:
        yield import_string('colibris.middleware.compression.compress_responses')
    if settings.ETAGS:
        yield import_string('colibris.middleware.conditional.answer_conditionally')


def _persistence_middlewares() -> Iterator[Any]:
    """What surrounds the view only where it is asked for."""
    if not persist_slot.is_configured:
        return
    if settings.DEBUG and settings.N_PLUS_ONE_LIMIT:
        yield import_string('colibris.middleware.repetition.report_repetition')
    if persist_slot.get().atomic_requests:
        yield import_string('colibris.middleware.atomic_requests.wrap_in_transaction')


def _template_middlewares() -> Iterator[Any]:
    """What knows the client's languages, where there are translations."""
    if template_slot.is_configured and template_slot.get().locales():
        yield import_string('colibris.middleware.languages.remember_languages')


def _middleware(path: str) -> Any:
    try:
        middleware = import_string(path)
    except ImportStringError as exc:
        raise ConfigurationError(f'MIDDLEWARE: {exc}') from exc
    if getattr(middleware, '__middleware_version__', None) != 1:
        raise ConfigurationError(f'MIDDLEWARE: {path} is no middleware; decorate it with aiohttp.web.middleware')
    return middleware


def _endpoints() -> list[Endpoint]:
    endpoints = read_routes(project_value('routes', 'ROUTES', []))
    add_health_endpoints(endpoints, project_value('app', 'get_health', None))
    return endpoints


def _add_docs(app: web.Application) -> None:
    if settings.API_DOCS_PATH:
        setup_docs: Callable[[web.Application, str], None] = import_string('colibris.docs.setup_docs')
        setup_docs(app, settings.API_DOCS_PATH)


async def _run_backends(app: web.Application) -> AsyncIterator[None]:
    bridge.install(asyncio.get_running_loop())
    await bridge.drive(start_backends())
    try:
        yield
    finally:
        await bridge.drive(stop_backends())


async def _begin_shutdown(app: web.Application) -> None:
    app[SHUTDOWN].begin()
