"""Keys made from the setting ``SECRET_KEY``."""

import functools
import hmac
import logging
import re

from colibris.conf import settings
from colibris.errors import ConfigurationError

__all__ = ['REMEDY', 'check_secret_key', 'derive_key', 'secret_key', 'weakness_of']

logger = logging.getLogger(__name__)

REMEDY = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"

_LENGTH = 32
_PLACEHOLDER = re.compile(r'change.?(me|this|it)|insecure|placeholder|your.?secret|put.your', re.IGNORECASE)


@functools.lru_cache(maxsize=4)  # asked for each token
def weakness_of(key: str | None) -> str | None:
    """Why a key is none for anything but development, or ``None``."""
    length = len((key or '').encode())
    if not key:
        return 'is not set'
    if length < _LENGTH:
        return f'has {length} bytes, but needs {_LENGTH}'
    return 'is a placeholder that everybody can read' if _PLACEHOLDER.search(key) else None


def secret_key() -> bytes:
    """The setting ``SECRET_KEY``.

    :raises ConfigurationError: it is not set, or too weak for anything but development.
    """
    key = settings.SECRET_KEY or ''
    weakness = weakness_of(key)
    if weakness and not (key and settings.DEBUG):
        raise ConfigurationError(f'SECRET_KEY {weakness}; {REMEDY}')
    return str(key).encode()


def check_secret_key() -> None:
    """Check ``SECRET_KEY``; in ``DEBUG`` one that is too weak is only warned of.

    :raises ConfigurationError: it is not set, or too weak for anything but development.
    """
    weakness = weakness_of(secret_key().decode())
    if weakness:
        logger.warning('SECRET_KEY %s: it will do in development only; %s', weakness, REMEDY)


def derive_key(purpose: str, secret: str = '') -> bytes:
    """A key of 64 bytes for one purpose, which tells nothing about ``SECRET_KEY`` or the key of another purpose.

    :param secret: what else the key is to depend on.
    :raises ConfigurationError: ``SECRET_KEY`` is not set, or too weak for anything but development.
    """
    return hmac.digest(hmac.digest(secret_key(), purpose.encode(), 'sha512'), secret.encode(), 'sha512')
