"""Plans: what is decided about requests before they come, told as it is."""

import pytest

from colibris import persist
from colibris.app.pipeline import PIPELINE, steps_for
from colibris.views.plans import Hook, Part, plan_of
from colibris.views.routing import ENDPOINTS

from .model_items import ROUTES
from .serving import MODELS

OWN_MODELS = """


class Plain(persist.Model):
    name = persist.CharField()


class Chosen(persist.Model):
    name = persist.CharField()

    @classmethod
    def select(cls, *fields):
        return super().select(*fields).where(cls.name != 'hidden')


class Made(persist.Model):
    name = persist.CharField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


class Inserted(persist.Model):
    name = persist.CharField()

    @classmethod
    def insert(cls, *args, **kwargs):
        return super().insert(*args, **kwargs)


class Saved(persist.Model):
    name = persist.CharField()

    def save(self, *args, **kwargs):
        return super().save(*args, **kwargs)


class Got(persist.Model):
    name = persist.CharField()

    @classmethod
    def get(cls, *args, **kwargs):
        return super().get(*args, **kwargs)


class Paired(persist.Model):
    name = persist.CharField()
    number = persist.IntegerField(default=1)

    class Meta:
        primary_key = persist.CompositeKey('name', 'number')


OWN = [Plain, Chosen, Made, Inserted, Saved, Got, Paired]
"""
WITH_HOOKS = """
from marshmallow import post_dump, post_load, pre_dump, pre_load, validates, validates_schema


def with_hook(name, hook):
    function = lambda self, data, **kwargs: data
    return type(name, (ItemSchema,), {'Meta': ItemSchema.Meta, 'hook': hook(function)})


PreLoad, PostLoad = with_hook('PreLoad', pre_load), with_hook('PostLoad', post_load)
PreDump, PostDump = with_hook('PreDump', pre_dump), with_hook('PostDump', post_dump)
Checked, Validated = with_hook('Checked', validates('name')), with_hook('Validated', validates_schema)


class OwnAttributes(ItemSchema):
    def get_attribute(self, obj, attr, default):
        return super().get_attribute(obj, attr, default)


class Computed(ItemSchema):
    title = fields.Method('make_title', dump_only=True)

    def make_title(self, item):
        return item.name.title()


class Far(ItemSchema):
    place = fields.String(attribute='organization.name', dump_only=True)


class Placed(ItemSchema):
    organization = fields.Nested(OrganizationSchema)


class Told(ItemSchema):
    word = fields.String(attribute='loud_name', dump_only=True)
"""
SCHEMAS = [
    ('PreLoad', ('body', 'general', 'PreLoad has pre_load: hook')),
    ('PostLoad', ('body', 'general', 'PostLoad has post_load: hook')),
    ('PostLoad', ('answer', 'compiled')),
    ('PreDump', ('body', 'compiled')),
    ('PreDump', ('answer', 'general', 'PreDump has pre_dump: hook')),
    ('PostDump', ('answer', 'general', 'PostDump has post_dump: hook')),
    ('Checked', ('body', 'general', 'Checked has validates: hook')),
    ('Validated', ('body', 'general', 'Validated has validates_schema: hook')),
    ('OwnAttributes', ('answer', 'general', 'OwnAttributes overrides get_attribute')),
    ('Computed', ('answer', 'compiled in part', 'title: nothing is known about Method')),
    ('Far', ('answer', 'compiled in part', 'place: Item.organization.name is not simply a column')),
    ('Placed', ('answer', 'compiled')),
    ('Told', ('answer', 'compiled in part', 'word: Item.loud_name is not simply a column')),
]
KEYS = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': '__packagename__.models.Organization',
    'key_field': 'name',
}
"""
VIEWS = """
def add(model):
    Shown = type('Shown', (ModelSchema,), {'Meta': type('Meta', (), {'model': model, 'fields': ('name',)})})
    common = {'model': model, 'body_schema_class': Shown}
    many = type('ManyView', (ListCreateModelView,), common)
    one = type('OneView', (RetrieveMixin, ModelView), {**common, 'lookup_field': 'name'})
    return [(f'/{model.__name__}', many), (f'/{model.__name__}/{{name}}', one)]


ROUTES = [route for model in models.OWN for route in add(model)]
"""
OWN = """
class Price(fields.Decimal):
    def _serialize(self, value, *args, **kwargs):
        return str(value)


class Limit(Schema):
    class Meta:
        unknown = 'include'


class OwnSchema(ItemSchema):
    price = Price()


class LoudSchema(ItemSchema):
    def load(self, *args, **kwargs):
        return super().load(*args, **kwargs)

    def dump(self, *args, **kwargs):
        return super().dump(*args, **kwargs)


