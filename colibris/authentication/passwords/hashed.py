"""Hashes, told from passwords by their type."""

import secrets

__all__ = ['HashedPassword', 'unusable']

_UNUSABLE = '!'


class HashedPassword(str):
    """The hash of a password. A password that looks like a hash is a password nevertheless."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Nothing that would be of use to whoever reads a traceback."""
        return f'<{type(self).__name__}>'

    @property
    def scheme(self) -> str | None:
        """The name of the scheme, or ``None`` for what no password can be verified against."""
        parts = self.split('$', 2)
        return parts[1] if len(parts) == 3 and not parts[0] else None


def unusable() -> HashedPassword:
    """What stands for the hash of an account that has no password, where it may not be NULL.

    It is another one each time, as tokens may be signed with what is in the password's column.
    """
    return HashedPassword(_UNUSABLE + secrets.token_urlsafe(32))
