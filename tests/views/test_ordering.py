"""``?ordering=``."""

import pytest

from colibris.errors import ConfigurationError
from colibris.persist import BlobField, CharField, JSONField, Model, PasswordField
from colibris.schemas import Schema
from colibris.views import ListMixin, ModelView
from tests.views.items import found, serve_items
from tests.views.serving import error_of


@pytest.fixture
async def client(serve, run):
    return await serve_items(serve, run)


@pytest.mark.parametrize(
    ('path', 'ordering', 'expected'),
    [
        ('/items', None, [1, 2, 3, 4]),
        ('/items', 'name', [3, 1, 4, 2]),
        ('/items', '-name', [2, 4, 1, 3]),
        ('/items', '-amount', [4, 3, 2, 1]),
        ('/items', 'amount,-name', [1, 2, 4, 3]),
        ('/sorted', None, [4, 3, 2, 1]),
        ('/sorted', 'name', [3, 1, 4, 2]),
    ],
)
async def test_ordering(client, path, ordering, expected):
    parameters = {} if ordering is None else {'ordering': ordering}
    assert await found(client, path, **parameters) == expected


@pytest.mark.parametrize(
    'ordering', ['', ' name', 'price', 'name,', '--name', 'name,,amount', '-', 'name;amount', 'NAME', 'id']
)
async def test_unknown_fields(client, ordering):
    error = await error_of(await client.get('/items', params={'ordering': ordering}), 400)
    text = 'Must be one or more of: name, -name, amount, -amount.'
    assert error['details'] == {'query': {'ordering': [text]}}


async def test_repeated_parameter(client):
    response = await client.get('/items?ordering=amount&ordering=-name')
    assert [item['id'] for item in (await response.json())['results']] == [1, 2, 4, 3]


class Thing(Model):
    name = CharField()
    data = JSONField()
    blob = BlobField()
    password = PasswordField()


@pytest.mark.parametrize(
    ('name', 'problem'),
    [
        ('nam', "Thing has no field 'nam'"),
        ('data', "cannot be sorted by 'data'"),
        ('blob', "cannot be sorted by 'blob'"),
        ('password', "cannot be sorted by 'password'"),
    ],
)
def test_fields_that_cannot_be_sorted(name, problem):
    class View(ListMixin, ModelView):
        model = Thing
        body_schema_class = Schema
        ordering_fields = (name,)

    with pytest.raises(ConfigurationError, match=problem):
        View.check()
