"""Texts that clients carry for us, and cannot change."""

import base64
import binascii
import hashlib
import hmac
import secrets

from colibris.conf import settings

__all__ = ['sign', 'unsign']

_SIGNATURE_SIZE = 16
_REFUSAL = 'Is not valid here; follow the links of an answer.'
_FALLBACK = secrets.token_bytes(32)


def sign(content: bytes, purpose: bytes) -> str:
    """The content with a signature, as text that fits into URLs. Whoever has it can read the content.

    It is signed with ``SECRET_KEY``; without that setting only this process, and those forked from it, know the key.

    :param purpose: what the text is for; it is of no use for anything else.
    """
    return base64.urlsafe_b64encode(_signature(content, purpose) + content).decode().rstrip('=')


def unsign(token: str, purpose: bytes) -> bytes:
    """What :func:`sign` has signed for this purpose.

    :raises ValueError: it is something else.
    """
    try:
        data = base64.b64decode(token + '=' * (-len(token) % 4), altchars=b'-_', validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(_REFUSAL) from None
    signature, content = data[:_SIGNATURE_SIZE], data[_SIGNATURE_SIZE:]
    if sign(content, purpose) != token or not hmac.compare_digest(signature, _signature(content, purpose)):
        raise ValueError(_REFUSAL)
    return content


def _signature(content: bytes, purpose: bytes) -> bytes:
    key = settings.SECRET_KEY.encode() if settings.SECRET_KEY else _FALLBACK
    message = hashlib.sha256(purpose).digest() + content
    return hmac.digest(key, b'colibris.views.pagination' + message, 'sha256')[:_SIGNATURE_SIZE]
