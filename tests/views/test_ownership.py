"""Rows that belong to accounts: other accounts' rows are not there, whatever is tried."""

import sys

import pytest

from colibris.errors import ConfigurationError
from tests.authentication.test_apikey import SETTINGS
from tests.views.serving import error_of

MODELS = """
from colibris import persist


class Organization(persist.Model):
    name = persist.CharField(default='')


class Item(persist.Model):
    name = persist.CharField()
    key = persist.CharField(null=True)
    role = persist.CharField(default='user')
    organization = persist.ForeignKeyField(Organization, null=True)


class Note(persist.Model):
    text = persist.CharField()
    writer = persist.ForeignKeyField(Item, column_name='written_by', backref='notes')
    organization = persist.ForeignKeyField(Organization, null=True)
    is_open = persist.BooleanField(default=True)
    label = persist.CharField(default='')
"""
ROUTES = """
class NoteSchema(ModelSchema):
    class Meta:
        model = models.Note
        dump_only = ('writer', 'organization')


class TolerantSchema(NoteSchema):
    class Meta(NoteSchema.Meta):
        unknown = 'include'


class Own:
    model = models.Note
    body_schema_class = NoteSchema
    owner_field = 'writer'


class NoteFilter(ModelFilter):
    class Meta:
        model = models.Note
        fields = {'writer': (operators.EQ, operators.NOT), 'text': (operators.EQ,)}


class NotesView(Own, ListCreateModelView):
    filter_class = NoteFilter
    ordering_fields = ('text', 'writer')


class AllView(Own, ListCreateModelView):
    pagination_class = None

    def get_query(self):
        return models.Note.select(models.Note, models.Item).join(models.Item)


class NoteView(Own, RetrieveUpdateDestroyModelView):
    pass


class TolerantView(NoteView):
    body_schema_class = TolerantSchema


class TolerantsView(Own, ListCreateModelView):
    body_schema_class = TolerantSchema


class AnyNoteView(NoteView):
    '''Finds the row without asking get_query.'''

    async def get_object(self):
        return models.Note.get_by_id(self.request.match_info['id'])


class OpenNoteView(RetrieveUpdateDestroyModelView):
    model = models.Note
    body_schema_class = NoteSchema

    async def has_object_permission(self, account, note):
        return note.is_open or note.writer == account


class ColleaguesView(ListCreateModelView):
    model = models.Note
    body_schema_class = NoteSchema
    owner_field = 'organization'

    def get_owner(self):
        return self.account.organization

    def perform_create(self, data):
        return models.Note.create(writer=self.account, **data)


class LabelledView(ListCreateModelView):
    model = models.Note
    body_schema_class = type('LabelSchema', (NoteSchema,), {
        'Meta': type('Meta', (NoteSchema.Meta,), {'dump_only': ('writer', 'organization', 'label')}),
    })
    owner_field = 'label'

    def get_owner(self):
        return self.account.name

    def perform_create(self, data):
        return models.Note.create(writer=self.account, **data)


ROUTES = [
    ('/notes', NotesView),
    ('/all', AllView),
    ('/notes/{id}', NoteView),
    ('/any/{id}', AnyNoteView),
    ('/tolerant', TolerantsView),
    ('/tolerant/{id}', TolerantView),
    ('/open/{id}', OpenNoteView),
    ('/colleagues', ColleaguesView),
    ('/labelled', LabelledView),
]
"""
ADA, BOB = {'X-API-Key': 'ada'}, {'X-API-Key': 'bob'}
MISSING = {'code': 'not_found', 'message': 'there is no note with this id', 'details': None}
VERBS = [
    ('GET', None),
    ('HEAD', None),
    ('PUT', {'text': 'mine', 'is_open': True, 'label': ''}),
    ('PATCH', {'text': 'mine'}),
    ('PATCH', {}),
    ('DELETE', None),
]


@pytest.fixture
async def client(serve, run):
    client = await serve(ROUTES, models=MODELS, settings=SETTINGS)
    await run(fill, client)
    return client