class ItemFilter(ModelFilter):
    class Meta:
        model = models.Item
        fields = {'name': (operators.EQ,)}


class ListView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema


class CreateView(CreateMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema


class OneView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = ItemSchema


class BodyView(APIView):
    body_schema_class = ItemSchema
    query_schema_class = Limit

    def post(self):
        return 'done'


class View(__base__):
    __own__


ROUTES = [('/view/{id}', View)]
"""


def plan(client, path, method):
    app = client.app
    endpoint = next(endpoint for endpoint in app[ENDPOINTS] if endpoint.path == path)
    return plan_of(endpoint, method, steps_for(app[PIPELINE].steps, endpoint.view, method))


def part(found, name):
    return next(item for item in found.parts if item.name == name)


async def test_plain_declarations_are_compiled(serve):
    client = await serve(ROUTES)
    compiled = Part('answer', 'ItemSchema', 'compiled')
    body = Part('body', 'ItemSchema', 'compiled')
    row = Part('row', 'Item.id', 'looked up directly')
    assert plan(client, '/items', 'GET').parts == (
        Part('query', 'PageParameters', 'compiled'),
        Part('list', 'Item', 'the same query for all requests'),
        Part('rows', 'Item', 'made in one step'),
        compiled,
    )
    assert plan(client, '/items', 'POST').parts == (body, Part('insert', 'Item', 'inserted directly'), compiled)
    assert plan(client, '/items/{id}', 'GET').parts == (row, compiled)
    assert plan(client, '/items/{id}', 'PUT').parts == (body, row, compiled)
    assert plan(client, '/items/{id}', 'PATCH').parts == (body, row, compiled)
    assert plan(client, '/items/{id}', 'DELETE').parts == (row,)
    assert not any(plan(client, path, 'GET').hooks for path in ('/items', '/items/{id}'))


async def test_the_steps_are_those_of_the_way(serve):
    client = await serve(ROUTES, settings='DEBUG = False\nETAGS = True\n')
    before = ('identify_operation', 'answer_conditionally', 'drive_request')
    assert plan(client, '/items', 'GET').steps[:3] == before
    assert plan(client, '/items', 'POST').steps[:2] == (before[0], before[2])
    assert plan(client, '/items', 'GET').view.endswith('.routes.ItemsView')


@pytest.mark.parametrize(
    ('base', 'own', 'method', 'expected'),
    [
        ('ListView', 'filter_class = ItemFilter', 'GET', ('list', 'a query for each request', 'filter_class is set')),
        (
            'ListView',
            "search_fields = ordering_fields = ('name',)",
            'GET',
            ('list', 'a query for each request', 'search_fields is set', 'ordering_fields is set'),
        ),
        (
            'ListView',
            'def get_query(self): return models.Item.select()',
            'GET',
            ('list', 'a query for each request', 'View overrides get_query'),
        ),
        ('ListView', 'def dump(self, *args): return {}', 'GET', ('answer', 'own', 'View.dump')),
        ('ListView', 'def dump_many(self, items): return []', 'GET', ('answer', 'own', 'View.dump_many')),
        ('ListView', 'def load_query(self, schema): return {}', 'GET', ('query', 'own', 'View.load_query')),
        (
            'OneView',
            'def find_rows(self): return models.Item.select()',
            'DELETE',
            ('row', 'looked up by a query', 'View overrides find_rows'),
        ),
        (
            'OneView',
            'sees_all_rows = classmethod(lambda cls: False)',
            'GET',
            ('row', 'looked up by a query', 'View overrides sees_all_rows'),
        ),
        ('OneView', 'def get_object(self): return None', 'PUT', ('row', 'own', 'View.get_object')),
        (
            'OneView',
            'async def get_validated_body(self): return {}',
            'PATCH',
            ('body', 'own', 'View.get_validated_body'),
        ),
        ('CreateView', 'def perform_create(self, data): return None', 'POST', ('insert', 'own', 'View.perform_create')),
        (
            'CreateView',
            'body_schema_class = OwnSchema',
            'POST',
            ('answer', 'compiled in part', 'price: Price overrides _serialize'),
        ),
        ('CreateView', 'body_schema_class = OwnSchema', 'POST', ('body', 'compiled')),
        ('CreateView', 'create_response_schema_class = OrganizationSchema', 'POST', ('answer', 'compiled')),
        ('CreateView', 'body_schema_class = LoudSchema', 'POST', ('body', 'general', 'LoudSchema overrides load')),
        ('CreateView', 'body_schema_class = LoudSchema', 'POST', ('answer', 'general', 'LoudSchema overrides dump')),
        (
            'BodyView',
            'async def get_validated_query(self): return {}',
            'POST',
            ('query', 'own', 'View.get_validated_query'),
        ),
        (
            'ListView',
            'async def get_validated_query(self): return {}',
            'GET',
            ('query', 'compiled'),
        ),
        ('BodyView', '', 'POST', ('query', 'general', 'it takes parameters that it does not know')),
        ('BodyView', '', 'POST', ('body', 'compiled')),
        *(('CreateView', f'body_schema_class = {name}', 'POST', expected) for name, expected in SCHEMAS),
    ],
)
async def test_what_is_overridden_is_told(serve, base, own, method, expected):
    models = MODELS + '\n    loud_name = property(lambda self: self.name.upper())\n'
    views = WITH_HOOKS + OWN.replace('__base__', base).replace('__own__', own or 'pass')
    client = await serve(views, models=models)
    found = part(plan(client, '/view/{id}', method), expected[0])
    assert (found.name, found.way, *found.reasons) == expected


async def test_rows_that_belong_to_accounts_are_looked_up_by_a_query(serve):
    own = """
    body_schema_class = OrganizationSchema
    response_schema_class = ItemSchema
    owner_field = 'organization'
    """
    client = await serve(OWN.replace('__base__', 'OneView').replace('__own__', own), settings=KEYS)
    row = part(plan(client, '/view/{id}', 'GET'), 'row')
    assert row == Part('row', 'Item.id', 'looked up by a query', ("owner_field is 'organization'",))


async def test_hooks_are_told_where_they_matter(serve):
    own = """
    def has_object_permission(self, account, instance):
        return True

    def perform_update(self, instance, data):
        return instance

    async def put(self):
        return await super().put()
    """
    client = await serve(OWN.replace('__base__', 'OneView').replace('__own__', own))
    asked = Hook('View.has_object_permission', 'is asked about the row')
    changes = Hook('View.perform_update', 'changes the row')
    answers = Hook('View.put', 'answers; the parts hold as far as it calls them')
    assert plan(client, '/view/{id}', 'GET').hooks == (asked,)
    assert plan(client, '/view/{id}', 'PATCH').hooks == (asked, changes)
    assert plan(client, '/view/{id}', 'PUT').hooks == (answers, asked, changes)


async def test_functions_have_no_parts_but_what_decorators_describe(serve):
    routes = """
    from aiohttp_apispec import querystring_schema, request_schema


    def plain(request):
        return 'hello'


    @querystring_schema(OrganizationSchema)
    @request_schema(ItemSchema)
    async def described(request):
        return 'hello'


    ROUTES = [('/plain', plain), ('/described', described, ['POST'])]
    """
    client = await serve(routes)
    assert plan(client, '/plain', 'GET').parts == ()
    assert 'handle_schema_validation' not in plan(client, '/plain', 'GET').steps
    found = plan(client, '/described', 'POST')
    assert 'handle_schema_validation' in found.steps
    assert part(found, 'body') == Part('body', 'ItemSchema', 'compiled')
    assert part(found, 'querystring').way == 'general'


DIRECT = {
    'Plain': ('looked up directly', 'inserted directly'),
    'Chosen': ('looked up by a query', 'inserted directly'),
    'Made': ('looked up by a query', 'inserted directly'),
    'Inserted': ('looked up directly', 'inserted by Peewee'),
    'Saved': ('looked up directly', 'own'),
    'Got': ('own', 'inserted directly'),
    'Paired': ('looked up directly', 'inserted by Peewee'),
}


@pytest.mark.parametrize(('name', 'ways'), DIRECT.items())
async def test_plan_and_requests_agree(serve, monkeypatch, name, ways):
    client = await serve(VIEWS, models=MODELS + OWN_MODELS)
    row = part(plan(client, f'/{name}/{{name}}', 'GET'), 'row')
    insert = part(plan(client, f'/{name}', 'POST'), 'insert')
    assert (row.way, insert.way) == ways
    left_to_peewee, database = [], persist.get_database()
    execute = database.execute
    monkeypatch.setattr(database, 'execute', lambda query, **kwargs: (left_to_peewee.append(query), execute(query))[1])
    response = await client.post(f'/{name}', json={'name': 'Ada'})
    assert (response.status, bool(left_to_peewee)) == (201, insert.way == 'inserted by Peewee')
    left_to_peewee.clear()
    response = await client.get(f'/{name}/Ada')
    assert (response.status, await response.json()) == (200, {'name': 'Ada'})
    assert bool(left_to_peewee) == (row.way == 'looked up by a query')


async def test_rows_that_peewee_makes_are_told(serve):
    client = await serve(VIEWS, models=MODELS + OWN_MODELS)
    rows = part(plan(client, '/Made', 'GET'), 'rows')
    assert (rows.way, rows.reasons) == ('made by Peewee', ('Made, or a field of it, works in a way of its own',))
