import os
import pty

import pytest

from .conftest import SERVING
from .databases import engine, fail, stock, succeed

__all__ = ['engine', 'stock']

COUNT = 'print(Item.select().count())'


def test_scripts_answer_beforehand(stock):
    output, _ = succeed(stock, 'flush', '--yes')
    lines = output.splitlines()
    assert lines[0].startswith('All rows of these tables of the database ')
    assert [line.split() for line in lines[1:3]] == [['item', '3'], ['owner', '1']]
    assert lines[3:] == ['Deleted 4 rows.']
    assert succeed(stock, 'shell', '-c', COUNT)[0] == '0\n'
    assert succeed(stock, 'migrate')[0].startswith('Nothing to migrate')


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
class TestQuestion:
    def test_there_is_no_terminal(self, stock):
        assert 'nothing is deleted: there is no terminal' in fail(stock, 'flush', stdin=-3)
        assert succeed(stock, 'shell', '-c', COUNT)[0] == '3\n'

    @pytest.mark.parametrize(
        ('answer', 'status', 'left'), [('yes', 0, 0), ('YES', 0, 0), ('y', 1, 3), ('', 1, 3), ('\x04', 1, 3)]
    )
    def test_on_a_terminal(self, stock, answer, status, left):
        leader, follower = pty.openpty()
        with stock.start('flush', stdin=follower) as process:
            os.close(follower)
            os.write(leader, answer.encode() + (b'\n' if answer != '\x04' else b''))
            output, errors = process.communicate(timeout=30)
        os.close(leader)
        assert process.returncode == status, errors
        assert "Type 'yes'" in output
        assert ('nothing is deleted' in errors) == bool(status)
        assert succeed(stock, 'shell', '-c', COUNT)[0] == f'{left}\n'

    def test_there_is_no_database(self, stock):
        (stock.directory / 'shop.db').unlink()
        assert 'there is no database' in fail(stock, 'flush', '--yes')

    def test_no_tables(self, stock):
        succeed(stock, 'migrate', 'zero')
        assert succeed(stock, 'flush', '--yes')[0].endswith('Deleted 0 rows.\n')

    def test_it_imports_nothing_that_serves(self, stock):
        assert not stock.imported('flush', '--yes') & SERVING
