"""``manage.py runserver``."""

import gc
from argparse import ArgumentParser, Namespace

from colibris.commands.base import BaseCommand

__all__ = ['RunServerCommand']


class RunServerCommand(BaseCommand):
    """Serve the project over HTTP."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument('--host', help='the interface to listen on (default: the setting LISTEN)')
        parser.add_argument('--port', type=int, help='the TCP port to listen on (default: the setting PORT)')
        parser.add_argument('--reload', action='store_true', help="start anew when the project's files change")

    def handle(self, options: Namespace) -> int:
        """Serve until a signal ends it.

        :raises ConfigurationError: ``DEBUG`` is off, but ``SECRET_KEY`` is missing or too short to be one.
        """
        if options.reload:
            return _run_reloading()
        # Looking for garbage among what is made at start, now or later, would only cost time.
        gc.disable()
        from colibris.app import create_app
        from colibris.app.server import serve
        from colibris.authentication.keys import secret_key
        from colibris.conf import settings

        if not settings.DEBUG:
            secret_key()
        host = options.host or settings.LISTEN
        app = create_app()
        gc.freeze()
        gc.enable()
        port = settings.PORT if options.port is None else options.port
        serve(app, host, port, on_listening=_warn_of_migrations)
        return 0


def _run_reloading() -> int:
    from colibris.commands.reloading import run_reloading

    return run_reloading()


def _warn_of_migrations() -> None:
    import logging
    from pathlib import Path

    from colibris import persist
    from colibris.conf import settings
    from colibris.persist import migrations

    logger = logging.getLogger(__name__)
    if not settings.DATABASE:
        return
    if not persist.connectivity_check():
        logger.warning('the database does not answer; manage.py migrate makes a missing one')
        return
    states = migrations.status(persist.get_database(), Path(settings.PROJECT_PACKAGE_DIR) / 'migrations')
    waiting = [state.name for state in states if not state.is_applied]
    if waiting:
        logger.warning('not applied yet: %s; run manage.py migrate', ', '.join(waiting))
