"""What a project does besides answering requests: at its start, at its end, and all the time between."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from aiohttp import web

from colibris import bridge
from colibris.app.project import project_value
from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.views.responses import finish
from colibris.views.shutdown import SHUTDOWN

__all__ = ['BackgroundTask', 'BackgroundTasks', 'run_project']

BackgroundTask = Callable[[], Awaitable[Any]]

FIRST_PAUSE = 1
LONGEST_PAUSE = 60
_SHARE = 0.5  # of the time that is left at shutdown; shutdown() and the backends need some too

logger = logging.getLogger(__name__)


async def run_project(app: web.Application) -> AsyncIterator[None]:
    """Call the functions of the project's ``app.py``, as a cleanup context of the application.

    ``init(app, loop)`` and ``startup()`` are called before the first request, ``shutdown()`` after the last one;
    ``background_tasks()`` gives what runs between.
    """
    await _call('init', app, asyncio.get_running_loop())
    await _call('startup')
    tasks = BackgroundTasks(await _call('background_tasks') or ())
    tasks.start()
    try:
        yield
    finally:
        await tasks.stop(app[SHUTDOWN].seconds_left(settings.SHUTDOWN_TIMEOUT) * _SHARE)
        await _call('shutdown')


class BackgroundTasks:
    """Coroutine functions that run for as long as the server does.

    One that fails is started anew: at first after a second, then after twice as long each time, up to a minute. One
    that ends by itself has ended.

    :raises ConfigurationError: one of them is no coroutine function.
    """

    def __init__(self, functions: Any) -> None:
        if not isinstance(functions, list | tuple) or not all(map(iscoroutinefunction, functions)):
            raise ConfigurationError('background_tasks() in app.py must return a list of coroutine functions')
        self._functions: tuple[BackgroundTask, ...] = tuple(functions)
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start all of them."""
        self._running = [
            asyncio.create_task(bridge.drive(_supervise(function)), name=function.__name__)
            for function in self._functions
        ]

    async def stop(self, seconds: float) -> None:
        """Cancel those that still run, and wait until they have ended, for some seconds at most."""
        for task in self._running:
            task.cancel()
        if not self._running:
            return
        _, pending = await asyncio.wait(self._running, timeout=seconds)
        for task in pending:
            logger.error('the background task %s has not ended in %g s', task.get_name(), seconds)


async def _supervise(function: BackgroundTask) -> None:
    loop = asyncio.get_running_loop()
    pause: float = FIRST_PAUSE
    while True:
        started = loop.time()
        try:
            await function()
        except Exception:
            if loop.time() - started > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            logger.exception('the background task %s failed; it starts again in %s s', function.__name__, pause)
        else:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _call(name: str, *args: Any) -> Any:
    """Call a function of the project, plain or async, if it has it."""
    function = project_value('app', name, None)
    return await bridge.drive(_finish(function, args)) if function else None


async def _finish(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    return await finish(function(*args))
