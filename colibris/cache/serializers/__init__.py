"""How values become bytes."""

from typing import Protocol

from colibris.cache.serializers.json import JSONSerializer
from colibris.cache.serializers.pickle import PickleSerializer
from colibris.errors import ConfigurationError

__all__ = ['JSONSerializer', 'PickleSerializer', 'Serializer', 'make_serializer']


class Serializer(Protocol):
    """Turns values into bytes and back.

    Whole numbers must become their decimal digits, as a backend increments them in that form. No result may begin with
    the byte 1, which marks entries that are served for a while after their lifetime.
    """

    def dumps(self, value: object) -> bytes:
        """The value as bytes.

        :raises TypeError: it holds something that cannot be read back as it was.
        """

    def loads(self, data: bytes) -> object:
        """The value that :meth:`dumps` was given.

        :raises ValueError: the bytes are not what ``dumps`` makes.
        """


_KINDS: dict[str, type[Serializer]] = {'json': JSONSerializer, 'pickle': PickleSerializer}


def make_serializer(name: str) -> Serializer:
    """The serializer of that name.

    :raises ConfigurationError: there is none.
    """
    if not isinstance(name, str) or name not in _KINDS:
        raise ConfigurationError(f"there is no serializer {name!r}; choose 'json', or 'pickle' for trusted stores")
    return _KINDS[name]()