def fill(client):
    client.models = models = next(
        module for name, module in sys.modules.items() if name.startswith('sample') and name.endswith('.models')
    )
    for number, name in enumerate(('ada', 'bob')):
        organization = models.Organization.create()
        item = models.Item.create(name=name, key=name, organization=organization)
        models.Note.create(
            id=number + 1, text=f'of {name}', writer=item, organization=organization, is_open=False, label=name
        )


def state(client):
    return list(client.models.Note.select().order_by(client.models.Note.id).tuples())


@pytest.mark.parametrize(('method', 'data'), VERBS)
@pytest.mark.parametrize('path', ['/notes', '/any', '/tolerant', '/open'])
async def test_another_accounts_row_is_not_there(client, run, path, method, data):
    before = await run(state, client)
    foreign = await client.request(method, f'{path}/2', json=data, headers=ADA)
    assert foreign.status == 404
    if method != 'HEAD':
        assert await foreign.json() == MISSING
        if path != '/any':  # the answer for a row that there is not is the same
            absent = await client.request(method, f'{path}/3', json=data, headers=ADA)
            assert (absent.status, await absent.json()) == (404, MISSING)
    assert await run(state, client) == before
    own = await client.request(method, f'{path}/1', json=data, headers=ADA)
    assert own.status == (204 if method == 'DELETE' else 200)


@pytest.mark.parametrize('path', ['/notes', '/all', '/notes/1', '/open/1', '/colleagues'])
async def test_nobody_sees_nothing(client, path):
    for headers in ({}, {'X-API-Key': 'wrong'}):
        await error_of(await client.get(path, headers=headers), 401)
        await error_of(await client.post(path, json={'text': 'x'}, headers=headers), 401 if '1' not in path else 405)


@pytest.mark.parametrize(
    'path',
    [
        '/notes',
        '/all',
        '/notes?writer=2',
        '/notes?writer__not=1',
        '/notes?text=of bob',
        '/notes?ordering=-writer&page_size=100',
        '/colleagues',
        '/labelled',
    ],
)
async def test_lists_have_only_own_rows(client, path):
    for headers, name in ((ADA, 'ada'), (BOB, 'bob')):
        page = await (await client.get(path, headers=headers)).json()
        rows = page if isinstance(page, list) else page['results']
        assert {row['text'] for row in rows} <= {f'of {name}'}
        assert isinstance(page, list) or page['count'] == len(rows)
        if '?' not in path:
            assert len(rows) == 1


@pytest.mark.parametrize('path', ['/notes', '/all', '/tolerant'])
async def test_whoever_makes_a_row_owns_it(client, path):
    response = await client.post(path, json={'text': 'new'}, headers=BOB)
    assert response.status == 201
    assert (await response.json())['writer'] == 2
    assert (await client.get('/notes/3', headers=BOB)).status == 200
    assert (await client.get('/notes/3', headers=ADA)).status == 404


async def test_owner_that_is_no_account(client, run):
    for path in ('/colleagues', '/labelled'):
        response = await client.post(path, json={'text': 'new'}, headers=BOB)
        assert response.status == 201
    notes = await run(lambda: list(client.models.Note.select().where(client.models.Note.text == 'new')))
    assert [(note.organization_id, note.label) for note in notes] == [(2, ''), (None, 'bob')]


async def test_account_that_can_own_nothing(client, run):
    await run(client.models.Item.update(organization=None).execute)
    for response in (
        await client.get('/colleagues', headers=ADA),
        await client.post('/colleagues', json={'text': 'x'}, headers=ADA),
    ):
        await error_of(response, 403)


@pytest.mark.parametrize('name', ['writer', 'writer_id', 'written_by', 'id', 'organization', 'role'])
@pytest.mark.parametrize(('method', 'path'), [('POST', '/notes'), ('PUT', '/notes/1'), ('PATCH', '/notes/1')])
async def test_what_clients_may_not_write_is_refused(client, run, method, path, name):
    before = await run(state, client)
    body = await error_of(await client.request(method, path, json={'text': 'x', name: 2}, headers=ADA), 400)
    assert body['details'] == {'body': {name: ['Unknown field.']}}
    assert await run(state, client) == before


