"""The bridge between plain, synchronous-looking code and the event loop.

Code written without ``await`` (Peewee queries, ``cache.get()``, ``template.render()``) has to wait for the network
or for the disk without stopping the loop. The bridge makes that possible:

* :func:`drive` runs a coroutine inside a greenlet. Whatever the coroutine awaits is awaited by the task that drives it;
* :func:`wait`, called by plain code at any depth below such a coroutine, leaves the greenlet, lets the task await, and
  comes back with the result;
* outside of any running loop (commands, the shell, workers, synchronous fixtures) :func:`wait` runs the awaitable to
  its end.

Request handlers, start-up hooks and everything they spawn are driven by colibris. A task made by driven code is driven
as well, once :func:`install` has prepared the loop.
"""

import asyncio
import atexit
import inspect
import threading
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, ParamSpec, TypeVar, cast

from greenlet import getcurrent, greenlet

from colibris.errors import ColibrisError

__all__ = ['BridgeError', 'Scope', 'current_scope', 'drive', 'install', 'is_driven', 'is_loop_running', 'run', 'wait']

P = ParamSpec('P')
T = TypeVar('T')

_MAX_IDLE = 256


class BridgeError(ColibrisError):
    """Plain code cannot wait here: a loop runs, but nothing drives this code; use await bridge.run(function)."""


class Scope:
    """What belongs to one driven coroutine, from its first step to its last.

    ``values`` is for the areas to keep what is theirs, keyed by themselves. Callables passed to :meth:`on_exit` are
    awaited when the coroutine has ended, however it ended, last added first.
    """

    __slots__ = ('_exits', 'task', 'values')

    def __init__(self, task: 'asyncio.Task[Any] | None') -> None:
        self.task = task
        self.values: dict[Any, Any] = {}
        self._exits: list[Callable[[], Awaitable[None]]] = []

    def on_exit(self, release: Callable[[], Awaitable[None]]) -> None:
        """Have ``release()`` awaited at the end of the scope."""
        self._exits.append(release)

    @property
    def has_exits(self) -> bool:
        """Whether anything has to be awaited at the end of the scope."""
        return bool(self._exits)

    async def close(self) -> None:
        """Await everything given to :meth:`on_exit`; the first failure is raised after all have run."""
        failure: BaseException | None = None
        while self._exits:
            try:
                await self._exits.pop()()
            except BaseException as exc:  # the others must run too
                failure = failure or exc
        if failure is not None:
            raise failure


class _Runner(greenlet):
    """A greenlet that steps one coroutine after another, so that its stack is made once and used many times.

    Its parent is whoever resumed it last, which need not be the same from step to step.
    """

    parent: greenlet
    scope: Scope | None = None

    def run(self) -> None:
        outcome = None
        while True:
            coroutine = self.parent.switch(outcome)
            outcome = _step(self, coroutine)


class _Ended:
    """What a runner hands out when its coroutine has ended."""

    __slots__ = ('error', 'result')

    def __init__(self, result: Any, error: BaseException | None) -> None:
        self.result = result
        self.error = error


class _Idle(threading.local):
    """The runners of this thread that wait for work."""

    def __init__(self) -> None:
        self.runners: list[_Runner] = []


_idle = _Idle()


def _step(runner: _Runner, coroutine: Coroutine[Any, Any, Any]) -> _Ended:
    """Step the coroutine inside its runner, handing out what it yields."""
    send: Callable[[Any], Any] = coroutine.send
    value: Any = None
    try:
        while True:
            awaited = send(value)
            try:
                value = runner.parent.switch(awaited)
                send = coroutine.send
            except BaseException as exc:
                value, send = exc, coroutine.throw
    except StopIteration as stop:
        return _Ended(stop.value, None)
    except BaseException as exc:
        return _Ended(None, exc)


def _take_runner() -> _Runner:
    runners = _idle.runners
    while runners:
        runner = runners.pop()
        if not runner.dead:
            return runner
    runner = _Runner()
    runner.switch()
    return runner


@types.coroutine
def _relay(coroutine: Coroutine[Any, Any, T], scope: Scope) -> Generator[Any, Any, T]:
    """Hand what the coroutine waits for to the loop, and the loop's answer back; runs in the driving task."""
    runner = _take_runner()
    driver = getcurrent()
    runner.parent = driver
    runner.gr_context = driver.gr_context
    runner.scope = scope
    outcome = runner.switch(coroutine)
    while type(outcome) is not _Ended:
        try:
            value = yield outcome
        except BaseException as exc:
            runner.parent = getcurrent()
            outcome = runner.throw(exc)
        else:
            runner.parent = getcurrent()
            outcome = runner.switch(value)
    _return_runner(runner)
    if outcome.error is not None:
        raise outcome.error
    return cast('T', outcome.result)


