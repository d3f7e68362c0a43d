"""Passwords of tests, and the tests that every password hasher passes, for people who write their own."""

from colibris.authentication.passwords import HashedPassword, PasswordHasher
from colibris.authentication.passwords.slot import HASHERS

__all__ = ['QUICK_HASHER', 'PasswordHasherContract']

QUICK_HASHER = {'backend': HASHERS['scrypt'], 'log2_cost': 4, 'parallelism': 1}
"""A value of the setting ``PASSWORDS`` that protects nothing."""

_PASSWORDS = (b'', b'secret', 'Zürich \U0001f426'.encode(), bytes(range(256)), b'x' * 10_000)


class PasswordHasherContract:
    """Subclass this, and define a fixture ``hasher``, and ``other``: one of the same class with other arguments."""

    def test_verify(self, hasher: PasswordHasher) -> None:
        """Each password fits its own hash only."""
        hashes = {password: hasher.hash(password) for password in _PASSWORDS}
        found = {(one, other) for one in hashes for other in hashes if hasher.verify(one, hashes[other])}
        _expect(found == {(password, password) for password in hashes})

    def test_salt(self, hasher: PasswordHasher) -> None:
        """Nobody sees that two accounts have the same password."""
        _expect(hasher.hash(b'secret') != hasher.hash(b'secret'))

    def test_form(self, hasher: PasswordHasher) -> None:
        """A hash names its scheme, fits a column of 128 characters, and does not hold the password."""
        hashed = HashedPassword(hasher.hash(b'secret'))
        _expect(hashed.scheme == hasher.scheme)
        _expect(len(hashed) <= 128 and hashed.isascii() and hashed.isprintable())
        _expect('secret' not in hashed)

    def test_arguments(self, hasher: PasswordHasher, other: PasswordHasher) -> None:
        """A hash is verified whatever the arguments are, and should be replaced when they are others."""
        hashed = hasher.hash(b'secret')
        _expect(other.verify(b'secret', hashed) and not other.verify(b'wrong', hashed))
        _expect(other.needs_rehash(hashed) and not hasher.needs_rehash(hashed))

    def test_malformed(self, hasher: PasswordHasher) -> None:
        """What is no hash fits no password, and is no error."""
        hashed = hasher.hash(b'secret')
        broken = (
            f'${hasher.scheme}$',
            hashed[:-1],
            hashed + '=',
            hashed[: len(hashed) // 2],
            f'${hasher.scheme}${"x" * 100}',
        )
        for text in broken:
            _expect(not hasher.verify(b'secret', text))


def _expect(condition: bool) -> None:
    if not condition:
        raise AssertionError