@pytest.mark.parametrize('data', [{'writer': 2}, {'writer_id': 2}, {'writer': 2, 'writer_id': 2}])
@pytest.mark.parametrize(('method', 'path'), [('POST', '/tolerant'), ('PUT', '/tolerant/1'), ('PATCH', '/tolerant/1')])
async def test_a_schema_that_lets_everything_through_does_not_let_the_owner_through(client, run, method, path, data):
    response = await client.request(method, path, json={'text': 'x', **data}, headers=ADA)
    assert response.status in (200, 201)
    assert (await response.json())['writer'] == 1
    assert [row[2] for row in await run(state, client)] in ([1, 2], [1, 2, 1])
    assert await run(lambda: client.models.Item.get(name='ada').role) == 'user'


async def test_a_changed_owner_takes_the_row_along(client, run):
    await run(client.models.Note.update(writer=2).where(client.models.Note.id == 1).execute)
    assert (await client.get('/notes/1', headers=ADA)).status == 404
    assert (await client.get('/notes/1', headers=BOB)).status == 200


async def test_object_permission_is_asked_with_account_and_row(client, run):
    await run(client.models.Note.update(is_open=True).execute)
    assert (await client.get('/open/2', headers=ADA)).status == 200
    await run(client.models.Note.update(is_open=False).execute)
    assert (await client.get('/open/2', headers=ADA)).status == 404
    assert (await client.get('/open/2', headers=BOB)).status == 200


VIEW = """
class NoteSchema(ModelSchema):
    class Meta:
        model = models.Note
        dump_only = ('writer',)

class OpenSchema(ModelSchema):
    class Meta:
        model = models.Note

class NotesView({base}):
    model = models.Note
    body_schema_class = NoteSchema
    {attributes}

ROUTES = [('/notes', NotesView)]
"""


@pytest.mark.parametrize(
    ('base', 'attributes', 'problem'),
    [
        ('ListCreateModelView', "owner_field = 'nobody'", "NotesView.owner_field: Note has no field 'nobody'"),
        ('ListCreateModelView', "owner_field = 'label'", "NotesView: 'label' refers to no account; define get_owner"),
        (
            'ListCreateModelView',
            "owner_field = 'writer'; authentication_required = False",
            'NotesView has an owner_field, so authentication_required cannot be False',
        ),
        (
            'ListCreateModelView',
            "owner_field = 'writer'; body_schema_class = OpenSchema",
            "OpenSchema lets clients write 'writer', which is the owner_field of NotesView: name it in Meta.dump_only",
        ),
        (
            'ListCreateModelView',
            'has_object_permission = lambda self, account, note: False',
            'NotesView: lists do not ask has_object_permission; define get_query or owner_field too',
        ),
    ],
)
async def test_mistakes_are_found_at_start(serve, base, attributes, problem):
    with pytest.raises(ConfigurationError, match=problem):
        await serve(VIEW.format(base=base, attributes=attributes), models=MODELS, settings=SETTINGS)


@pytest.mark.parametrize(
    'attributes',
    [
        "has_object_permission = lambda self, account, note: False; owner_field = 'writer'",
        'has_object_permission = lambda self, account, note: False; get_query = lambda self: models.Note.select()',
    ],
)
async def test_object_permissions_of_lists_that_say_what_they_show(serve, attributes):
    await serve(VIEW.format(base='ListCreateModelView', attributes=attributes), models=MODELS, settings=SETTINGS)


async def test_owners_need_accounts(serve):
    text = VIEW.format(base='ListCreateModelView', attributes="owner_field = 'writer'")
    with pytest.raises(ConfigurationError, match='AUTHENTICATION is not set, but there is an owner_field at: /notes'):
        await serve(text, models=MODELS)


async def test_account_of_another_model_owns_nothing(serve, run):
    """A row of another model may have the same number as the owner."""
    text = VIEW.format(base='ListCreateModelView', attributes="owner_field = 'writer'")
    settings = SETTINGS.replace('models.Item', 'models.Robot')
    robots = "\n\nclass Robot(persist.Model):\n    key = persist.CharField(default='robot')\n"
    client = await serve(text, models=MODELS + robots, settings=settings)
    await run(fill, client)
    await run(client.models.Robot.create)
    headers = {'X-API-Key': 'robot'}
    await error_of(await client.get('/notes', headers=headers), 403)
    await error_of(await client.post('/notes', json={'text': 'x'}, headers=headers), 403)
