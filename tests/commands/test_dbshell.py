import os
import pty
import shutil
import sys

import pytest

from .conftest import SERVING
from .databases import engine, fail, stock, succeed

__all__ = ['engine', 'stock']

ARGUMENTS = {'sqlite': (), 'postgresql': ('-At', '-c'), 'mysql': ('--batch', '--skip-column-names', '-e')}
SPY = """#!{python}
import os, sys
print(sys.argv[1:])
print(sorted(value for name, value in os.environ.items() if name in ('PGPASSWORD', 'MYSQL_PWD')))
"""


def test_the_client_opens_the_database(stock, engine):
    output, errors = succeed(stock, 'dbshell', *ARGUMENTS[engine], 'SELECT COUNT(*) FROM item')
    assert output == '3\n'
    assert not errors


def test_sql_comes_from_standard_input(stock):
    with stock.start('dbshell', stdin=-1) as process:
        output, _ = process.communicate('SELECT name FROM owner;\n', timeout=30)
    assert 'Ada' in output
    assert process.returncode == 0


def test_the_status_is_the_clients(stock, engine):
    status, _, errors = stock.run('dbshell', *ARGUMENTS[engine], 'SELECT nonsense')
    assert status != 0
    assert 'nonsense' in errors


def test_the_password_is_never_an_argument(stock, engine, monkeypatch, tmp_path):
    programs = tmp_path / 'programs'
    programs.mkdir()
    for name in ('sqlite3', 'psql', 'mariadb'):
        (programs / name).write_text(SPY.format(python=sys.executable))
        (programs / name).chmod(0o755)
    monkeypatch.setenv('PATH', str(programs), prepend=os.pathsep)
    output, _ = succeed(stock, 'dbshell', '--some', 'thing')
    arguments, passwords = output.splitlines()
    assert 'secret' not in arguments
    assert arguments.endswith("'--some', 'thing']")
    assert passwords == ('[]' if engine == 'sqlite' else "['secret']")


def test_the_client_is_not_installed(stock, monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    assert fail(stock, 'dbshell').endswith('is not installed')


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
class TestSQLite:
    def test_foreign_keys_are_enforced(self, stock):
        _, _, errors = stock.run('dbshell', "INSERT INTO item (owner_id, price) VALUES (99, '1')")
        assert 'FOREIGN KEY constraint failed' in errors

    def test_there_is_no_database(self, stock):
        (stock.directory / 'shop.db').unlink()
        assert 'there is no database' in fail(stock, 'dbshell')
        assert not (stock.directory / 'shop.db').exists()

    def test_a_database_in_memory(self, stock):
        stock.write(settings="DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': ':memory:'}")
        assert 'a database in memory cannot be reached from outside' in fail(stock, 'dbshell')

    def test_no_database_at_all(self, stock):
        stock.write(settings='')
        assert 'DATABASE is empty' in fail(stock, 'dbshell')

    @pytest.mark.skipif(not shutil.which('sqlite3'), reason='needs the client')
    def test_on_a_terminal(self, stock):
        leader, follower = pty.openpty()
        with stock.start('dbshell', stdin=follower) as process:
            os.close(follower)
            os.write(leader, b'SELECT 40 + 2;\n.quit\n')
            output, _ = process.communicate(timeout=30)
        os.close(leader)
        assert '42' in output

    def test_it_imports_nothing_that_serves(self, stock):
        assert not stock.imported('dbshell', 'SELECT 1') & SERVING
