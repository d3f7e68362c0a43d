"""Mistakes in views and schemas that are found at start, not at the first request."""

import pytest

from colibris.errors import ConfigurationError
from colibris.persist import CharField, Model
from colibris.schemas import ModelSchema, Schema, fields
from colibris.views import APIView, ListCreateModelView


class Thing(Model):
    name = CharField()
    secret = CharField()


class ThingSchema(ModelSchema):
    class Meta:
        model = Thing


@pytest.mark.parametrize('option', ['fields', 'exclude', 'dump_only', 'load_only'])
def test_schema_options_must_name_fields(option):
    with pytest.raises(ConfigurationError, match=f"Meta.{option} names 'sekret', but Thing has no such field"):
        type('Wrong', (ModelSchema,), {'Meta': type('Meta', (), {'model': Thing, option: ('sekret',)})})


@pytest.mark.parametrize('option', ['dump_only', 'load_only'])
def test_schema_options_must_be_tuples(option):
    with pytest.raises(ConfigurationError, match=f'Meta.{option} must be a tuple of names'):
        type('Wrong', (ModelSchema,), {'Meta': type('Meta', (), {'model': Thing, option: 'secret'})})


def test_model_views_need_a_schema():
    class View(ListCreateModelView):
        model = Thing

    with pytest.raises(ConfigurationError, match='neither response_schema_class nor body_schema_class'):
        View.check()


@pytest.mark.parametrize('name', ['body_schema_class', 'filter_class', 'create_response_schema_class'])
def test_schemas_must_be_classes(name):
    attributes = {'model': Thing, 'body_schema_class': ThingSchema, name: ThingSchema()}
    with pytest.raises(ConfigurationError, match=f'{name} must be a schema class'):
        type('View', (ListCreateModelView,), attributes).check()


def test_schemas_must_be_usable():
    class Broken(Schema):
        name = fields.String()

        class Meta:
            fields = ('nam',)

    class View(APIView):
        body_schema_class = Broken

        async def post(self):
            return await self.get_validated_body()

    with pytest.raises(ConfigurationError, match='Broken cannot be used'):
        View.check()


async def test_validation_error_of_a_view_is_400(serve):
    client = await serve("""
        from colibris.schemas import ValidationError

        def check(request):
            raise ValidationError({'name': ['Too odd.']})

        def check_all(request):
            raise ValidationError('Too odd.')

        ROUTES = [('/check', check), ('/check-all', check_all)]
    """)
    for path, details in (('/check', {'name': ['Too odd.']}), ('/check-all', ['Too odd.'])):
        response = await client.get(path)
        assert response.status == 400
        assert (await response.json())['details'] == details


async def test_a_body_that_aiohttp_cannot_read_is_400(serve):
    client = await serve("""
        import json

        async def own_json(request):
            return await request.json()

        async def stored_json(request):
            await request.read()
            return json.loads('{')

        ROUTES = [('/own', own_json, ['POST']), ('/stored', stored_json, ['POST'])]
    """)
    for body in (b'{', b'', b'\xff', '{"ä": '.encode()):
        response = await client.post('/own', data=body, headers={'Content-Type': 'application/json'})
        assert (response.status, (await response.json())['code']) == (400, 'bad_request')
    response = await client.post('/stored', data=b'{}')
    assert response.status == 500


@pytest.mark.parametrize(
    ('path', 'attributes', 'problem'),
    [
        ('/things', '', "the path has no variable 'id'"),
        ('/shops/{shop}/things/{thing}', '', "the path has no variable 'id'"),
        ('/things/{id}', "url_identifier = 'thing'", "the path has no variable 'thing'"),
        ('/things/{thing}', '', None),
        ('/shops/{shop}/things/{id}', '', None),
        ('/shops/{shop}/things/{thing}', "url_identifier = 'thing'", None),
        ('/things', 'get_object = lambda self: None', None),
    ],
)
async def test_the_path_has_to_name_the_row(serve, path, attributes, problem):
    routes = f"""
        class ItemView(RetrieveMixin, ModelView):
            model = models.Item
            body_schema_class = ItemSchema
            {attributes}

        ROUTES = [({path!r}, ItemView)]
    """
    if problem:
        with pytest.raises(ConfigurationError, match=problem):
            await serve(routes)
    else:
        await serve(routes)
