"""What can go wrong with the tools."""

from colibris.errors import ColibrisError

__all__ = ['DumpError', 'FlushError', 'LoadError', 'ToolError']


class ToolError(ColibrisError):
    """The tool could not do its work."""


class DumpError(ToolError):
    """A table or a value cannot be dumped."""


class FlushError(ToolError):
    """The tables cannot be emptied."""


class LoadError(ToolError):
    """A line cannot be loaded; nothing has been."""
