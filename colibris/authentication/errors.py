"""Why a request could not be authenticated."""

from colibris.errors import ColibrisError

__all__ = ['AuthenticationError', 'AuthenticationUnavailable', 'ForgeryError']


class AuthenticationError(ColibrisError):
    """The credentials are not valid."""


class AuthenticationUnavailable(AuthenticationError):
    """The credentials cannot be checked at the moment."""


class ForgeryError(ColibrisError):
    """The request comes from a page of another site."""
