"""Scrypt, which comes with Python."""

import base64
import hashlib
import hmac
import re
import secrets

from colibris.authentication.options import check_options
from colibris.authentication.passwords.base import PasswordHasher
from colibris.conf.definitions import whole_number

__all__ = ['ScryptHasher']

_SALT_SIZE = 16
_HASH_SIZE = 32
_FORMAT = re.compile(r'\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([\w+/]{22})\$([\w+/]{43})', re.ASCII)

_Parameters = tuple[int, int, int]


class ScryptHasher(PasswordHasher):
    """Hashes by scrypt (RFC 7914). A hash takes ``128 * 2**log2_cost * block_size`` bytes of memory.

    :param log2_cost: the logarithm of the cost: one more is twice the time and the memory.
    :param block_size: the size of a block, in units of 128 bytes.
    :param parallelism: how often all of this is done, one after the other.
    """

    scheme = 'scrypt'

    def __init__(self, log2_cost: int = 15, block_size: int = 8, parallelism: int = 3) -> None:
        check_options(
            log2_cost=(log2_cost, whole_number(1, 24)),
            block_size=(block_size, whole_number(1, 32)),
            parallelism=(parallelism, whole_number(1, 64)),
        )
        self._parameters = (log2_cost, block_size, parallelism)

    def hash(self, password: bytes) -> str:
        """A new hash."""
        salt = secrets.token_bytes(_SALT_SIZE)
        log2_cost, block_size, parallelism = self._parameters
        shown = '$'.join(map(_encode, (salt, _derive(password, salt, self._parameters))))
        return f'$scrypt$ln={log2_cost},r={block_size},p={parallelism}${shown}'

    def verify(self, password: bytes, hashed: str) -> bool:
        """Whether the hash is of the password."""
        match = _FORMAT.fullmatch(hashed)
        if match is None:
            return False
        salt, expected = map(_decode, match.groups()[3:])
        return hmac.compare_digest(_derive(password, salt, _parameters_of(match)), expected)

    def needs_rehash(self, hashed: str) -> bool:
        """Whether the hash was made with other arguments."""
        match = _FORMAT.fullmatch(hashed)
        return match is None or _parameters_of(match) != self._parameters


def _parameters_of(match: re.Match[str]) -> _Parameters:
    return int(match[1]), int(match[2]), int(match[3])


def _derive(password: bytes, salt: bytes, parameters: _Parameters) -> bytes:
    log2_cost, block_size, parallelism = parameters
    memory = 128 * block_size * (2**log2_cost + parallelism + 2)
    return hashlib.scrypt(
        password, salt=salt, n=2**log2_cost, r=block_size, p=parallelism, maxmem=memory, dklen=_HASH_SIZE
    )


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip('=')


def _decode(text: str) -> bytes:
    return base64.b64decode(text + '=' * (-len(text) % 4))