def _return_runner(runner: _Runner) -> None:
    runner.scope = None
    runner.gr_context = None
    if len(_idle.runners) < _MAX_IDLE:
        _idle.runners.append(runner)


async def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run ``coroutine`` so that plain code below it may :func:`wait` without stopping the event loop.

    :param coroutine: what to run; in a task that is driven already it is simply awaited.
    :returns: the coroutine's result.
    :raises BaseException: whatever the coroutine raises; cancellation passes through.
    """
    if is_driven():
        return await coroutine
    scope = Scope(asyncio.current_task())
    try:
        return await _relay(coroutine, scope)
    finally:
        if scope.has_exits:
            await scope.close()


def wait(awaitable: Awaitable[T]) -> T:
    """Wait for ``awaitable`` from plain code and return its result.

    Below a driven coroutine the event loop goes on meanwhile. Where no loop runs in this thread, one that belongs to
    the thread is run until the awaitable is done.

    :raises BridgeError: in a running loop, but below no driven coroutine.
    """
    current = getcurrent()
    if isinstance(current, _Runner) and current.scope is not None and current.scope.task is _current_task():
        return _wait_in(current, awaitable)
    if is_loop_running():
        if inspect.iscoroutine(awaitable):
            awaitable.close()
        raise BridgeError
    return _thread_loop().run(_awaited(awaitable))


def _wait_in(runner: _Runner, awaitable: Awaitable[T]) -> T:
    steps = awaitable.__await__()
    value = None
    try:
        awaited = next(steps)
        while True:
            try:
                value = runner.parent.switch(awaited)
            except BaseException as exc:
                awaited = _throw(steps, exc)
            else:
                awaited = next(steps) if value is None else steps.send(value)
    except StopIteration as stop:
        return cast('T', stop.value)


def _throw(steps: Any, exc: BaseException) -> Any:
    if hasattr(steps, 'throw'):
        return steps.throw(exc)
    raise exc


def is_driven() -> bool:
    """Whether the running code is below a coroutine that :func:`drive` runs in the current task."""
    return current_scope() is not None


def current_scope() -> Scope | None:
    """The scope of the driven coroutine that the running code belongs to, or ``None`` where nothing is driven."""
    scope: Scope | None = getattr(getcurrent(), 'scope', None)
    if scope is None or scope.task is not _current_task():
        return None
    return scope


def is_loop_running() -> bool:
    """Whether an event loop runs in this thread."""
    return asyncio._get_running_loop() is not None


async def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call plain ``function`` from a coroutine, so that it may :func:`wait`."""
    return await drive(_called(function, *args, **kwargs))


def install(loop: asyncio.AbstractEventLoop, *, everywhere: bool = False) -> None:
    """Have tasks that driven code makes on ``loop`` driven too.

    :param everywhere: drive every task of the loop, whoever makes it. Meant for tests and scripts; a server's internal
        tasks have no use for it.
    """
    if loop.get_task_factory() is not _drive_every_task:
        loop.set_task_factory(_drive_every_task if everywhere else _drive_spawned_tasks)


def _drive_every_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> 'asyncio.Task[Any]':
    return asyncio.Task(drive(coroutine), loop=loop, **options)


def _drive_spawned_tasks(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> 'asyncio.Task[Any]':
    return asyncio.Task(drive(coroutine) if is_driven() else coroutine, loop=loop, **options)


async def _called(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return function(*args, **kwargs)


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _current_task() -> 'asyncio.Task[Any] | None':
    return asyncio.current_task() if is_loop_running() else None


class _ThreadLoop(threading.local):
    """The loop of a thread in which none runs, kept so that connections made on it stay usable in the next call."""

    def __init__(self) -> None:
        self.runner: asyncio.Runner | None = None

    def close(self) -> None:
        if self.runner is not None:
            self.runner.close()
            self.runner = None


_loops = _ThreadLoop()
atexit.register(_loops.close)


def _thread_loop() -> asyncio.Runner:
    if _loops.runner is None:
        _loops.runner = asyncio.Runner()
    return _loops.runner
