"""What stops a project from being made."""

from colibris.errors import ColibrisError


class StartProjectError(ColibrisError):
    """The project could not be made."""
