"""The HTTP server of one process."""

import asyncio
import contextlib
import faulthandler
import logging
import os
import select
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aiohttp import web

from colibris import bridge
from colibris.conf import settings
from colibris.conf.origins import PROXY_PROTOCOL
from colibris.log.access import AccessLogger
from colibris.serving.drain import Drain
from colibris.serving.listeners import Listeners
from colibris.serving.parent import RETIRE, SERVING, Parent
from colibris.serving.protocol import RequestHandler, Runner
from colibris.serving.proxied import ProxiedRequestHandler
from colibris.serving.systemd import notify
from colibris.views.shutdown import SHUTDOWN

__all__ = ['Serving', 'serve']

CLOSE_SECONDS = 0.05
TLS_CLOSE_SECONDS = 2
BEAT_SECONDS = 1
NOTICE_SECONDS = 1
IDLE_SECONDS = 2
IDLE_SECONDS_RETIRED = 10
ROUNDS = 100
RESERVED_SECONDS = 5
RESERVED_SHARE = 0.25

logger = logging.getLogger(__name__)


class Ending(Enum):
    """Why a server ends."""

    STOP = 'the service ends'
    RETIRE = 'another process goes on with the service'


@dataclass(frozen=True)
class Serving:
    """What is served, and how.

    :param listeners: bound sockets.
    :param tls: ``None``: plain HTTP.
    :param parent: the process that has started this one, if it was one of ours.
    :param give_notice: called when the first requests need not wait for it any more.
    """

    app: web.Application
    listeners: Listeners
    tls: ssl.SSLContext | None
    parent: Parent | None
    give_notice: Callable[[], None]


def serve(serving: Serving) -> None:
    """Serve until SIGINT or SIGTERM; then what is under way is finished. A second signal ends at once.

    A server with a parent takes no notice of SIGINT and of a second SIGTERM: the parent knows what they mean.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(serving))


async def _serve(serving: Serving) -> None:
    ending = _expect_end(serving.parent)
    drain = Drain()
    runner = Runner(
        serving.app,
        handler_class=ProxiedRequestHandler if settings.PROXY_HEADER == PROXY_PROTOCOL else RequestHandler,
        drain=drain,
        access_log=logging.getLogger('colibris.access'),
        access_log_class=AccessLogger,
        keepalive_timeout=settings.KEEPALIVE_TIMEOUT,
        shutdown_timeout=CLOSE_SECONDS,
    )
    beating = asyncio.create_task(_beat(runner, serving.parent)) if serving.parent else None
    try:
        await runner.setup()
        servers = await _listen(runner, serving)
        _announce(serving)
        giving_notice = asyncio.create_task(_give_notice(serving))
        why = await ending
        giving_notice.cancel()
        await _end(why, serving, servers, drain)
    finally:
        await runner.cleanup()
        if beating:
            beating.cancel()


async def _listen(runner: Runner, serving: Serving) -> list[asyncio.Server]:
    serving.listeners.listen()
    server = runner.server
    return [await _accept(server, each, serving.tls) for each in serving.listeners.sockets if server is not None]


async def _accept(server: web.Server, listening: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Server:
    options: dict[str, Any] = {
        'sock': listening,
        'ssl': tls,
        'ssl_shutdown_timeout': TLS_CLOSE_SECONDS if tls else None,
    }
    loop = asyncio.get_running_loop()
    if listening.family != socket.AF_UNIX:
        return await loop.create_server(server, **options)
    if sys.version_info >= (3, 13):
        options['cleanup_socket'] = False  # the file is not one process' own to remove
    return await loop.create_unix_server(server, **options)


def _announce(serving: Serving) -> None:
    if serving.parent:
        serving.parent.tell(SERVING)
    else:
        notify('READY=1')
    if _is_to_announce(serving):
        for address, reach in serving.listeners.addresses('https' if serving.tls else 'http'):
            print(f'Listening on {address} ({reach}Ctrl-C stops)')
            if settings.API_DOCS_PATH and not address.startswith('unix:'):
                print(f'API documentation at {address}{settings.API_DOCS_PATH}')
        sys.stdout.flush()


async def _give_notice(serving: Serving) -> None:
    await asyncio.sleep(NOTICE_SECONDS)
    if _is_to_announce(serving):
        try:
            await bridge.run(serving.give_notice)
        except Exception:
            logger.exception('it could not be found out whether something is missing')


def _is_to_announce(serving: Serving) -> bool:
    return serving.parent is None or serving.parent.orders.announces


async def _end(ending: Ending, serving: Serving, servers: Sequence[asyncio.Server], drain: Drain) -> None:
    """Finish what is under way: within ``SHUTDOWN_TIMEOUT`` seconds, some of which are kept for what comes then."""
    shutdown = serving.app[SHUTDOWN]
    if ending is Ending.STOP:
        notify('STOPPING=1')
        shutdown.announce()
        drain.begin()
        await asyncio.sleep(settings.SHUTDOWN_DELAY)
        await _accept_waiting(serving.listeners.sockets)
    _end_for_sure(settings.SHUTDOWN_TIMEOUT)
    for server in servers:
        server.close()
    shutdown.begin() if ending is Ending.STOP else shutdown.end_streams()
    seconds = settings.SHUTDOWN_TIMEOUT
    idle_seconds = 0 if settings.DEBUG else IDLE_SECONDS_RETIRED if ending is Ending.RETIRE else IDLE_SECONDS
    await drain.finish(seconds - min(RESERVED_SECONDS, seconds * RESERVED_SHARE), idle_seconds)


async def _accept_waiting(sockets: Sequence[socket.socket]) -> None:
    """Let connections in that wait already: closing a listening socket would reset them."""
    poll = select.poll()
    for each in sockets:
        poll.register(each, select.POLLIN)
    for _ in range(ROUNDS):
        if not poll.poll(0):
            return
        await asyncio.sleep(0)


def _end_for_sure(seconds: float) -> None:
    """End the process after some seconds, whatever does not want to end then."""

    def end() -> None:
        logger.error('ended after %g s (SHUTDOWN_TIMEOUT), with something still under way', seconds)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(0)

    timer = threading.Timer(max(seconds, 1), end)
    timer.daemon = True
    timer.start()


def _expect_end(parent: Parent | None) -> 'asyncio.Future[Ending]':
    loop = asyncio.get_running_loop()
    ending: asyncio.Future[Ending] = loop.create_future()

    def end(why: Ending) -> None:
        if not ending.done():
            ending.set_result(why)

    if parent is None:
        _on_first_signal(lambda: end(Ending.STOP))
        return ending
    faulthandler.enable()  # a parent that loses patience sends SIGABRT
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    loop.add_signal_handler(signal.SIGTERM, end, Ending.STOP)
    loop.add_signal_handler(RETIRE, end, Ending.RETIRE)

    def look_for_parent(parent: Parent) -> None:
        if parent.is_gone():
            loop.remove_reader(parent.link)
            end(Ending.STOP)

    loop.add_reader(parent.link, look_for_parent, parent)
    return ending


def _on_first_signal(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def note() -> None:
        stop()
        for number in signals:
            loop.remove_signal_handler(number)
            # Python's own way, an exception somewhere in the loop, would wait for the requests again.
            signal.signal(number, signal.SIG_DFL)

    for number in signals:
        loop.add_signal_handler(number, note)


async def _beat(runner: Runner, parent: Parent) -> None:
    while True:
        parent.beat(runner.server.requests_count if runner.server else 0)
        await asyncio.sleep(BEAT_SECONDS)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
