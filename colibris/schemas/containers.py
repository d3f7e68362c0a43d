"""Fields that hold many values, which others need not wait for."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from marshmallow import ValidationError, fields, utils

from colibris import bridge

__all__ = ['MAX_PROBLEMS', 'Dict', 'List', 'Nested']

MAX_PROBLEMS = 100
"""After so many wrong items a list is not looked at any further."""

_PACE = 100

T = TypeVar('T')


def _paced(values: Iterable[T]) -> Iterator[T]:
    """The values, with a pause now and then in which the event loop goes on."""
    for number, value in enumerate(values, start=1):
        yield value
        if number % _PACE == 0 and bridge.is_driven():
            bridge.wait(asyncio.sleep(0))


class _PacedList(list[Any]):
    """A list whose reader pauses."""

    def __iter__(self) -> Iterator[Any]:
        return _paced(super().__iter__())


class _PacedDict(dict[Any, Any]):
    """A dictionary whose reader pauses."""

    def keys(self) -> Any:
        """The keys."""
        return _paced(super().keys())

    def items(self) -> Any:
        """The keys and values."""
        return _paced(super().items())


class List(fields.List[Any]):
    """A list; of a wrong one the first problems are told."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not utils.is_collection(value):
            raise self.make_error('invalid')
        found: list[Any] = []
        problems: dict[int, Any] = {}
        for number, item in enumerate(_paced(value)):
            try:
                found.append(self.inner.deserialize(item, **kwargs))
            except ValidationError as exc:
                problems[number] = exc.messages
                if len(problems) == MAX_PROBLEMS:
                    break
        if problems:
            raise ValidationError(problems, valid_data=found)
        return found


class Nested(fields.Nested):
    """An object, or many, that a schema describes."""

    def _load(self, value: Any, partial: Any = None) -> Any:
        return super()._load(_PacedList(value) if isinstance(value, list) else value, partial)


class Dict(fields.Dict):
    """An object with any members."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        paced = _PacedDict(value) if isinstance(value, dict) else value
        return super()._deserialize(paced, *args, **kwargs)  # type: ignore[no-untyped-call]
