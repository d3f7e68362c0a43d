"""Errors become JSON."""

import pytest

from colibris import api
from colibris.views.responses import error_response
from tests.views.serving import error_of

ROUTES = """
from colibris import api
from colibris.authentication import AuthenticationError
from colibris.persist import PoolTimeout


def fail(request):
    raise ValueError('oops: secret-value')


def teapot(request):
    raise web.HTTPConflict(text='short and stout')


def own(request):
    raise api.APIException('mine', code='own_code', details=[1], headers={'X-Own': 'yes'})


def missing(request):
    raise web.HTTPNotFound


def missing_with_text(request):
    raise web.HTTPNotFound(text='no such thing')


def gone(request):
    raise models.Item.DoesNotExist


def taken(request):
    models.Item.create(name='x')
    models.Item.create(name='x')


def busy(request):
    raise PoolTimeout('nothing is free')


def stranger(request):
    raise AuthenticationError('who are you?')


def unprintable(request):
    return object()


def infinite(request):
    return float('inf')


def huge(request):
    return models.Item.select().where(models.Item.amount == 10**30).count()


def own_overflow(request):
    return float('1') * 10**400


async def broken_stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'begun')
    raise ValueError('too late')


def unavailable(request):
    raise api.ServiceUnavailable


VIEWS = [
    fail, teapot, own, missing, missing_with_text, gone, taken, busy, stranger, unprintable, infinite, huge,
    own_overflow, broken_stream, unavailable,
]
ROUTES = [(f'/{view.__name__}', view) for view in VIEWS]
"""


@pytest.mark.parametrize(
    ('path', 'status', 'code', 'message'),
    [
        ('teapot', 409, 'conflict', 'short and stout'),
        ('own', 500, 'own_code', 'mine'),
        ('missing', 404, 'not_found', 'There is nothing here.'),
        ('missing_with_text', 404, 'not_found', 'no such thing'),
        ('nowhere', 404, 'not_found', 'There is nothing here.'),
        ('gone', 404, 'not_found', 'There is nothing here.'),
        ('taken', 409, 'conflict', 'The request conflicts with what is there.'),
        ('busy', 503, 'service_unavailable', None),
        ('stranger', 401, 'not_authenticated', 'who are you?'),
        ('huge', 400, 'invalid_request', 'a value is not one that the database can hold'),
        ('unavailable', 503, 'service_unavailable', None),
        ('fail', 500, 'server_error', 'The server could not answer the request.'),
        ('unprintable', 500, 'server_error', None),
        ('infinite', 500, 'server_error', None),
        ('own_overflow', 500, 'server_error', None),
    ],
)
async def test_translations(serve, path, status, code, message):
    client = await serve(ROUTES, settings='DEBUG = False\n')
    error = await error_of(await client.get(f'/{path}'), status)
    assert error['code'] == code
    assert message in (None, error['message'])


def test_errors_have_one_content_type(project):
    project()
    for name in ('Content-Type', 'content-type'):
        response = error_response(api.APIException('mine', headers={name: 'text/plain'}))
        assert response.headers.getall('Content-Type') == ['application/json']


async def test_headers(serve):
    client = await serve(ROUTES)
    assert (await client.get('/own')).headers['X-Own'] == 'yes'
    assert (await client.get('/stranger')).headers['WWW-Authenticate'] == 'Bearer'
    assert (await client.get('/busy')).headers['Retry-After'] == '1'


async def test_traceback_only_in_debug(serve):
    client = await serve(ROUTES)
    text = await (await client.get('/fail')).text()
    assert 'Traceback' in text
    assert 'secret-value' in text


async def test_no_traceback_otherwise(serve):
    client = await serve(ROUTES, settings='DEBUG = False\n')
    response = await client.get('/fail')
    assert (await error_of(response, 500))['details'] is None
    assert 'secret-value' not in await response.text()


async def test_error_after_the_answer_has_begun_ends_the_connection(serve):
    client = await serve(ROUTES)
    response = await client.get('/broken_stream')
    assert response.status == 200
    with pytest.raises(Exception, match=r'payload|closed|disconnected'):
        await response.read()
    assert (await client.get('/health')).status == 200
