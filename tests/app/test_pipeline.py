"""The steps of a request's way, put together once."""

import pytest
from aiohttp import web

from colibris.app.pipeline import Pipeline


@pytest.fixture
def composed(monkeypatch):
    """For which views and methods the steps have been put together, in the order in which that was done."""
    found = []
    compose = Pipeline._compose

    def note(self, handler, view, method):
        found.append((view, method))
        return compose(self, handler, view, method)

    monkeypatch.setattr(Pipeline, '_compose', note)
    return found


def step(name, applies_to=None):
    @web.middleware
    async def take(request, handler):
        response = await handler(request)
        response.headers['Way'] = f'{name} {response.headers.get("Way", "")}'.strip()
        return response

    if applies_to:
        take.applies_to = applies_to
    return take


async def answer(request):
    return web.Response()


@pytest.fixture
def serve(aiohttp_client):
    async def start(*steps, middlewares=()):
        pipeline = Pipeline(steps)
        app = web.Application(middlewares=[pipeline.middleware, *middlewares])
        app.router.add_route('*', '/', answer)
        return await aiohttp_client(app)

    return start


async def test_steps_are_taken_in_their_order(serve):
    client = await serve(step('first'), step('second'))
    response = await client.get('/')
    assert response.headers['Way'] == 'first second'


async def test_a_step_is_left_out_where_it_does_not_apply(serve):
    client = await serve(step('always'), step('reads', lambda view, method: view is answer and method == 'GET'))
    assert (await client.get('/')).headers['Way'] == 'always reads'
    assert (await client.post('/')).headers['Way'] == 'always'
    assert (await client.get('/')).headers['Way'] == 'always reads'


async def test_steps_are_put_together_once_for_a_view_and_method(serve, composed):
    client = await serve(step('first'))
    for _ in range(3):
        await client.get('/')
        await client.post('/')
    assert composed == [(answer, 'GET'), (answer, 'POST')]


async def test_methods_that_no_view_has_are_not_kept(serve, composed):
    client = await serve(step('first'))
    for _ in range(3):
        assert (await client.request('PROPFIND', '/')).headers['Way'] == 'first'
    assert composed == [(answer, 'PROPFIND')] * 3


async def test_what_no_route_answers_takes_the_way_too_and_is_not_kept(serve, composed):
    seen = []

    @web.middleware
    async def see(request, handler):
        seen.append(request.path)
        return await handler(request)

    client = await serve(see)
    for _ in range(2):
        assert (await client.get('/nothing')).status == 404
    assert seen == ['/nothing'] * 2
    assert len(composed) == 2


async def test_middleware_that_a_project_adds_to_the_application_comes_behind_the_steps(serve):
    client = await serve(step('ours'), middlewares=[step('theirs')])
    for _ in range(2):
        assert (await client.get('/')).headers['Way'] == 'ours theirs'
