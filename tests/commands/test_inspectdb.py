import pytest

from .conftest import SERVING
from .databases import engine, fail, stock, succeed

__all__ = ['engine', 'stock']


def test_the_output_is_a_module_of_models(stock):
    output, errors = succeed(stock, 'inspectdb')
    assert not errors
    stock.write(models=output)
    code = 'print([(item.owner.name, float(item.price)) for item in Item.select()])'
    assert succeed(stock, 'shell', '-c', code)[0] == f'{[("Ada", 1.5)] * 3}\n'


def test_chosen_tables(stock):
    assert 'class Item' not in succeed(stock, 'inspectdb', 'owner')[0]
    assert 'there is no table nothing' in fail(stock, 'inspectdb', 'nothing')


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
def test_no_models_are_needed(stock):
    stock.write(models='')
    assert 'class Item(persist.Model):' in succeed(stock, 'inspectdb')[0]


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
def test_there_is_no_database(stock):
    (stock.directory / 'shop.db').unlink()
    assert 'there is no database' in fail(stock, 'inspectdb')


@pytest.mark.parametrize('engine', ['sqlite'], indirect=True)
def test_it_imports_nothing_that_serves(stock):
    assert not stock.imported('inspectdb') & SERVING
