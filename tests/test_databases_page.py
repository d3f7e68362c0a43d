"""docs/databases.md lists the keys of ``DATABASE`` as the backends take them."""

import inspect
import re
from pathlib import Path

import pytest

from colibris import persist
from colibris.errors import ConfigurationError
from colibris.persist.mysql.backend import SQL_MODE

PAGE = (Path(__file__).parent.parent / 'docs' / 'databases.md').read_text()
SPOKEN = {SQL_MODE: 'strict', inspect.Parameter.empty: ''}


def keys_of(title):
    section = re.search(rf'^## {title}\n(.*?)^## ', PAGE, re.M | re.S)[1]
    rows = [line.strip('|').split('|') for line in section.splitlines() if line.startswith('| `')]
    return {key: default.strip() for names, default, _ in rows for key in re.findall(r'`(\w+)`', names)}


@pytest.mark.parametrize(
    ('title', 'backend'),
    [
        ('SQLite', persist.SQLiteBackend),
        ('PostgreSQL', persist.PostgreSQLBackend),
        ('MariaDB and MySQL', persist.MySQLBackend),
    ],
)
def test_keys(title, backend):
    parameters = inspect.signature(backend).parameters.values()
    named = {
        each.name: SPOKEN.get(each.default, f'`{each.default!r}`')
        for each in parameters
        if each.kind != each.VAR_KEYWORD
    }
    listed = keys_of(title)
    assert {key: default for key, default in listed.items() if key in named} == named
    for option in set(listed) - set(named):
        backend(name='x', **{option: 'x'})
    if len(named) < len(parameters):
        with pytest.raises(ConfigurationError, match='unknown'):
            backend(name='x', misspelt=1)
