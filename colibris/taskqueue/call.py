"""What is to be run."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from colibris.log import operation_id
from colibris.taskqueue.errors import SerializationError
from colibris.taskqueue.functions import path_of
from colibris.taskqueue.options import TaskOptions, options_of
from colibris.taskqueue.serializer import Serializer

__all__ = ['TaskCall']


@dataclass(frozen=True, slots=True)
class TaskCall:
    """One call of a function, to be made in the background."""

    function: str
    """The function's dotted path."""
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    options: TaskOptions = field(default_factory=TaskOptions)
    due: datetime | None = None
    """Not before this time, which has a time zone."""
    operation_id: str = field(default_factory=operation_id.get)
    """The operation that asked for it; it is in the worker's log lines too."""
    trace: str = ''
    """The span that has enqueued it, as a header ``traceparent`` would tell; empty where there are no traces."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @classmethod
    def of(cls, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> 'TaskCall':
        """A call of ``function``.

        :raises TaskQueueError: a worker would not find the function.
        """
        return cls(path_of(function), args, kwargs, options_of(function))

    def at(self, due: datetime) -> 'TaskCall':
        """The same call, not before ``due``."""
        return replace(self, due=due)

    def with_timeout(self, seconds: float | None) -> 'TaskCall':
        """The same call with another time-out; ``None`` keeps the one it has."""
        return self if seconds is None else replace(self, options=replace(self.options, timeout=seconds))

    def payload(self, serializer: Serializer) -> bytes:
        """The call as a worker gets it, in RQ's layout.

        :raises SerializationError: one of them cannot be sent; says which one.
        """
        try:
            return serializer.dumps((self.function, None, self.args, dict(self.kwargs)))
        except SerializationError:
            self._raise_for_argument(serializer)
            raise

    def unique_key(self, serializer: Serializer) -> str | None:
        """What no other waiting or running call may have; ``None`` where all are welcome."""
        unique = self.options.unique
        if unique is False:
            return None
        content = self.payload(serializer) if unique is True else str(unique(*self.args, **self.kwargs)).encode()
        return hashlib.sha256(b'\0'.join((self.function.encode(), content))).hexdigest()

    def _raise_for_argument(self, serializer: Serializer) -> None:
        named = {f'argument {number}': value for number, value in enumerate(self.args, 1)}
        named |= {f"argument '{name}'": value for name, value in self.kwargs.items()}
        for name, value in named.items():
            try:
                serializer.dumps(value)
            except SerializationError as exc:
                raise SerializationError(f'{self.function}, {name}: {exc}') from exc
