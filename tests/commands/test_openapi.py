import json
import stat

from openapi_spec_validator import OpenAPIV31SpecValidator

from .databases import fail, succeed
from .test_routes import stock

__all__ = ['stock']


def test_it_prints_the_document(stock):
    output, _ = succeed(stock, 'openapi')
    document = json.loads(output)
    OpenAPIV31SpecValidator(document).validate()
    assert document['openapi'] == '3.1.0'
    assert {'/', '/items', '/items/{id}'} <= set(document['paths'])
    assert output.startswith('{\n  "openapi"')


def test_it_writes_a_file(stock):
    path = stock.directory / 'api.json'
    path.write_text('old')
    output, _ = succeed(stock, 'openapi', '--output', 'api.json')
    assert output == ''
    assert json.loads(path.read_text()) == json.loads(succeed(stock, 'openapi')[0])
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR
    assert 'cannot write' in fail(stock, 'openapi', '-o', 'nowhere/api.json')
    assert sorted(item.name for item in stock.directory.glob('*.json')) == ['api.json']
