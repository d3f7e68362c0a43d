"""Functions that are called again when they fail."""

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

from colibris import bridge

__all__ = ['FALSY', 'retry']

F = TypeVar('F', bound=Callable[..., Any])

Reason = type[Exception] | str

FALSY = 'falsy'
"""The reason to try again that is no exception: the function has returned something falsy."""

logger = logging.getLogger(__name__)


def retry(
    *, tries: int = 3, delay: float = 0.5, back_off: float = 2, on: Reason | tuple[Reason, ...] = Exception
) -> Callable[[F], F]:
    """Decorate a plain or async function: call it again when it fails.

    .. code-block:: python

        @retry(tries=5, on=(ConnectionError, FALSY))
        async def fetch(): ...

    Between two tries nothing blocks the event loop, whether the function is plain or async. When the last try fails,
    its exception is raised, or its falsy result returned.

    :param tries: how often the function is called at most.
    :param delay: how long to wait after the first try, in seconds.
    :param back_off: how many times longer each wait is than the one before.
    :param on: what counts as a failure: an exception class, ``FALSY``, or a tuple of these. Other exceptions are
        raised at once.
    :raises TypeError: an argument is of the wrong type, or the function is a generator.
    :raises ValueError: ``tries`` is less than 1, ``delay`` negative, or ``back_off`` less than 1.
    """
    reasons = on if isinstance(on, tuple) else (on,)
    _check(tries, delay, back_off, reasons)

    def decorate(function: F) -> F:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f'{function.__name__}() is a generator, which cannot be retried')
        return _decorator(tries, delay, back_off, reasons, _sleep_of(function))(function)

    return decorate


def _check(tries: int, delay: float, back_off: float, reasons: tuple[Reason, ...]) -> None:
    if isinstance(tries, bool) or not isinstance(tries, int):
        raise TypeError(f'tries must be a whole number, not {tries!r}')
    if tries < 1 or not delay >= 0 or not back_off >= 1:
        raise ValueError(
            f'tries = {tries!r}, delay = {delay!r}, back_off = {back_off!r}: '
            f'tries and back_off have to be at least 1, delay at least 0'
        )
    for reason in reasons:
        if reason != FALSY and not (isinstance(reason, type) and issubclass(reason, Exception)):
            raise TypeError(f'on = {reason!r}: neither an exception class nor FALSY')


def _decorator(
    tries: int, delay: float, back_off: float, reasons: tuple[Reason, ...], sleep: Callable[[float], Any]
) -> Callable[[F], F]:
    import tenacity  # here, because few processes need it, and its import takes its time

    condition: Any = tenacity.retry_if_exception_type(tuple(item for item in reasons if isinstance(item, type)))
    if FALSY in reasons:
        condition |= tenacity.retry_if_result(lambda result: not result)
    decorator: Any = tenacity.retry(
        retry=condition,
        stop=tenacity.stop_after_attempt(tries),
        wait=tenacity.wait_exponential(multiplier=delay, exp_base=back_off),
        sleep=sleep,
        before_sleep=_log,
        retry_error_callback=_outcome,
    )
    return cast('Callable[[F], F]', decorator)


def _outcome(state: Any) -> Any:
    return state.outcome.result()


def _sleep_of(function: Callable[..., Any]) -> Callable[[float], Any]:
    return asyncio.sleep if inspect.iscoroutinefunction(function) else _sleep


def _sleep(seconds: float) -> None:
    bridge.wait(asyncio.sleep(seconds))


def _log(state: Any) -> None:
    error = state.outcome.exception()
    problem = type(error).__name__ if error else 'a falsy result'
    name = getattr(state.fn, '__qualname__', repr(state.fn))
    logger.info('%s: %s in try %d; the next in %.3g s', name, problem, state.attempt_number, state.next_action.sleep)
