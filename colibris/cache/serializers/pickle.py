"""Pickle, for whom JSON is not enough."""

import pickle
from typing import Any

__all__ = ['PickleSerializer']

_START = b'\x80'


class PickleSerializer:
    """Writes pickles, and whole numbers as digits.

    Whoever can write to the store can run code in every process that reads from it.
    """

    def dumps(self, value: Any) -> bytes:
        """The value as a pickle.

        :raises TypeError: it cannot be pickled.
        """
        if type(value) is int:
            return str(value).encode()
        try:
            return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        except Exception as exc:  # whatever the value's own methods raise
            raise TypeError(f'{type(value).__name__} cannot be pickled: {exc}') from exc

    def loads(self, data: bytes) -> Any:
        """The value.

        :raises ValueError: it cannot be unpickled, perhaps because a class has changed.
        """
        if not data.startswith(_START):
            return int(data)
        try:
            return pickle.loads(data)  # noqa: S301  # only on demand; the class says what it means
        except Exception as exc:
            raise ValueError(f'no value of the cache: {exc!r}') from exc
