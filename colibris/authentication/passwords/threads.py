"""Threads that hash passwords, so that the event loop goes on."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from colibris import bridge

__all__ = ['call']

P = ParamSpec('P')
T = TypeVar('T')


class _Pool:
    """As many threads as there are processors: a flood of logins takes no more memory, and no other work's threads."""

    def __init__(self) -> None:
        self.executor: ThreadPoolExecutor | None = None

    def get(self) -> ThreadPoolExecutor:
        """The threads' executor, made when it is first asked for."""
        if self.executor is None:
            self.executor = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix='passwords')
        return self.executor

    def forget(self) -> None:
        """Let go of an executor whose threads are the parent process'."""
        self.executor = None


_pool = _Pool()
if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_pool.forget)


def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that computes for long: beside the event loop where one runs, or else right here.

    :raises BridgeError: a loop runs, but the calling code is not driven.
    """
    if not bridge.is_loop_running():
        return function(*args, **kwargs)
    return bridge.wait(_call_beside_loop(lambda: function(*args, **kwargs)))


async def _call_beside_loop(function: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_pool.get(), function)
