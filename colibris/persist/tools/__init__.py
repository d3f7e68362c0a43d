"""Tools for people who look after a database: dump, load, flush, inspect, and the database's own shell."""

from colibris.persist.tools.dump import dump
from colibris.persist.tools.errors import DumpError, FlushError, LoadError, ToolError
from colibris.persist.tools.flush import count_rows, flush
from colibris.persist.tools.inspect import inspect_database
from colibris.persist.tools.load import load
from colibris.persist.tools.progress import Progress
from colibris.persist.tools.shell import Client, client_of
from colibris.persist.tools.tables import Tables

__all__ = [
    'Client',
    'DumpError',
    'FlushError',
    'LoadError',
    'Progress',
    'Tables',
    'ToolError',
    'client_of',
    'count_rows',
    'dump',
    'flush',
    'inspect_database',
    'load',
]
