"""ROUTES and STATIC_ROUTES."""

import os
from urllib.parse import quote

import pytest
from yarl import URL

from colibris.app import create_app
from colibris.errors import ConfigurationError
from tests.views.serving import error_of


async def test_function_views(serve):
    client = await serve("""
        import functools

        def plain(request):
            return {'plain': request.method}

        async def waiting(request):
            return ['async']

        async def own(request):
            return web.Response(text='own', status=202)

        def nothing(request):
            return None

        class Callable:
            async def __call__(self, request):
                return 'called'

        def shared(word, request):
            return word

        ROUTES = [
            ('/plain', plain),
            ('/waiting', waiting),
            ('/own', own, ['post', 'PUT']),
            ('/nothing', nothing),
            ('/callable', Callable()),
            ('/partial', functools.partial(shared, 'partly')),
            ('/split', plain),
            ('/elsewhere', plain),
            ('/split', plain, ['POST']),
        ]
    """)
    for path, expected in (
        ('/plain', {'plain': 'GET'}),
        ('/waiting', ['async']),
        ('/nothing', None),
        ('/callable', 'called'),
        ('/partial', 'partly'),
    ):
        response = await client.get(path)
        assert (response.status, response.content_type, await response.json()) == (200, 'application/json', expected)
    assert await (await client.post('/own')).text() == 'own'
    assert (await client.put('/own')).status == 202
    assert (await (await client.post('/split')).json()) == {'plain': 'POST'}
    for path, allowed in (
        ('/plain', 'GET, HEAD, OPTIONS'),
        ('/own', 'OPTIONS, POST, PUT'),
        ('/split', 'GET, HEAD, OPTIONS, POST'),
    ):
        response = await client.options(path)
        assert (response.status, response.headers['Allow']) == (204, allowed)
        response = await client.delete(path)
        await error_of(response, 405)
        assert set(response.headers['Allow'].replace(' ', '').split(',')) == set(allowed.split(', '))
    assert (await client.head('/plain')).status == 200
    assert (await client.head('/own')).status == 405


@pytest.mark.parametrize('value', ['{a}', '}', 'a b', 'ä', '%', '\n', '..a', 'a:b'])
async def test_variables_match_any_text_without_a_slash(serve, value):
    client = await serve("""
        def echo(request):
            return request.match_info['word']

        ROUTES = [('/words/{word}', echo), ('/words/{word}/letters', echo)]
    """)
    for rest in ('', '/letters'):
        url = URL(f'/words/{quote(value, safe="")}{rest}', encoded=True)
        assert await (await client.session.get(client.make_url('/').join(url))).json() == value
    assert (await client.get('/words/')).status == 404


async def test_aiohttp_definitions(serve):
    client = await serve("""
        ROUTES = web.RouteTableDef()

        @ROUTES.get('/named', name='by-name')
        async def named(request):
            return str(request.app.router['by-name'].url_for())

        @ROUTES.view('/aiohttp')
        class AiohttpView(web.View):
            async def get(self):
                return web.json_response('aiohttp')

        class OursView(View):
            authentication_required = False

            def get(self):
                return 'ours'

        async def post(request):
            return await request.json()

        ROUTES = [*ROUTES, web.view('/ours', OursView), web.post('/post', post)]
    """)
    assert await (await client.get('/named')).json() == '/named'
    assert await (await client.get('/aiohttp')).json() == 'aiohttp'
    assert (await (await client.get('/ours')).json()) == 'ours'
    assert await (await client.post('/post', json=[1])).json() == [1]
    await error_of(await client.post('/aiohttp'), 405)


