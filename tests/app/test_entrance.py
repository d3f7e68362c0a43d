"""How requests come in: by the entrance of the server, as by aiohttp's own way."""

import asyncio

import pytest
from aiohttp import web

from colibris.app import create_app
from colibris.app.entrance import make_entrance
from colibris.app.pipeline import PIPELINE, Pipeline
from colibris.serving.protocol import Runner

ROUTES = """
from aiohttp import web

def tell(request):
    info = request.match_info
    return {'route': info.route.resource.canonical, 'variables': dict(info), 'query': dict(request.query),
            'app': request.app is request.config_dict.maps[0]}

class View(web.View):
    async def get(self):
        return web.json_response(tell(self.request))

    async def post(self):
        return web.json_response({'length': len(await self.request.read())})

def other(request):
    return {'route': 'other'}

ROUTES = [
    ('/', tell), ('/plain', tell), ('/view', View), ('/a/b', tell), ('/a/{name}', tell), ('/{name}/b', other),
    ('/caf\\u00e9', tell), ('/two', tell, ['GET']), ('/two', other, ['POST']), ('/tail/{rest:.*}', tell),
]
"""
EXPECTING = 'POST /view HTTP/1.1\r\nHost: x\r\nExpect: {}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab'
PATHS = """
    / /plain /view /a/b /a/c /c/b /two /tail/ /tail/x/y /plain?a=1&b=%20 /plain/ //plain /./plain /a/../plain /plain#x
    /%70lain /caf%C3%A9 /caf%c3%a9 /a/%2F /a/%20 /nothing http://x/plain http://other/plain?a=1
"""
OTHERS = """
    HEAD:/plain POST:/plain OPTIONS:/plain PROPFIND:/plain
    HEAD:/view PUT:/view OPTIONS:/view PROPFIND:/view POST:/two PUT:/two
"""
GET = 'GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
REQUESTS = [
    *map(GET.format, PATHS.split()),
    *(GET.format(path).replace('GET', method) for method, path in (text.split(':') for text in OTHERS.split())),
    EXPECTING.format('100-continue'),
    EXPECTING.format('100-Continue'),
]


async def ask(runner_class, app, request):
    runner = runner_class(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, '127.0.0.1', 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0])
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    await runner.cleanup()
    return [line for line in answer.split(b'\r\n') if not line.startswith((b'Date: ', b'X-Request-ID: '))]


@pytest.mark.parametrize('request_', REQUESTS, ids=lambda text: text.partition(' HTTP')[0])
async def test_both_ways_lead_to_the_same(project, request_):
    project(routes=ROUTES, settings='DEBUG = False\n')
    expected = await ask(web.AppRunner, create_app(), request_)
    assert await ask(Runner, create_app(), request_) == expected
    assert expected[0].startswith(b'HTTP/1.1 ')


async def answer(request):
    return web.json_response({'variables': dict(request.match_info)})


def application(*middlewares, steps=()):
    pipeline = Pipeline(steps)
    app = web.Application(middlewares=[*middlewares, pipeline.middleware])
    app[PIPELINE] = pipeline
    return app


async def test_middleware_that_a_project_adds(project):
    @web.middleware
    async def mark(request, handler):
        response = await handler(request)
        response.headers['X-Mark'] = request.match_info.route.resource.canonical
        return response

    project()
    app = application(mark)
    app.router.add_get('/plain', answer)
    assert b'X-Mark: /plain' in await ask(Runner, app, GET.format('/plain'))


async def test_applications_within_it(project):
    project()
    inner = web.Application()
    inner.router.add_get('/plain', answer)
    app = application()
    app.add_subapp('/inner', inner)
    app.router.add_get('/inner/plain', answer)
    app.router.add_get('/{name}', answer)
    assert (await ask(Runner, app, GET.format('/inner/plain')))[-1] == b'{"variables": {}}'
    assert (await ask(Runner, app, GET.format('/other')))[-1] == b'{"variables": {"name": "other"}}'
    assert (await ask(Runner, app, GET.format('/inner/nothing')))[0] == b'HTTP/1.1 404 Not Found'


async def test_paths_of_others_that_come_first(project, tmp_path):
    """A folder's files, for example."""
    project()
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'folder/file').write_text('text')
    answers = []
    for runner_class in (web.AppRunner, Runner):
        app = application()
        app.router.add_static('/static', tmp_path / 'folder')
        app.router.add_get('/static/file', answer)
        app.router.add_get('/static', answer)
        answers.append([await ask(runner_class, app, GET.format(f'/static{path}')) for path in ('/file', '', '/no')])
    assert answers[0] == answers[1]


async def test_most_requests_go_the_short_way():
    app = application()
    app.router.add_get('/plain', answer)
    app.router.add_get('/{name}/b', answer)
    app.freeze()
    gone = []

    async def handle(request):
        gone.append(request.path)
        return web.Response()

    server = web.Server(make_entrance(app, handle), request_factory=app._make_request)
    listening = await asyncio.get_running_loop().create_server(server, '127.0.0.1', 0)
    reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
    for path in ('/plain', '/a/b', '/none'):
        writer.write(f'GET {path} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
    writer.write(GET.format('/plain').encode())
    assert (await reader.read()).count(b'"variables"') == 3
    assert gone == ['/none']
    writer.close()
    listening.close()


async def test_methods_that_clients_make_up_are_not_kept(project):
    project(routes=ROUTES, settings='DEBUG = False\n')
    for method in ('GET', 'PROPFIND', 'MKCOL', 'PURGE'):
        app = create_app()
        await ask(Runner, app, GET.format('/view').replace('GET', method))
        assert len(app[PIPELINE]._ways) == (method == 'GET')
