"""``?search=``."""

import pytest

from colibris.errors import ConfigurationError
from colibris.persist import CharField, IntegerField, Model, PasswordField
from colibris.schemas import Schema
from colibris.views import ListMixin, ModelView
from tests.views.items import ROUTES, found, serve_items
from tests.views.serving import error_of

SEARCHED = ROUTES.replace("ordering_fields = ('name', 'amount')", "search_fields = ('name', 'kind')")


@pytest.fixture
async def client(serve, run, engine):
    return await serve_items(serve, run, engine, SEARCHED)


async def test_words_are_looked_for_in_every_field(client):
    for text, expected in (
        ('apple', [1, 2]),
        ('  aPPle   2 ', [2]),
        ('apple b', []),
        ('b', [3, 4]),
        ('% b', [3]),
        ('%', [3]),
        ('_', [1]),
        ('\\', [4]),
        ('*', [3]),
        ('[x]', [3]),
        ("'", []),
        ('', [1, 2, 3, 4]),
        (' ', [1, 2, 3, 4]),
    ):
        assert await found(client, search=text) == expected, text


async def test_a_search_narrows_filters(client):
    assert await found(client, search='a', amount='3') == [4]


@pytest.mark.parametrize('text', ['x' * 201, ' '.join('x' * 11)])
async def test_limits(client, text):
    error = await error_of(await client.get('/items', params={'search': text}), 400)
    assert list(error['details']['query']) == ['search']


class Thing(Model):
    name = CharField()
    amount = IntegerField()
    password = PasswordField()


@pytest.mark.parametrize(
    ('name', 'problem'),
    [('nam', 'there is no such field'), ('amount', 'is no text'), ('password', 'is no text')],
)
def test_fields_that_cannot_be_searched(name, problem):
    class View(ListMixin, ModelView):
        model = Thing
        body_schema_class = Schema
        search_fields = (name,)

    with pytest.raises(ConfigurationError, match=f'View.search_fields: Thing.{name}: {problem}'):
        View.check()
