"""Streams of server-sent events."""

import asyncio
import logging

import pytest

from colibris.errors import ConfigurationError
from colibris.views import Event, EventStream
from colibris.views.shutdown import SHUTDOWN
from tests.views.serving import error_of

ROUTES = """
import asyncio

from colibris import api

closed = asyncio.Event()


class EventsView(EventStream):
    authentication_required = False
    heartbeat_seconds = 0.05


class FewView(EventsView):
    async def events(self):
        for number in range(3):
            yield {'number': number, 'last': self.last_event_id}
        yield Event('two\\nlines', event='text', id='7', retry=100)


class RowsView(EventsView):
    async def events(self):
        for number in range(20):
            models.Organization.create(name=str(number))
            await asyncio.sleep(0)
        with persist.atomic():
            yield [row.name for row in models.Organization.select()][-1]
            yield models.Organization.select().count()


class QuietView(EventsView):
    async def events(self):
        try:
            yield 'first'
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            closed.set()


class EndlessView(EventsView):
    async def events(self):
        try:
            while True:
                yield 'x' * 100_000
        finally:
            closed.set()


class CheckedView(EventsView):
    async def events(self):
        if 'key' not in self.request.query:
            raise api.InvalidRequest('no key')
        return FewView.events(self)


class FailingView(EventsView):
    async def events(self):
        yield 'first'
        raise ConnectionResetError('of something else')


class UnprintableView(EventsView):
    async def events(self):
        yield object()


class PrivateView(QuietView):
    authentication_required = True
    permissions = {'admin'}


def was_closed(request):
    return closed.is_set()


VIEWS = [
    FewView, RowsView, QuietView, EndlessView, CheckedView, FailingView, UnprintableView,
]
ROUTES = [*((f'/{view.__name__[:-4].lower()}', view) for view in VIEWS), ('/closed', was_closed)]
"""


@pytest.fixture
async def client(serve):
    return await serve(ROUTES)


async def wait_until_closed(client):
    async with asyncio.timeout(30):
        while not await (await client.get('/closed')).json():
            await asyncio.sleep(0.01)


async def test_events(client):
    response = await client.get('/few', headers={'Last-Event-ID': '5'})
    assert response.content_type == 'text/event-stream'
    assert response.headers['Cache-Control'] == 'no-cache'
    assert (await response.text()).replace(':\n\n', '') == (
        'data: {"number":0,"last":"5"}\n\ndata: {"number":1,"last":"5"}\n\ndata: {"number":2,"last":"5"}\n\n'
        'event: text\nid: 7\nretry: 100\ndata: two\ndata: lines\n\n'
    )
    assert '"last":null' in await (await client.get('/few')).text()


async def test_plain_peewee(client, caplog):
    text = (await (await client.get('/rows')).text()).replace(':\n\n', '')
    assert text == 'data: 19\n\ndata: 20\n\n'
    assert 'repeats itself' not in caplog.text


async def test_heartbeats(client):
    response = await client.get('/quiet')
    lines = [await response.content.readline() for _ in range(8)]
    assert lines == [b':\n', b'\n', b'data: first\n', b'\n', b':\n', b'\n', b':\n', b'\n']


@pytest.mark.parametrize('path', ['/quiet', '/endless'])
async def test_a_client_that_goes(client, path):
    response = await client.get(path)
    await response.content.readline()
    response.close()
    await wait_until_closed(client)


async def test_the_end_of_the_application(client):
    response = await client.get('/quiet')
    await response.content.readline()
    client.app[SHUTDOWN].begin()
    await response.content.read()
    await wait_until_closed(client)
    assert await (await client.get('/quiet')).text() in ('', ':\n\n', ':\n\ndata: first\n\n')


async def test_the_end_of_the_application_with_a_client_that_does_not_read(client):
    response = await client.get('/endless')
    await response.content.readline()
    client.app[SHUTDOWN].begin()
    await wait_until_closed(client)
    response.close()


async def test_errors_before_the_first_event(client):
    assert (await error_of(await client.get('/checked'), 400))['message'] == 'no key'
    assert 'number' in await (await client.get('/checked?key=1')).text()


@pytest.mark.parametrize(('path', 'message'), [('/failing', 'of something else'), ('/unprintable', 'no form in JSON')])
async def test_errors_later(client, caplog, path, message):
    caplog.set_level(logging.ERROR)
    response = await client.get(path)
    with pytest.raises(Exception, match=r'payload|closed|disconnected'):
        await response.read()
    assert message in str(caplog.records[-1].exc_info[1].__cause__)


async def test_head(client):
    response = await client.head('/quiet')
    assert (response.status, response.content_type) == (200, 'text/event-stream')


async def test_permissions(serve):
    settings = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.Item',
    'key_field': 'name',
}
AUTHORIZATION = {'backend': 'colibris.authorization.role.RoleBackend', 'role_field': 'kind'}
"""
    client = await serve(f"{ROUTES}\nROUTES = [('/private', PrivateView)]", settings=settings)
    await error_of(await client.get('/private'), 401)


@pytest.mark.parametrize(
    ('event', 'text'),
    [
        (Event(), 'data: null\n\n'),
        (Event(''), 'data: \n\n'),
        (Event('a\r\nb\rc\n'), 'data: a\ndata: b\ndata: c\ndata: \n\n'),
        (Event({'a': 'ä\n'}, id=''), 'id: \ndata: {"a":"ä\\n"}\n\n'),
        (Event('\ud800'), 'data: ?\n\n'),
    ],
)
def test_text(event, text):
    assert event.encode().decode() == text


@pytest.mark.parametrize('name', ['event', 'id'])
@pytest.mark.parametrize('value', ['a\nb', 'a\rb', 'a\0b'])
def test_what_could_forge_an_event(name, value):
    with pytest.raises(ValueError, match=f'the {name} of an event must be one line'):
        Event(**{name: value})


def test_checks():
    class Nothing(EventStream):
        pass

    class Hasty(EventStream):
        heartbeat_seconds = 0

        def events(self):
            return iter(())

    for view, problem in ((Nothing, 'no method events'), (Hasty, 'heartbeat_seconds must be positive')):
        with pytest.raises(ConfigurationError, match=problem):
            view.check()
