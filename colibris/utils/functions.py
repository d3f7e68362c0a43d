"""Functions as values."""

import functools
import types
from collections.abc import Callable
from typing import Any, TypeVar, cast

__all__ = ['independent', 'marked']

V = TypeVar('V')


def independent(view: V) -> V:
    """The same function with attributes of its own, so that a decorator can mark it without marking the original.

    A callable object becomes a function, a partial function one with the attributes of what it calls. A class stays
    itself.
    """
    if isinstance(view, type):
        return view
    copy: Any = _copy(view) if isinstance(view, types.FunctionType) else _call(view)
    return cast('V', copy)


def marked(**marks: Any) -> Callable[[V], V]:
    """Decorate a function: give it attributes, by which others know what it does."""

    def mark(function: V) -> V:
        vars(function).update(marks)
        return function

    return mark


def _copy(function: types.FunctionType) -> Any:
    code, closure = function.__code__, function.__closure__
    copy = types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    copy.__kwdefaults__ = function.__kwdefaults__
    return functools.update_wrapper(copy, function)


def _call(called: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return called(*args, **kwargs)

    function = called
    while isinstance(function, functools.partial):
        function = function.func
    functools.update_wrapper(call, function)
    vars(call).update(vars(called))
    return call
