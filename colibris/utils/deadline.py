"""A time-out that a busy event loop does not cause."""

import asyncio
from types import TracebackType

__all__ = ['Deadline']

TOLERANCE = 0.01


class Deadline:
    """Ends a ``with`` block in a coroutine with :class:`TimeoutError` after some seconds.

    Unlike :func:`asyncio.timeout` it does not mistake a busy loop for a silent server: when the loop itself comes late,
    answers that have arrived meanwhile are read first.

    :param seconds: how long the block may take.
    :param grace: how much longer, if the loop comes late.
    """

    def __init__(self, seconds: float, grace: float = TOLERANCE) -> None:
        self._seconds = seconds
        self._grace = grace
        self._is_over = False

    def __enter__(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError('a deadline needs a task')
        self._task = task
        self._cancelling = task.cancelling()
        self._end = loop.time() + self._seconds
        self._timer = loop.call_at(self._end, self._ring)

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, _: TracebackType | None) -> None:
        self._timer.cancel()
        if self._is_over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError(f'no answer within {self._seconds:g} s') from exc

    def _ring(self) -> None:
        if self._loop.time() - self._end > TOLERANCE:
            self._timer = self._loop.call_later(self._grace, self._expire)
        else:
            self._expire()

    def _expire(self) -> None:
        self._is_over = True
        self._task.cancel()
