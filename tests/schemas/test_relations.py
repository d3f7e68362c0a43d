"""Foreign keys that answers nest: one statement for each, however long the list."""

import contextlib

import pytest

from colibris.conf import settings
from colibris.persist import get_database, models_of
from tests.views.serving import engine, error_of, run, serve

__all__ = ['engine', 'run', 'serve']

MODELS = """
from colibris import persist


class Organization(persist.Model):
    name = persist.CharField()


class Country(persist.Model):
    code = persist.CharField(max_length=2, primary_key=True)


class Author(persist.Model):
    name = persist.CharField()
    country = persist.ForeignKeyField(Country, null=True)


class Item(persist.Model):
    title = persist.CharField()
    author = persist.ForeignKeyField(Author, backref='items')
    editor = persist.ForeignKeyField(Author, null=True, backref='edited')
    sequel_of = persist.ForeignKeyField('self', null=True)
"""
ROUTES = """
class CountrySchema(ModelSchema):
    class Meta:
        model = models.Country


class AuthorSchema(ModelSchema):
    country = fields.Nested(CountrySchema)

    class Meta:
        model = models.Author


class BookSchema(ModelSchema):
    author = fields.Nested(AuthorSchema)
    editor = fields.Pluck(AuthorSchema, 'name')
    sequel_of = fields.Nested(lambda: BookSchema(only=('title', 'author.name')))
    country = fields.String(attribute='author.country.code', dump_only=True)

    class Meta:
        model = models.Item


class BooksView(ListCreateModelView):
    model = models.Item
    body_schema_class = BookSchema


class JoinedView(BooksView):
    def get_query(self):
        return models.Item.select(models.Item, models.Author).join(models.Author, on=models.Item.author)


class WholeView(BooksView):
    pagination_class = None


class BookView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = BookSchema


ROUTES = [('/books', BooksView), ('/joined', JoinedView), ('/whole', WholeView), ('/books/{id}', BookView)]
"""


@pytest.fixture
async def client(serve, run, engine):
    client = await serve(ROUTES, models=MODELS, engine=engine)
    _, country, author, item = models_of(settings.PROJECT_PACKAGE_NAME)
    client.country, client.author, client.item = country, author, item
    await run(lambda: fill(country, author, item))
    return client


def fill(country, author, item):
    for code in ('ro', 'fr'):
        country.create(code=code)
    for number in range(4):
        author.create(name=f'author {number}', country=[None, 'ro', 'fr'][number % 3])
    for number in range(20):
        sequel_of = number if number % 2 else None
        editor = [None, 1][number % 2]
        item.create(title=f'book {number}', author=number % 4 + 1, editor=editor, sequel_of=sequel_of)


@contextlib.contextmanager
def counted(monkeypatch):
    """The statements that the block runs."""
    statements = []
    database = get_database()
    execute = type(database).execute_sql

    def execute_sql(self, sql, *arguments, **options):
        statements.append(sql)
        return execute(self, sql, *arguments, **options)

    monkeypatch.setattr(type(database), 'execute_sql', execute_sql)
    yield statements
    monkeypatch.undo()


BOOK = {
    'id': 2,
    'title': 'book 1',
    'author': {'id': 2, 'name': 'author 1', 'country': {'code': 'ro'}},
    'editor': 'author 0',
    'sequel_of': {'title': 'book 0', 'author': {'name': 'author 0'}},
    'country': 'ro',
}


@pytest.mark.parametrize(
    ('path', 'count'),
    # The page and its count; authors, editors, sequels; countries of the authors, authors of the sequels.
    [('/books', 7), ('/joined', 6), ('/whole', 6)],
)
async def test_a_list_takes_few_statements(client, monkeypatch, path, count):
    with counted(monkeypatch) as statements:
        answer = await (await client.get(path)).json()
    rows = answer if path == '/whole' else answer['results']
    assert len(rows) == 20
    assert rows[1] == BOOK
    assert rows[0]['editor'] is rows[0]['sequel_of'] is None
    assert len([sql for sql in statements if sql.startswith('SELECT')]) == count, statements


async def test_an_empty_list_needs_no_more_statements(client, run, monkeypatch):
    await run(lambda: client.item.update(sequel_of=None).execute())
    await run(lambda: client.item.delete().execute())
    with counted(monkeypatch) as statements:
        assert (await (await client.get('/whole')).json()) == []
    assert len(statements) == 1


async def test_one_row_is_nested_too(client):
    assert await (await client.get('/books/2')).json() == BOOK


async def test_what_is_nested_is_written_by_its_key(client):
    created = await (await client.post('/books', json={'title': 'new', 'author': 3, 'sequel_of': 2})).json()
    assert created['author'] == {'id': 3, 'name': 'author 2', 'country': {'code': 'fr'}}
    assert created['sequel_of'] == {'title': 'book 1', 'author': {'name': 'author 1'}}
    assert created['editor'] is None
    path = f'/books/{created["id"]}'
    changed = await (await client.patch(path, json={'author': 1, 'editor': 4})).json()
    assert changed['author']['name'] == 'author 0'
    assert changed['editor'] == 'author 3'
    replaced = await (await client.put(path, json={'title': 'newer', 'author': 2})).json()
    assert replaced == {**BOOK, 'id': created['id'], 'title': 'newer', 'editor': None, 'sequel_of': None}


@pytest.mark.parametrize('value', [{'name': 'x'}, {'id': 1}, '1', None, [1], True, 10**20])
async def test_nothing_but_a_key_is_written(client, value):
    for method, path in (('post', '/books'), ('put', '/books/1'), ('patch', '/books/1')):
        error = await error_of(await client.request(method, path, json={'title': 'x', 'author': value}), 400)
        assert list(error['details']['body']) == ['author']


async def test_a_key_of_nothing(client):
    error = await error_of(await client.post('/books', json={'title': 'x', 'author': 99}), 400)
    assert error['details'] == {'body': {'author': ['This refers to nothing.']}}


async def test_the_documentation_tells_reading_from_writing(client):
    document = await (await client.get('/api/docs/openapi.json')).json()
    schemas = document['components']['schemas']
    assert schemas['Book']['properties']['author'] == {'$ref': '#/components/schemas/Author'}
    assert schemas['BookInput']['properties']['author']['type'] == 'integer'
    assert set(schemas['BookInput']['required']) == {'title', 'author'}
    assert schemas['BookInput']['properties']['editor']['type'] == ['integer', 'null']
    assert {'type': 'null'} in schemas['Book']['properties']['sequel_of']['anyOf']
