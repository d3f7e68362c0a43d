"""Why a request could not be authenticated."""

from colibris.errors import ColibrisError

__all__ = ['AuthenticationError']


class AuthenticationError(ColibrisError):
    """The credentials are not valid."""
