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
import contextlib
import contextvars
import inspect
import os
import sys
import threading
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, ParamSpec, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet

from colibris.errors import ColibrisError

__all__ = [
    'BridgeError',
    'Scope',
    'current_scope',
    'drive',
    'driven',
    'install',
    'is_driven',
    'is_loop_running',
    'run',
    'wait',
]

P = ParamSpec('P')
T = TypeVar('T')

_MAX_IDLE = 256
_TASKS_MAY_NEST = sys.version_info >= (3, 12)  # an eager task begins within the one that makes it


class BridgeError(ColibrisError):
    """Plain code cannot wait here: a loop runs, but nothing drives this code; use await bridge.run(function)."""


class Scope:
    """What belongs to one driven coroutine, from its first step to its last.

    ``values`` is for the areas to keep what is theirs, keyed by themselves. Callables passed to :meth:`on_exit` are
    awaited when the coroutine has ended, however it ended, last added first.
    """

    __slots__ = ('_exits', '_values', 'task')

    def __init__(self, task: 'asyncio.Task[Any] | None') -> None:
        self.task = task
        self._values: dict[Any, Any] | None = None
        self._exits: list[Callable[[], Awaitable[None]]] | None = None

    @property
    def values(self) -> dict[Any, Any]:
        """What the areas keep here."""
        if self._values is None:
            self._values = {}
        return self._values

    def on_exit(self, release: Callable[[], Awaitable[None]]) -> None:
        """Have ``release()`` awaited at the end of the scope."""
        if self._exits is None:
            self._exits = []
        self._exits.append(release)

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

    def abandon(self) -> None:
        """Do of :meth:`close` what can be done without waiting, for a coroutine that is closed in the middle."""
        while self._exits:
            steps: Any = self._exits.pop()().__await__()
            with contextlib.suppress(StopIteration):
                next(steps)
                steps.close()


