"""``manage.py runserver``."""

import gc
import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from colibris.commands.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from colibris.serving.listeners import Listeners
    from colibris.serving.parent import Parent

__all__ = ['RunServerCommand']

_WORKERS = 'WEB_CONCURRENCY'
_METRICS = 'PROMETHEUS_MULTIPROC_DIR'
_JITTER = 10  # a worker answers up to a tenth more than --max-requests


class RunServerCommand(BaseCommand):
    """Serve the project over HTTP."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and how many processes do."""
        add = parser.add_argument
        add('--host', help='the interface to listen on (default: the setting LISTEN)')
        add('--port', type=int, help='the TCP port to listen on (default: the setting PORT)')
        add('--unix-socket', metavar='PATH', help='a Unix socket to listen on, instead of or besides --host and --port')
        add('--certfile', metavar='FILE', help='serve HTTPS with the certificate in a PEM file')
        add('--keyfile', metavar='FILE', help="the certificate's key, if --certfile does not hold it")
        add('--workers', type=int, metavar='N', help=f'serve with N processes (default: the variable {_WORKERS})')
        add('--max-requests', type=int, default=0, metavar='N', help='replace a worker after about N requests')
        reload = parser.add_mutually_exclusive_group()
        reload.add_argument('--reload', action='store_true', help='start anew when files change (default: in DEBUG)')
        reload.add_argument('--no-reload', action='store_true', help='do not start anew when files change')

    def prepare(self, package: str) -> None:
        """Remember the environment as it is before the project's ``.env`` files complete it."""
        self._environment = dict(os.environ)
        super().prepare(package)

    def handle(self, options: Namespace) -> int:
        """Serve until a signal ends it.

        :raises ConfigurationError: ``DEBUG`` is off, but ``SECRET_KEY`` is missing or too short to be one.
        :raises MissingDependencyError: there are to be workers, but gunicorn is not installed.
        """
        from colibris.serving.parent import find_parent

        parent = find_parent(os.environ)
        workers = _number_of_workers(options)
        if parent is not None:
            with parent:
                _serve(options, parent)
        elif workers:
            return self._run_workers(options, workers)
        elif _may_reload(options):
            return self._run_reloading(options)
        else:
            _serve(options, None)
        return 0

    def _run_workers(self, options: Namespace, count: int) -> int:
        os.environ.pop(_WORKERS, None)  # gunicorn would read it, and cannot if it is no number
        from colibris.serving.workers import Plan, run_workers

        _check(options)
        on_end = _share_metrics()
        plan = Plan(
            count, options.max_requests, options.max_requests // _JITTER, self._environment_of_children(), on_end
        )
        with _open_listeners(options) as listeners:
            return run_workers(listeners, plan)

    def _run_reloading(self, options: Namespace) -> int:
        from colibris.commands.reloading import run_server_reloading

        _check(options)
        with _open_listeners(options) as listeners:
            return run_server_reloading(listeners, self._environment_of_children())

    def _environment_of_children(self) -> dict[str, str]:
        """The environment of this command's children, which read the ``.env`` files for themselves."""
        from colibris.serving.systemd import VARIABLES

        kept = {name: value for name, value in self._environment.items() if name not in VARIABLES}
        return {**kept, **{name: os.environ[name] for name in (_METRICS,) if name in os.environ}}


def _share_metrics() -> 'Callable[[int], None]':
    """Have the metrics of workers be those of one service.

    :returns: what is to be called with the process id of each worker that has ended.
    """
    from colibris.conf import settings

    if settings.METRICS_PATH is None:
        return lambda pid: None
    from colibris.observability import end_process, prepare_processes

    prepare_processes()
    return end_process


def _serve(options: Namespace, parent: 'Parent | None') -> None:
    # Looking for garbage among what is made at start, now or later, would only cost time.
    gc.disable()
    from colibris.app import create_app
    from colibris.serving.server import Serving, serve

    tls = _check(options)
    app = create_app()
    gc.freeze()
    gc.enable()
    with parent.listeners if parent else _open_listeners(options) as listeners:
        serve(Serving(app, listeners, tls, parent, lambda: _tell_what_is_missing(options, parent)))


def _check(options: Namespace) -> 'SSLContext | None':
    """Whatever can be known to be wrong before anything is started."""
    from colibris.conf import settings
    from colibris.conf.origins import PROXY_PROTOCOL
    from colibris.serving.tls import make_context

    if not settings.DEBUG:
        from colibris.authentication.keys import secret_key

        secret_key()
    if options.certfile and settings.PROXY_HEADER == PROXY_PROTOCOL:
        raise CommandError(
            f'--certfile and PROXY_HEADER = {PROXY_PROTOCOL!r} do not go together: let the proxy speak TLS'
        )
    return make_context(options.certfile, options.keyfile)


def _open_listeners(options: Namespace) -> 'Listeners':
    from colibris.conf import settings
    from colibris.serving.listeners import open_listeners

    if options.unix_socket is not None and options.host is None and options.port is None:
        return open_listeners(None, None, options.unix_socket)
    port = settings.PORT if options.port is None else options.port
    return open_listeners(options.host or settings.LISTEN, port, options.unix_socket)


def _number_of_workers(options: Namespace) -> int:
    """How many workers are asked for; 0: this process is to serve itself.

    :raises CommandError: the options, or the variable, make no sense.
    """
    text = os.environ.get(_WORKERS, '')
    count = options.workers if options.workers is not None else int(text) if text.isdecimal() else None if text else 0
    if count is None or (count < 1 and (text or options.workers is not None)):
        name, value = ('--workers', options.workers) if options.workers is not None else (_WORKERS, text)
        raise CommandError(f'{name} must be a whole number from 1, not {value}')
    if options.max_requests < 0 or (options.max_requests and not count):
        raise CommandError('--max-requests must be a whole number from 0, and needs --workers')
    if options.reload and count:
        raise CommandError('--reload and --workers do not go together')
    return count


def _may_reload(options: Namespace) -> bool:
    return bool(options.reload) or (_is_to_reload(options) and _can_watch_files())


def _is_to_reload(options: Namespace) -> bool:
    from colibris.conf import settings

    return not options.no_reload and bool(options.reload or settings.DEBUG)


def _can_watch_files() -> bool:
    try:
        import watchfiles  # noqa: F401  # only looked for
    except ImportError:
        return False
    return True


def _tell_what_is_missing(options: Namespace, parent: 'Parent | None') -> None:
    import logging

    if parent is None and _is_to_reload(options) and not _can_watch_files():
        remedy = "that needs watchfiles (pip install 'colibris[serve]')"
        logging.getLogger(__name__).info('changes of files are not noticed: %s', remedy)
    _warn_of_migrations()


def _warn_of_migrations() -> None:
    import logging
    from pathlib import Path

    from peewee import PeeweeException

    from colibris import persist
    from colibris.conf import settings
    from colibris.persist import migrations

    logger = logging.getLogger(__name__)
    if not settings.DATABASE:
        return
    if not persist.connectivity_check():
        logger.warning('the database does not answer; manage.py migrate makes a missing one')
        return
    try:
        states = migrations.status(persist.get_database(), Path(settings.PROJECT_PACKAGE_DIR) / 'migrations')
    except (migrations.MigrationError, PeeweeException) as error:
        logger.warning('migrations cannot be looked at: %s', error)
        return
    waiting = [state.name for state in states if not state.is_applied]
    if waiting:
        logger.warning('not applied yet: %s; run manage.py migrate', ', '.join(waiting))
