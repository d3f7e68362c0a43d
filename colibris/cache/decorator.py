"""The decorator ``cached``."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from colibris import bridge
from colibris.cache.calls import CallKey, KeyOption
from colibris.cache.computing import Recipe
from colibris.cache.lifetimes import check_lifetime, check_stale
from colibris.cache.slot import slot
from colibris.cache.views import Unstored, ViewKey, from_stored, is_cacheable, request_of, to_stored

__all__ = ['cached']

F = TypeVar('F', bound=Callable[..., Any])

DEFAULT_VARY = ('Accept', 'Accept-Language')


def cached(
    lifetime: float | None = None,
    *,
    key: KeyOption = None,
    stale: float | None = None,
    shared: bool = False,
    vary: Sequence[str] = DEFAULT_VARY,
) -> Callable[[F], F]:
    """Decorate a function, a coroutine function, a function view or a method of a class view: keep what it returns.

    However many call it at the same time with the same arguments, in however many processes, it runs once. The key is
    made of its name and its arguments. With views, answers to GET and HEAD with status 200 are kept, and the key is
    made of the view's name, the URL, the headers named in ``vary``, and the account with its credentials, so that
    nobody gets the answer of another account.

    The decorated function has a method ``cache_key``, which takes the same arguments and gives the key, as
    :func:`colibris.cache.delete` takes it.

    :param lifetime: for how long a result is kept, in seconds; ``None``: as long as there is room.
    :param key: instead of the name with the arguments or the URL: a text, in which ``{name}`` stands for an argument,
        or a function that takes the same arguments and returns a text. The account remains part of a view's key.
    :param stale: for how many seconds after that the old result is still served while one caller computes a new one.
    :param shared: for views: all accounts get the same answer.
    :param vary: for views without a ``key``: the request's headers that make a difference.
    :raises TypeError: what is decorated, or an argument, is of a type that is not supported.
    :raises ValueError: a local function or a lambda is decorated without a ``key``.
    """
    seconds = check_lifetime(lifetime)
    stale_seconds = check_stale(stale, seconds)

    def decorate(function: F) -> F:
        of_call = CallKey(function, key)
        cache = _Cached(function, of_call, ViewKey(of_call, shared, vary), seconds, stale_seconds)
        return cast('F', cache.wrapper())

    return decorate


class _Cached:
    """A function, and how its results are kept."""

    def __init__(
        self,
        function: Callable[..., Any],
        of_call: CallKey,
        of_view: ViewKey,
        lifetime: float | None,
        stale: float | None,
    ) -> None:
        self._function = function
        self._of_call = of_call
        self._of_view = of_view
        self._lifetime = lifetime
        self._stale = stale

    def wrapper(self) -> Callable[..., Any]:
        """What takes the function's place: a coroutine function for a coroutine function."""
        if inspect.iscoroutinefunction(self._function):

            @functools.wraps(self._function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                return await bridge.run(self._call, args, kwargs)

        else:

            @functools.wraps(self._function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                return self._call(args, kwargs)

        vars(wrapper)['cache_key'] = self._cache_key
        return wrapper

    def _cache_key(self, *args: Any, **kwargs: Any) -> str:
        return self._make_key(args, kwargs)

    def _make_key(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        request = request_of(args)
        if request is None:
            return self._of_call.make(args, kwargs)
        return self._of_view.make(request, args, kwargs)

    def _call(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        call = functools.partial(self._function, *args, **kwargs)
        request = request_of(args)
        if request is None:
            return self._find_or_compute(call, args, kwargs)
        if not is_cacheable(request):
            return _finished(call())
        try:
            return from_stored(self._find_or_compute(lambda: to_stored(call, self._of_view), args, kwargs))
        except Unstored as exc:
            return exc.take()

    def _find_or_compute(self, function: Callable[[], Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        backend = slot.get()
        key = backend.keys.make(self._make_key(args, kwargs))
        return Recipe(backend, key, function, self._lifetime, self._stale).get()


def _finished(result: Any) -> Any:
    return bridge.wait(result) if inspect.isawaitable(result) else result
