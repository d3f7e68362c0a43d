import json
import os
import pty
import stat

import pytest

from .conftest import SERVING
from .databases import FILL, engine, fail, stock, succeed

__all__ = ['engine', 'stock']


def test_standard_output(stock):
    output, errors = succeed(stock, 'dumpdata')
    lines = [json.loads(line) for line in output.splitlines()]
    assert lines[0] == {'table': 'owner', 'row': {'id': 1, 'name': 'Ada', 'boss_id': None}}
    assert [line['table'] for line in lines[1:]] == ['item'] * 3
    assert errors == 'Dumped 4 rows.\n'


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
class TestFiles:
    def test_only_the_owner_can_read_the_file(self, stock):
        output, errors = succeed(stock, 'dumpdata', '--output', 'data.jsonl', 'item')
        assert (output, errors) == ('', 'Dumped 3 rows.\n')
        path = stock.directory / 'data.jsonl'
        assert len(path.read_text().splitlines()) == 3
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_failure_leaves_the_file_as_it_was(self, stock):
        path = stock.directory / 'data.jsonl'
        path.write_text('before')
        succeed(stock, 'dbshell', "UPDATE item SET price = 'x' WHERE id = 3")
        assert "item.price: 'x' cannot be dumped" in fail(stock, 'dumpdata', '-o', 'data.jsonl')
        assert path.read_text() == 'before'
        assert not [path for path in stock.directory.iterdir() if path.name.startswith('.data')]

    def test_a_device_is_not_replaced(self, stock):
        output, _ = succeed(stock, 'dumpdata', '-o', '/dev/stdout', 'owner')
        assert json.loads(output)['row']['name'] == 'Ada'
        assert stat.S_ISCHR(os.stat('/dev/null').st_mode)
        succeed(stock, 'dumpdata', '-o', '/dev/null')
        assert stat.S_ISCHR(os.stat('/dev/null').st_mode)

    def test_the_file_cannot_be_written(self, stock):
        assert 'cannot write nowhere/data: No such file' in fail(stock, 'dumpdata', '-o', 'nowhere/data')

    def test_unknown_table(self, stock):
        message = fail(stock, 'dumpdata', 'item', 'nothing')
        assert message.endswith('no model has the table nothing (tables: item, owner)')

    def test_the_tables_are_not_there(self, stock):
        succeed(stock, 'migrate', 'zero')
        assert 'no such table' in fail(stock, 'dumpdata')

    def test_text_of_every_language(self, stock):
        succeed(stock, 'shell', '-c', 'Owner.update(name="Ünï ☃").execute()')
        with stock.start('dumpdata', 'owner', stdin=-3) as process:
            output, _ = process.communicate(timeout=30)
        assert 'Ünï ☃' in output

    def test_a_reader_that_leaves(self, stock):
        succeed(stock, 'shell', '-c', 'Item.insert_many([{"owner": 1, "price": 1}] * 20000).execute()')
        with stock.start('dumpdata') as process:
            process.stdout.readline()
            process.stdout.close()
            process.stdout = None
            _, errors = process.communicate(timeout=30)
        assert 'Traceback' not in (errors or '')

    def test_a_bar_on_a_terminal(self, stock):
        succeed(stock, 'shell', '-c', FILL.replace('Ada', 'Bob').format(count=2000))
        assert '] ' in errors_on_terminal(stock, 'dumpdata', '-o', 'data.jsonl')
        assert '#' not in succeed(stock, 'dumpdata', '-o', 'data.jsonl')[1]

    def test_it_imports_nothing_that_serves(self, stock):
        assert not stock.imported('dumpdata') & SERVING


def errors_on_terminal(shop, *arguments):
    leader, follower = pty.openpty()
    with shop.start(*arguments, stderr=follower) as process:
        os.close(follower)
        seen = b''
        while True:
            try:
                seen += os.read(leader, 1000)
            except OSError:
                break
        process.communicate(timeout=30)
    os.close(leader)
    assert process.returncode == 0, seen
    return seen.decode()
