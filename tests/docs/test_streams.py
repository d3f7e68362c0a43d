"""What the document says of views that go on: events and websockets; and of errors from outside of a view."""

from colibris.api.envelope import MetaEnvelope, ProblemDetails
from colibris.schemas import ModelSchema
from colibris.views import EventStream, ListMixin, ModelView, RetrieveMixin, WebSocketView
from tests.docs.conftest import resolve
from tests.docs.models import Item


class CountView(EventStream):
    """Count."""

    async def events(self):
        yield 1


class EchoView(WebSocketView):
    """Say it again."""

    async def serve(self, socket):
        pass


class ItemSchema(ModelSchema):
    class Meta:
        model = Item


class ItemView(RetrieveMixin, ModelView):
    model = Item
    body_schema_class = ItemSchema


class ProblemView(ItemView):
    envelope_class = ProblemDetails


class MetaView(ItemView):
    envelope_class = MetaEnvelope


class MetaItemsView(ListMixin, ModelView):
    model = Item
    body_schema_class = ItemSchema
    envelope_class = MetaEnvelope


def reference(name):
    return {'$ref': f'#/components/schemas/{name}'}


def test_streams_of_events(operation):
    described = operation('/count', CountView)
    assert described['responses'] == {
        '200': {'description': 'A stream of events.', 'content': {'text/event-stream': {}}}
    }


def test_websockets(with_accounts, operation):
    responses = operation('/echo', EchoView)['responses']
    assert set(responses) == {'101', '400', '401', '426'}


def test_paths_that_lead_nowhere_have_the_envelope_of_the_project(document):
    made = document(('/problems/{id}', ProblemView), ('/metas/{id}', MetaView), ('/items/{id}', ItemView))

    def content(path):
        return resolve(made, made['paths'][path]['get']['responses']['404'])['content']

    assert {kind: media['schema'] for kind, media in content('/problems/{id}').items()} == {
        'application/problem+json': reference('ErrorInProblemDetails'),
        'application/json': reference('Error'),
    }
    assert content('/metas/{id}')['application/json']['schema'] == {
        'anyOf': [reference('ErrorInMetaEnvelope'), reference('Error')]
    }
    assert content('/items/{id}')['application/json']['schema'] == reference('Error')


def test_queries_may_be_too_long(document):
    made = document(('/metas', MetaItemsView))
    refusal = resolve(made, made['paths']['/metas']['get']['responses']['431'])
    assert refusal['content']['application/json']['schema'] == reference('Error')
