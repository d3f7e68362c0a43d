"""The client program of a database."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import peewee

from colibris.persist.tools.errors import ToolError

__all__ = ['Client', 'client_of']


@dataclass(frozen=True)
class Client:
    """How to start the client program.

    :param programs: the names by which it may be installed, best first.
    :param arguments: its arguments; never a secret, since every user of the machine can see them.
    :param environment: what it is told by environment variables.
    """

    programs: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def find(self) -> str:
        """The program's path.

        :raises ToolError: it is not installed.
        """
        for program in self.programs:
            path = shutil.which(program)
            if path:
                return path
        raise ToolError(f'the program {" or ".join(self.programs)} is not installed')

    def execute(self, extra: Sequence[str] = ()) -> NoReturn:
        """Become the program; ``extra`` are more arguments for it.

        :raises ToolError: it is not installed.
        """
        path = self.find()
        os.execve(path, [path, *self.arguments, *extra], {**os.environ, **self.environment})  # noqa: S606  # no shell


def client_of(database: Any) -> Client:
    """The client program of a Peewee database.

    :raises ToolError: there is none for this kind of database, or it would find nothing.
    """
    for cls, make in _CLIENTS.items():
        if isinstance(database, cls):
            return make(database)
    raise ToolError(f'no client program is known for {type(database).__name__}')


def _sqlite(database: Any) -> Client:
    name = str(database.database)
    if ':memory:' in name:
        raise ToolError('a database in memory cannot be reached from outside')
    if not Path(name).exists():
        raise ToolError(f'there is no database {name}; migrate makes it')
    return Client(('sqlite3',), ('-cmd', 'PRAGMA foreign_keys = ON', str(Path(name).absolute())))


def _postgresql(database: Any) -> Client:
    options = {**database.connect_params, 'dbname': database.database}
    return Client(('psql',), (), _environment(options, _POSTGRESQL_VARIABLES))


def _mysql(database: Any) -> Client:
    options = database.connect_params
    arguments = [f'--{name}={options[key]}' for key, name in _MYSQL_OPTIONS.items() if options.get(key)]
    environment = _environment(options, {'password': 'MYSQL_PWD', 'passwd': 'MYSQL_PWD'})
    return Client(('mariadb', 'mysql'), (*arguments, f'--database={database.database}'), environment)


def _environment(options: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, str]:
    return {variable: str(options[key]) for key, variable in variables.items() if options.get(key)}


_POSTGRESQL_VARIABLES = {
    'dbname': 'PGDATABASE',
    'host': 'PGHOST',
    'port': 'PGPORT',
    'user': 'PGUSER',
    'password': 'PGPASSWORD',
    'sslmode': 'PGSSLMODE',
    'sslrootcert': 'PGSSLROOTCERT',
    'sslcert': 'PGSSLCERT',
    'sslkey': 'PGSSLKEY',
    'options': 'PGOPTIONS',
}

_MYSQL_OPTIONS = {'host': 'host', 'port': 'port', 'user': 'user', 'unix_socket': 'socket', 'ssl_ca': 'ssl-ca'}

_CLIENTS = {
    peewee.SqliteDatabase: _sqlite,
    peewee.PostgresqlDatabase: _postgresql,
    peewee.MySQLDatabase: _mysql,
}
