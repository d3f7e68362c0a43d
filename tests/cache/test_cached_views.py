"""The decorator ``cached`` on views: nobody gets the answer of another account."""

import asyncio
import importlib

import pytest

from colibris import cache
from colibris.conf import settings

SETTINGS = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.Item',
    'key_field': 'name',
}
CACHE = {'backend': 'colibris.cache.locmem.LocMemBackend'}
"""
ROUTES = """
from colibris import cache
from colibris.api import NotFound
from colibris.schemas import Schema

calls = []


def answer(request, **more):
    calls.append(request.method)
    account = get_account(request)
    return {'for': account and account.name, 'query': dict(request.query), 'call': len(calls), **more}


@cache.cached(60)
def function(request):
    return answer(request)


@cache.cached(60)
async def coroutine(request):
    return answer(request)


@cache.cached(60, key='everybody', shared=True)
def shared(request):
    return answer(request)


@cache.cached(60, key='named')
def named(request):
    return answer(request)


@cache.cached(60, vary=['X-Unit'])
def unit(request):
    return answer(request, unit=request.headers.get('X-Unit'))


@cache.cached(60)
def responding(request):
    calls.append(1)
    status, headers = int(request.query.get('status', 200)), dict(request.query)
    headers.pop('status', None)
    return web.Response(body=b'\\xff%d' % len(calls), status=status, headers=headers, content_type='image/x')


@cache.cached(60)
def cookie(request):
    calls.append(1)
    response = web.Response(text=str(len(calls)))
    response.set_cookie('session', 'secret')
    return response


@cache.cached(60)
def stream(request):
    calls.append(1)
    return web.FileResponse(__file__)


@cache.cached(60)
def failing(request):
    calls.append(1)
    if len(calls) < 3:
        raise web.HTTPNotFound if len(calls) == 1 else NotFound
    return len(calls)


class Base(APIView):
    authentication_required = False

    @cache.cached(60)
    async def get(self):
        return answer(self.request, view=type(self).__name__)

    @cache.cached(60)
    def post(self):
        return answer(self.request)


class Derived(Base):
    pass


class ItemSchema(ModelSchema):
    class Meta:
        model = models.Item
        fields = ('name',)


