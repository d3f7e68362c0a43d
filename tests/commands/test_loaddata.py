import json

import pytest

from .conftest import SERVING
from .databases import engine, fail, stock, succeed
from .test_dumpdata import errors_on_terminal

__all__ = ['engine', 'stock']


def line_of(table, **row):
    return json.dumps({'table': table, 'row': row}) + '\n'


def test_what_was_dumped_is_loaded(stock):
    succeed(stock, 'dumpdata', '-o', 'data.jsonl')
    succeed(stock, 'flush', '--yes')
    assert succeed(stock, 'loaddata', 'data.jsonl') == ('Loaded 4 rows.\n', '')
    assert succeed(stock, 'dumpdata')[0] == (stock.directory / 'data.jsonl').read_text()
    assert succeed(stock, 'shell', '-c', 'print(Owner.create(name="Bob").id)')[0] == '2\n'


def test_all_or_none(stock):
    (stock.directory / 'data.jsonl').write_text(line_of('owner', name='Bob') + line_of('item', owner_id=1, price='x'))
    assert 'line 2: item.price: must be a decimal number' in fail(stock, 'loaddata', 'data.jsonl')
    assert succeed(stock, 'shell', '-c', 'print(Owner.select().count())')[0] == '1\n'


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
class TestFiles:
    def test_standard_input(self, stock):
        with stock.start('loaddata', '-', stdin=-1) as process:
            output, _ = process.communicate(line_of('owner', name='Bob'), timeout=30)
        assert output == 'Loaded 1 rows.\n'

    def test_the_file_is_not_there(self, stock):
        assert 'cannot read nothing: No such file' in fail(stock, 'loaddata', 'nothing')

    def test_a_bar_on_a_terminal(self, stock):
        rows = ''.join(line_of('item', owner_id=1, price=number) for number in range(20_000))
        (stock.directory / 'data.jsonl').write_text(rows)
        assert '#' in errors_on_terminal(stock, 'loaddata', 'data.jsonl')

    def test_it_imports_nothing_that_serves(self, stock):
        assert not stock.imported('loaddata', '/dev/null') & SERVING
