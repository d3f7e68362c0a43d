"""Where Redis is."""

from typing import Any
from urllib.parse import urlsplit

from redis.connection import parse_url

from colibris.errors import ConfigurationError

__all__ = ['read_address']

_DEFAULTS = {'host': '127.0.0.1', 'port': 6379, 'db': 0}
_TYPES = {'host': str, 'port': int, 'db': int, 'username': str, 'password': str}


def read_address(*, url: Any, **parts: Any) -> dict[str, Any]:
    """The arguments of redis-py's clients, from an URL or from the parts that are not ``None``.

    :raises ConfigurationError: a part is wrong, or there is an URL as well.
    """
    given = {name: value for name, value in parts.items() if value is not None}
    if url is not None:
        if given:
            raise ConfigurationError(f"'url' says it all: leave out {', '.join(map(repr, given))}")
        return _read_url(url)
    for name, value in given.items():
        if not isinstance(value, _TYPES[name]) or isinstance(value, bool):
            raise ConfigurationError(f'{name!r} must be of type {_TYPES[name].__name__}, not {type(value).__name__}')
    return {**_DEFAULTS, **given}


def _read_url(url: Any) -> dict[str, Any]:
    # What is wrong is said without the URL, which holds the password.
    if not isinstance(url, str) or urlsplit(url).scheme not in ('redis', 'rediss', 'unix'):
        raise ConfigurationError("'url' must look like redis://user:password@host:6379/0")
    try:
        options = dict(parse_url(url))
    except ValueError:
        raise ConfigurationError("'url' must look like redis://user:password@host:6379/0") from None
    if options.pop('connection_class', None) is not None and url.startswith('rediss'):
        options['ssl'] = True
    if 'path' in options:
        options['unix_socket_path'] = options.pop('path')
    return options