class Items(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema

    @cache.cached(60)
    async def get(self):
        calls.append(1)
        return await super().get()


ROUTES = [
    ('/function', function), ('/coroutine', coroutine), ('/shared', shared), ('/named', named), ('/unit', unit),
    ('/responding', responding), ('/cookie', cookie), ('/stream', stream), ('/failing', failing),
    ('/posting', function, ['POST', 'GET']), ('/base', Base), ('/derived', Derived), ('/items', Items),
]
"""
ADA = {'Authorization': 'Bearer ada'}
BOB = {'X-API-Key': 'bob'}


@pytest.fixture
async def client(serve, run):
    client = await serve(ROUTES, settings=SETTINGS)
    await run(make_accounts)
    return client


def make_accounts():
    models = importlib.import_module(f'{settings.PROJECT_PACKAGE_NAME}.models')
    for name in ('ada', 'bob'):
        models.Item.create(name=name)


async def get(client, path, headers=None, method='GET'):
    response = await client.request(method, path, headers=headers)
    return await response.json()


@pytest.mark.parametrize('path', ['/function', '/coroutine', '/base'])
async def test_each_account_has_answers_of_its_own(client, path):
    anonymous, ada, bob = [await get(client, path, headers) for headers in (None, ADA, BOB)]
    assert [anonymous['for'], ada['for'], bob['for']] == [None, 'ada', 'bob']
    assert [await get(client, path, headers) for headers in (None, ADA, BOB)] == [anonymous, ada, bob]


@pytest.mark.parametrize('path', ['/function', '/base'])
async def test_what_makes_a_difference(client, path):
    first = await get(client, path)
    assert await get(client, path) == first
    others = [
        await get(client, f'{path}?a=1'),
        await get(client, f'{path}?a=2'),
        await get(client, path, {'Accept-Language': 'ro'}),
        await get(client, path, {'Cookie': 'session=1'}),
        await get(client, path, {'Authorization': 'Basic x'}),
        await get(client, path, {'X-API-Key': 'nobody'}),
        await get(client, path, {'Host': 'example.com'}),
    ]
    assert [other['call'] for other in others] == list(range(2, 9))
    assert (await get(client, path, {'X-Other': '1'})) == first


async def test_each_class_has_answers_of_its_own(client):
    assert [(await get(client, path))['view'] for path in ('/base', '/derived') * 2] == ['Base', 'Derived'] * 2


async def test_shared_answers(client, run):
    first = await get(client, '/shared', ADA)
    assert first == await get(client, '/shared?x=1', BOB) == await get(client, '/shared')
    await run(cache.delete, 'everybody')
    assert await get(client, '/shared', BOB) != first


async def test_a_key_replaces_the_url_and_not_the_account(client):
    ada, bob = await get(client, '/named', ADA), await get(client, '/named', BOB)
    assert (ada['for'], bob['for']) == ('ada', 'bob')
    assert await get(client, '/named?x=1', ADA) == ada


async def test_headers_that_make_a_difference(client):
    metres, feet = [await get(client, '/unit', {'X-Unit': name, 'Accept-Language': 'ro'}) for name in ('m', 'ft')]
    assert (metres['unit'], feet['unit']) == ('m', 'ft')
    assert await get(client, '/unit', {'X-Unit': 'm', 'Accept-Language': 'en'}) == metres


async def test_only_reading_is_cached(client):
    for path in ('/posting', '/base'):
        assert await get(client, path, method='POST') != await get(client, path, method='POST')
    response = await client.head('/function')
    assert response.status == 200
    assert await get(client, '/function') == await get(client, '/function')


async def test_responses(client):
    first, second = [await client.get('/responding?X-Mine=1') for _ in range(2)]
    assert await first.read() == await second.read() == b'\xff1'
    for response in (first, second):
        assert (response.headers['X-Mine'], response.content_type) == ('1', 'image/x')


@pytest.mark.parametrize(
    'path',
    [
        '/responding?status=201',
        '/responding?status=404',
        '/responding?Cache-Control=max-age=0,%20No-Store',
        '/responding?Vary=X-Unit',
        '/responding?Vary=*',
        '/responding?Set-Cookie=a=b',
        '/cookie',
    ],
)
async def test_answers_that_are_not_kept(client, path):
    first, second = [await (await client.get(path)).read() for _ in range(2)]
    assert first != second


@pytest.mark.parametrize('path', ['/responding?Cache-Control=private', '/responding?Vary=accept,%20Cookie'])
async def test_answers_that_are_kept(client, path):
    first, second = [await (await client.get(path)).read() for _ in range(2)]
    assert first == second


async def test_streams(client):
    first, second = [await (await client.get('/stream')).text() for _ in range(2)]
    assert first == second
    assert 'def stream' in first


async def test_errors(client):
    assert [(await client.get('/failing')).status for _ in range(3)] == [404, 404, 200]
    assert await get(client, '/failing') == 3


async def test_many_at_once(client):
    answers = await asyncio.gather(*(get(client, '/coroutine', ADA) for _ in range(30)))
    assert answers == [answers[0]] * 30
    statuses = await asyncio.gather(*(client.get('/responding?status=404') for _ in range(30)))
    assert len({await response.read() for response in statuses}) == 30


async def test_model_views(client):
    first, second = [await get(client, '/items', ADA) for _ in range(2)]
    assert first == second
    assert {item['name'] for item in first['results']} == {'ada', 'bob'}


@pytest.mark.parametrize('account', ['object()', 'type("Account", (), {"id": None})()'])
async def test_accounts_that_nothing_tells_from_others(serve, account):
    client = await serve(
        """
        from colibris import cache

        view = cache.cached(60, key='view')(lambda request: 1)
        shared = cache.cached(60, key='shared', shared=True)(lambda request: 1)
        ROUTES = [('/view', view), ('/shared', shared)]
        """,
        settings="AUTHENTICATION = {'backend': '__packagename__.authentication.Backend'}\n",
        authentication=f"""
        from colibris.authentication import AuthenticationBackend

        class Backend(AuthenticationBackend):
            def authenticate(self, request):
                return {account}
        """,
    )
    response = await client.get('/view')
    assert response.status == 500
    assert 'from others: it needs an id, or cached() shared=True' in await response.text()
    assert await get(client, '/shared') == 1


async def test_documents_and_permissions_see_the_view_itself(client):
    document = await get(client, '/api/docs/openapi.json')
    assert set(document['paths']['/base']) >= {'get', 'post'}
    assert (await client.get('/items')).status == 401