class _Runner(greenlet):
    """A greenlet that steps one coroutine after another, so that its stack is made once and used many times.

    Its parent is whoever resumed it last, which need not be the same from step to step. It hands out what the coroutine
    yields, then ``_ENDED``; the outcome is then in ``result`` or ``failure``.
    """

    __slots__ = ('failure', 'result', 'scope')

    parent: greenlet
    scope: Scope | None
    result: Any
    failure: BaseException | None

    def __init__(self) -> None:
        super().__init__()
        self.scope = self.result = self.failure = None

    def run(self) -> None:
        while True:
            self._step(self.parent.switch(_ENDED))

    def _step(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        send: Callable[[Any], Any] = coroutine.send
        value: Any = None
        try:
            while True:
                value = send(value)
                try:
                    value = self.parent.switch(value)
                    send = coroutine.send
                except GreenletExit:  # nobody is left who could resume it
                    coroutine.close()
                    raise
                except BaseException as exc:
                    value, send = exc, coroutine.throw
        except StopIteration as stop:
            self.result = stop.value
        except GreenletExit:
            raise
        except BaseException as exc:
            self.failure = exc
        finally:
            value = None  # a traceback must not lead back to its own exception


class _Idle(threading.local):
    """The runners of this thread that wait for work."""

    def __init__(self) -> None:
        self.runners: list[_Runner] = []


_ENDED = object()
_idle = _Idle()


def _make_runner() -> _Runner:
    runner = _Runner()
    runner.switch()
    return runner


async def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run ``coroutine`` so that plain code below it may :func:`wait` without stopping the event loop.

    :param coroutine: what to run; in a task that is driven already it is simply awaited.
    :returns: the coroutine's result.
    :raises BaseException: whatever the coroutine raises; cancellation passes through.
    """
    return await driven(coroutine)


@types.coroutine
def driven(coroutine: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """The same as :func:`drive` with one step less, to be awaited where it is called: no task can be made of it."""
    result: T
    if _current_runner() is not None:
        result = yield from coroutine
        return result
    runners = _idle.runners
    runner = runners.pop() if runners else _make_runner()
    driver = runner.parent = getcurrent()
    runner.gr_context = driver.gr_context
    scope = runner.scope = Scope(asyncio.current_task() if _TASKS_MAY_NEST else None)
    outcome = runner.switch(coroutine)
    while outcome is not _ENDED:
        try:
            value = yield outcome
        except BaseException as exc:
            runner.parent = getcurrent()
            outcome = runner.throw(exc)
        else:
            runner.parent = getcurrent()
            outcome = runner.switch(value)
    result = runner.result
    error = runner.failure
    runner.result = runner.failure = runner.scope = runner.gr_context = None  # it is not to keep them alive
    if len(runners) < _MAX_IDLE:
        runners.append(runner)
    if error is None and not scope._exits:
        scope.task = None
        return result
    try:
        if error is not None:
            raise error
    except GeneratorExit:
        scope.abandon()
        raise
    finally:
        del error  # a traceback must not lead back to its own exception
        try:
            yield from scope.close().__await__()
        finally:
            scope.task = None  # a task must not be kept alive by its exception's traceback
    return result


def wait(awaitable: Awaitable[T]) -> T:
    """Wait for ``awaitable`` from plain code and return its result.

    Below a driven coroutine the event loop goes on meanwhile. Where no loop runs in this thread, one that belongs to
    the thread is run until the awaitable is done.

    :raises BridgeError: in a running loop, but below no driven coroutine.
    """
    runner = _current_runner()
    if runner is not None:
        return _wait_in(runner, awaitable)
    if is_loop_running():
        if inspect.iscoroutine(awaitable):
            awaitable.close()
        raise BridgeError
    return _wait_without_loop(awaitable)


def _wait_in(runner: _Runner, awaitable: Awaitable[T]) -> T:
    steps: Any = awaitable.__await__()
    value: Any = None
    try:
        value = next(steps)
        while True:
            try:
                value = runner.parent.switch(value)
            except BaseException as exc:
                if not hasattr(steps, 'throw'):  # an iterator of __await__ need not be a generator
                    raise
                value = steps.throw(exc)
            else:
                value = next(steps) if value is None else steps.send(value)
    except StopIteration as stop:
        result: T = stop.value
        return result


def is_driven() -> bool:
    """Whether the running code is below a coroutine that :func:`drive` runs in the current task."""
    return _current_runner() is not None


def current_scope() -> Scope | None:
    """The scope of the driven coroutine that the running code belongs to, or ``None`` where nothing is driven."""
    runner = _current_runner()
    return None if runner is None else runner.scope


def _current_runner() -> _Runner | None:
    runner = getcurrent()
    if type(runner) is not _Runner or runner.scope is None:
        return None
    if _TASKS_MAY_NEST and runner.scope.task is not _current_task():
        return None
    return runner


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
    return asyncio.Task(_drive_task(_Owner(coroutine)), loop=loop, **options)


def _drive_spawned_tasks(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> 'asyncio.Task[Any]':
    if is_driven():
        return _drive_every_task(loop, coroutine, **options)
    return asyncio.Task(coroutine, loop=loop, **options)


class _Owner:
    """Closes a task's coroutine with the task.

    Otherwise one whose task is cancelled before the first step would complain that nobody has awaited it.
    """

    __slots__ = ('coroutine',)

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine

    def __del__(self) -> None:
        self.coroutine.close()


async def _drive_task(owner: _Owner) -> Any:
    return await drive(owner.coroutine)


async def _called(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return function(*args, **kwargs)


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _current_task() -> 'asyncio.Task[Any] | None':
    return asyncio.current_task() if is_loop_running() else None


class _OwnLoop:
    """A loop that ends with the thread in which it was made.

    In a forked process, where the other threads end, it is forgotten instead: closing it would take the parent's file
    descriptors from the parent's loop.
    """

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self._process = os.getpid()
        install(self.runner.get_loop())

    def __del__(self) -> None:
        if os.getpid() != self._process:
            _of_parents.append(self.runner)
            return
        with contextlib.suppress(RuntimeError):  # at exit no thread can be started that would wait for the executor's
            self.runner.close()


class _ThreadLoop(threading.local):
    """The loop of a thread in which none runs, kept so that connections made on it stay usable in the next call."""

    own: _OwnLoop | None = None

    def get(self) -> asyncio.Runner:
        """The loop's runner, made when it is first asked for."""
        if self.own is None:
            self.own = _OwnLoop()
        return self.own.runner

    def close(self) -> None:
        """Close this thread's loop, or forget that of the parent process."""
        self.own = None


_of_parents: list[asyncio.Runner] = []
_loops = _ThreadLoop()
atexit.register(_loops.close)
if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_loops.close)


def _wait_without_loop(awaitable: Awaitable[T]) -> T:
    context = contextvars.copy_context()
    try:
        return _loops.get().run(drive(_awaited(awaitable)), context=context)
    finally:
        _adopt(context)


def _adopt(context: contextvars.Context) -> None:
    """Set the context variables of the running code as they are in ``context``."""
    for variable, value in context.items():
        if variable.get(_ENDED) is not value:
            variable.set(value)
