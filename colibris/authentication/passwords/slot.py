"""The place of the password hasher."""

from importlib.util import find_spec

from colibris.authentication.passwords.base import PasswordHasher
from colibris.conf.backends import BackendSlot

__all__ = ['HASHERS', 'slot']

HASHERS = {
    'argon2id': 'colibris.authentication.passwords.argon2.Argon2Hasher',
    'scrypt': 'colibris.authentication.passwords.scrypt.ScryptHasher',
}
"""The dotted paths of colibris' hashers, by scheme."""

slot: BackendSlot[PasswordHasher] = BackendSlot(
    'PASSWORDS', PasswordHasher, HASHERS['argon2id' if find_spec('argon2') else 'scrypt']
)
