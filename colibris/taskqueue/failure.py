"""How a task's exception comes back from a worker."""

import builtins
import sys
import traceback
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

from colibris.taskqueue.errors import SerializationError, TaskExecException
from colibris.taskqueue.serializer import JSONSerializer

__all__ = ['Failure', 'task_traceback']

_LONGEST_TRACEBACK = 20_000
_CALLERS = ('rq.', 'colibris.taskqueue.', 'colibris.bridge', 'concurrent.', 'asyncio.')

_json = JSONSerializer()


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of an exception that was raised in another process."""

    type: str
    """The dotted path of the exception's class."""
    message: str
    traceback: str = ''
    content: Any = None
    """The exception's arguments and attributes; ``None`` if they cannot be sent."""

    @classmethod
    def of(cls, exc: BaseException) -> 'Failure':
        """Describe an exception."""
        text = ''.join(traceback.format_exception(type(exc), exc, task_traceback(exc)))
        return cls(_path(type(exc)), _message(exc), text[-_LONGEST_TRACEBACK:], _content(exc))

    @classmethod
    def plain(cls, cls_of: 'builtins.type[Exception]', message: str, traceback: str = '') -> 'Failure':
        """Describe an exception that nobody has raised, of a class that needs no more than its message."""
        return cls(_path(cls_of), message, traceback, ((message,), {}))

    @classmethod
    def loads(cls, data: bytes) -> 'Failure':
        """The failure that :meth:`dumps` has written."""
        return cls(**_json.loads(data))

    def dumps(self) -> bytes:
        """The failure as bytes."""
        return _json.dumps(asdict(self))

    @property
    def summary(self) -> str:
        """Type and message in a line."""
        first_line = self.message.partition('\n')[0]
        name = self.type.rpartition('.')[2]
        return f'{name}: {first_line}' if first_line else name

    def to_exception(self) -> BaseException:
        """The exception as it was, with the worker's traceback as its cause; else :class:`TaskExecException`.

        An exception comes back only if its class is imported here already: what stands in the queue cannot make this
        process import or call anything.
        """
        remote = TaskExecException(self.summary, self.traceback)
        exc = self._restore()
        if exc is None:
            return remote
        if self.traceback:
            exc.__cause__ = remote
        return exc

    def _restore(self) -> BaseException | None:
        module, _, name = self.type.rpartition('.')
        cls = getattr(sys.modules.get(module, builtins), name, None)
        if self.content is None or not (isinstance(cls, type) and issubclass(cls, Exception)):
            return None
        args, attributes = self.content
        try:
            exc = cls.__new__(cls, *args)
            exc.args = args
            exc.__dict__.update(attributes)
        except Exception:  # a class may do as it likes
            return None
        return exc


def task_traceback(exc: BaseException) -> TracebackType | None:
    """An exception's traceback without the frames of what has called the task."""
    found = exc.__traceback__
    while found is not None and found.tb_frame.f_globals.get('__name__', '').startswith(_CALLERS):
        found = found.tb_next
    return found or exc.__traceback__


def _path(cls: type) -> str:
    return f'{cls.__module__}.{cls.__qualname__}'


def _message(exc: BaseException) -> str:
    try:
        return str(exc)
    except Exception:
        return ''


def _content(exc: BaseException) -> Any:
    content = (exc.args, {key: value for key, value in vars(exc).items() if key != '__notes__'})
    try:
        _json.dumps(content)
    except SerializationError:
        return None
    return content
