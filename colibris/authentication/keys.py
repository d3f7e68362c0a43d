"""Keys made from the setting ``SECRET_KEY``."""

import hmac
import logging

from colibris.conf import settings
from colibris.errors import ConfigurationError

__all__ = ['check_secret_key', 'derive_key', 'secret_key']

logger = logging.getLogger(__name__)

_LENGTH = 32
_REMEDY = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"


def secret_key() -> bytes:
    """The setting ``SECRET_KEY``.

    :raises ConfigurationError: it is not set, or too short for anything but development.
    """
    key = (settings.SECRET_KEY or '').encode()
    if not key:
        raise ConfigurationError(f'SECRET_KEY is not set; {_REMEDY}')
    if len(key) < _LENGTH and not settings.DEBUG:
        raise ConfigurationError(f'SECRET_KEY has {len(key)} bytes, but needs {_LENGTH}; {_REMEDY}')
    return key


def check_secret_key() -> None:
    """Check ``SECRET_KEY``; in ``DEBUG`` one that is too short is only warned of.

    :raises ConfigurationError: it is not set, or too short for anything but development.
    """
    if len(secret_key()) < _LENGTH:
        logger.warning('SECRET_KEY is too short for anything but development; %s', _REMEDY)


def derive_key(purpose: str, secret: str = '') -> bytes:
    """A key of 64 bytes for one purpose, which tells nothing about ``SECRET_KEY`` or the key of another purpose.

    :param secret: what else the key is to depend on.
    :raises ConfigurationError: ``SECRET_KEY`` is not set, or too short for anything but development.
    """
    return hmac.digest(hmac.digest(secret_key(), purpose.encode(), 'sha512'), secret.encode(), 'sha512')
