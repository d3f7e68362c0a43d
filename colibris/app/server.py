"""The HTTP server of one process."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable

from aiohttp import web

from colibris import bridge
from colibris.app.drain import RequestDrain
from colibris.app.protocol import Runner
from colibris.conf import settings
from colibris.errors import ColibrisError
from colibris.log.access import AccessLogger
from colibris.views.shutdown import SHUTDOWN

__all__ = ['ServerError', 'serve']

KEEPALIVE_SECONDS = 75
CLOSE_SECONDS = 1

_MAX_PORT = 65535

_EVERYWHERE = {'0.0.0.0': '127.0.0.1', '::': '[::1]'}  # noqa: S104


class ServerError(ColibrisError):
    """The server cannot start."""


def serve(app: web.Application, host: str, port: int, on_listening: Callable[[], None]) -> None:
    """Serve ``app`` until SIGINT or SIGTERM; then running requests are finished. A second signal ends at once.

    :param on_listening: called when requests can come in.
    :raises ServerError: the address cannot be listened on.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(app, host, port, on_listening))


async def _serve(app: web.Application, host: str, port: int, on_listening: Callable[[], None]) -> None:
    stopped = _signalled()
    drain = RequestDrain()
    app.middlewares.insert(0, drain.middleware)
    runner = Runner(
        app,
        access_log=logging.getLogger('colibris.access'),
        access_log_class=AccessLogger,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=CLOSE_SECONDS,
    )
    try:
        await runner.setup()
        site = await _listen(runner, host, port)
        _announce(runner)
        await bridge.run(on_listening)
        await stopped.wait()
        app[SHUTDOWN].begin()
        await site.stop()
        await drain.finish(settings.SHUTDOWN_TIMEOUT)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> web.TCPSite:
    if not 0 <= port <= _MAX_PORT:
        raise ServerError(f'cannot listen on {host}, port {port}: ports go from 0 to {_MAX_PORT}')
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
    except OSError as exc:
        raise ServerError(f'cannot listen on {host}, port {port}: {exc.strerror or exc}') from exc
    return site


def _signalled() -> asyncio.Event:
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        event.set()
        for number in signals:
            loop.remove_signal_handler(number)
            # Python's own way, an exception somewhere in the loop, would wait for the requests again.
            signal.signal(number, signal.SIG_DFL)

    for number in signals:
        loop.add_signal_handler(number, stop)
    return event


def _announce(runner: web.AppRunner) -> None:
    for host, port, *_ in runner.addresses:
        base = f'http://{_EVERYWHERE.get(host, host)}:{port}'
        reach = 'on every interface, ' if host in _EVERYWHERE else ''
        print(f'Listening on {base} ({reach}Ctrl-C stops)')
        if settings.API_DOCS_PATH:
            print(f'API documentation at {base}{settings.API_DOCS_PATH}')
    sys.stdout.flush()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
