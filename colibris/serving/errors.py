"""What keeps a server from starting."""

from colibris.errors import ColibrisError

__all__ = ['ServerError']


class ServerError(ColibrisError):
    """The server cannot start."""