@pytest.mark.parametrize(
    ('routes', 'problem'),
    [
        ('[5]', r'5 is no \(path, view\)'),
        ("[('/x',)]", r"\('/x',\) is no \(path, view\)"),
        ("[('x', view)]", "the path 'x' does not start with '/'"),
        ('[(5, view)]', "the path 5 does not start with '/'"),
        ("[('/x', 'view')]", "what answers '/x' is neither a function nor a view class: 'view'"),
        ("[('/x', int)]", "what answers '/x' is neither"),
        ("[('/x', view, 'POST')]", "'/x': 'POST' is no list of HTTP methods"),
        ("[('/x', view, ['FETCH'])]", 'is no list of HTTP methods'),
        ("[('/x', view, [])]", 'is no list of HTTP methods'),
        (
            "[('/x', OrganizationsView, ['GET'])]",
            'OrganizationsView is a class, and answers the methods that it defines',
        ),
        (
            "[('/x', view), ('/y', view), ('/x', view, ['GET', 'POST'])]",
            "the path '/x' cannot be routed: GET is answered twice",
        ),
        ("[('/x', view, ['POST']), ('/x', OrganizationsView)]", 'a view class answers every method of its path'),
        ("[('/x/{', view)]", "the path '/x/{' cannot be routed"),
        ("[('/x', NoMethodView)]", 'NoMethodView answers no method'),
        ("[('/x', NoModelView)]", 'NoModelView has no model'),
        ("[('/x', NoFieldView)]", "Organization has no field 'colour'"),
        ("[('/x', NoOrderView)]", "Organization has no field 'taste'"),
    ],
)
async def test_wrong_routes(serve, routes, problem):
    with pytest.raises(ConfigurationError, match=problem):
        await serve(f"""
            def view(request):
                return None

            class OrganizationsView(ListMixin, ModelView):
                model = models.Organization
                body_schema_class = OrganizationSchema

            class NoMethodView(View):
                pass

            class NoModelView(ListMixin, ModelView):
                pass

            class NoFieldView(OrganizationsView):
                lookup_field = 'colour'

            class NoOrderView(OrganizationsView):
                ordering_fields = ['name', 'taste']

            ROUTES = {routes}
        """)


async def test_every_wrong_route_is_named(serve):
    with pytest.raises(ConfigurationError) as caught:
        await serve("ROUTES = [5, ('x', int)]")
    assert len(str(caught.value).splitlines()) == 2


def test_project_without_routes(project):
    project()
    with pytest.raises(ConfigurationError, match='the project has no module'):
        create_app()


async def test_static_routes(serve, tmp_path):
    public = tmp_path / 'public'
    public.mkdir()
    (tmp_path / 'secret.txt').write_text('secret')
    (public / 'page.txt').write_text('hello')
    os.symlink(tmp_path / 'secret.txt', public / 'link.txt')
    client = await serve(f"""
        ROUTES = []
        STATIC_ROUTES = [('/static', {str(public)!r}), ('/own', '.')]
    """)
    response = await client.get('/static/page.txt')
    assert (response.status, await response.text()) == (200, 'hello')
    assert response.headers['X-Request-ID']
    assert (await client.get('/own/models.py')).status == 200
    assert (await client.head('/static/page.txt')).status == 200
    for path in (
        '/static/../secret.txt',
        '/static/%2e%2e/secret.txt',
        '/static/..%2fsecret.txt',
        '/static/%2e%2e%2f%2e%2e%2fetc/passwd',
        '/static//etc/passwd',
        '/static/link.txt',
        '/static/%00',
        '/static/missing',
        '/static',
        '/static/',
        '/own/__pycache__',
        '/static/' + 'x' * 1000,
    ):
        await error_of(await client.get(URL(path, encoded=True)), 404)
    await error_of(await client.post('/static/page.txt'), 405)


@pytest.mark.parametrize(
    ('routes', 'problem'),
    [
        (
            "[('/static', '/nowhere/at/all')]",
            "STATIC_ROUTES: '/static' cannot be served: '/nowhere/at/all' is no directory",
        ),
        ("[('/static', 'models.py')]", 'is no directory'),
        ("[('static', '.')]", r"STATIC_ROUTES: \('static', '.'\) is no \(prefix, directory\)"),
        ("['/static']", r"STATIC_ROUTES: '/static' is no \(prefix, directory\)"),
        ("[('/static', 5)]", 'STATIC_ROUTES'),
    ],
)
async def test_wrong_static_routes(serve, routes, problem):
    with pytest.raises(ConfigurationError, match=problem):
        await serve(f'ROUTES = []\nSTATIC_ROUTES = {routes}')
