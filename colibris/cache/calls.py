"""The keys of calls of cached functions."""

import inspect
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from colibris.cache.serializers import JSONSerializer

__all__ = ['CallKey', 'KeyOption']

KeyOption = str | Callable[..., str] | None

_serializer = JSONSerializer()


class CallKey:
    """Makes the keys of one function's calls.

    :param function: the function.
    :param option: a text, in which ``{name}`` stands for an argument, a function of the arguments, or ``None``: the
        function's name and all of its arguments.
    :raises TypeError: it is nothing whose results can be kept, or the option is of another type.
    :raises ValueError: the function's name is not its own, so that a key is needed; or the text names something that is
        no argument.
    """

    def __init__(self, function: Callable[..., Any], option: KeyOption) -> None:
        _check_function(function)
        self.name = f'{function.__module__}.{function.__qualname__}'
        self.is_given = option is not None
        self._option = option
        self._signature = inspect.signature(function)
        self._check_option()

    def make(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """The key of a call with these arguments.

        :raises TypeError: they are not the function's, or one of them cannot be part of a key.
        """
        if callable(self._option):
            return self._option(*args, **kwargs)
        arguments = self._bind(args, kwargs)
        if self._option is not None:
            return _QUOTING.vformat(self._option, (), arguments)
        return f'{self.name}:{_describe(self.name, arguments)}'

    def _bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.arguments

    def _check_option(self) -> None:
        if self._option is None and '<' in self.name:
            raise ValueError(f'{self.name} is local, and others may have the same name: give cached() a key=')
        if isinstance(self._option, str):
            named = {field.partition('.')[0] for _, field, _, _ in _QUOTING.parse(self._option) if field is not None}
            unknown = sorted(named - set(self._signature.parameters))
            if unknown:
                raise ValueError(f'{self.name} has no argument {", ".join(map(repr, unknown))}, which key= names')
        elif self._option is not None and not callable(self._option):
            raise TypeError(f'key= must be a text or a function, not {type(self._option).__name__}')


class _QuotingFormatter(string.Formatter):
    """Quotes what it puts in, so that no argument can look like the text around it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return quote(format(value, format_spec), safe='')


_QUOTING = _QuotingFormatter()


def _check_function(function: Any) -> None:
    if isinstance(function, type) or not callable(function) or not hasattr(function, '__qualname__'):
        raise TypeError(f'cached() decorates functions and methods, not {function!r}')
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f'{function.__qualname__} is a generator, whose results cannot be kept')


def _describe(name: str, arguments: Mapping[str, Any]) -> str:
    try:
        return _serializer.dumps(list(arguments.values())).decode('utf-8', 'surrogatepass')
    except TypeError as exc:
        raise TypeError(f'the arguments of {name} cannot be part of a key: give cached() a key= ({exc})') from None
