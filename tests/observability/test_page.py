"""Who may read the metrics, and in which form."""

import subprocess
import sys

import pytest

from colibris.app import create_app
from colibris.errors import ConfigurationError
from tests.observability.conftest import METRICS
from tests.views.serving import error_of

ROUTES = "ROUTES = [('/books', lambda request: [])]"
OWN = METRICS + "METRICS_NETWORKS = ['203.0.113.0/24']\n"


async def test_nowhere_by_default(serve):
    client = await serve(ROUTES)
    await error_of(await client.get('/metrics'), 404)


async def test_anywhere(serve):
    client = await serve(ROUTES, settings="METRICS_PATH = '/-/prometheus'")
    response = await client.get('/-/prometheus')
    assert response.status == 200
    assert response.headers['Content-Type'].startswith('text/plain; version=')
    assert 'colibris_http_requests_in_flight 1.0\n' in await response.text()


async def test_open_metrics(serve):
    client = await serve(ROUTES, settings=METRICS)
    response = await client.get('/metrics', headers={'Accept': 'application/openmetrics-text; version=1.0.0'})
    assert response.headers['Content-Type'].startswith('application/openmetrics-text')
    assert (await response.text()).endswith('# EOF\n')


async def test_other_methods(serve):
    client = await serve(ROUTES, settings=METRICS)
    assert (await client.head('/metrics')).status == 200
    await error_of(await client.post('/metrics'), 405)


async def test_others_may_not_read(serve):
    client = await serve(ROUTES, settings=OWN)
    error = await error_of(await client.get('/metrics'), 403)
    assert error['message'] == 'the metrics are for METRICS_NETWORKS only'


@pytest.mark.parametrize('header', ['X-Forwarded-For', 'Forwarded'])
@pytest.mark.parametrize('proxies', [[], ['10.0.0.1']])
async def test_a_proxy_may_not_speak_for_others(serve, header, proxies):
    client = await serve(ROUTES, settings=f'{METRICS}TRUSTED_PROXIES = {proxies}')
    await error_of(await client.get('/metrics', headers={header: '203.0.113.7'}), 403)
    await error_of(await client.get('/metrics', headers={header: '127.0.0.1'}), 403)


async def test_a_trusted_proxy_may(serve):
    client = await serve(ROUTES, settings=OWN + "TRUSTED_PROXIES = ['127.0.0.1']")
    assert (await client.get('/metrics', headers={'X-Forwarded-For': '203.0.113.7'})).status == 200
    await error_of(await client.get('/metrics', headers={'X-Forwarded-For': '198.51.100.7'}), 403)
    await error_of(await client.get('/metrics', headers={'X-Forwarded-For': '203.0.113.7, 198.51.100.7'}), 403)


async def test_not_limited(serve):
    client = await serve(ROUTES, settings=METRICS + "RATE_LIMIT = '1/hour'")
    assert [(await client.get('/metrics')).status for _ in range(3)] == [200, 200, 200]


async def test_not_in_the_documentation(serve):
    client = await serve(ROUTES, settings=METRICS)
    document = await (await client.get('/api/docs/openapi.json')).text()
    assert '/books' in document
    assert '/metrics' not in document


def test_a_path_that_is_taken(project):
    project(settings="METRICS_PATH = '/books'", routes=f'{ROUTES}')
    with pytest.raises(ConfigurationError, match=r"METRICS_PATH = '/books': another route is there already"):
        create_app()


@pytest.mark.parametrize(
    ('line', 'problem'),
    [
        ("METRICS_PATH = 'metrics'", "must be a path that starts with '/'"),
        ("METRICS_NETWORKS = ['everybody']", "has to look like '10.0.0.7'"),
        ('SLOW_QUERY_SECONDS = 0', 'must be a positive number of seconds'),
        ("SLOW_REQUEST_SECONDS = '1'", 'must be a number of seconds, not str'),
        ("TRACING = 'yes'", 'must be True or False'),
    ],
)
def test_wrong_settings(project, line, problem):
    with pytest.raises(ConfigurationError, match=problem):
        project(settings=line)


def test_nothing_is_there_when_nothing_is_asked_for(project):
    """Neither a step, nor a hook, nor a wrapper, nor a library."""
    name = project(
        settings="""
            DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': ':memory:'}
            CACHE = {'backend': 'colibris.cache.locmem.LocMemBackend'}
            TASK_QUEUE = {'backend': 'colibris.taskqueue.local.LocalBackend'}
        """,
        routes=ROUTES,
    )
    program = f"""
import asyncio, sys
from colibris import conf
conf.setup({name!r})
from colibris import cache, persist, taskqueue
from colibris.app import create_app
from colibris.taskqueue import hooks
from colibris.observability import observe_worker

async def check():
    app = create_app()
    assert [step.__name__ for step in app.middlewares if 'observe' in step.__name__] == []
    contexts = [context.__name__ for context in app.cleanup_ctx]
    assert 'watch_areas' not in contexts, contexts
    app.freeze()
    await app.startup()
    observe_worker()
    assert persist.get_database().query_hooks == []
    assert 'submit' not in vars(taskqueue.get_backend())
    assert cache.get_backend().on_lookup is None
    assert not any((hooks.around_run, hooks.run_killed, hooks.before_exit, hooks.process_ended))
    await app.shutdown()
    await app.cleanup()

asyncio.run(check())
found = [name for name in sys.modules if name.startswith(('prometheus_client', 'opentelemetry', 'wrapt'))]
assert not found, found
parts = {{name.removeprefix('colibris.observability.') for name in sys.modules}}
assert not parts & {{'metrics', 'page', 'tracing', 'export', 'slow', 'statements'}}, parts
"""
    subprocess.run([sys.executable, '-c', program], check=True, timeout=60)


async def test_everything_is_taken_away_at_the_end(serve, monkeypatch, spans):
    from colibris import cache, persist, taskqueue
    from colibris.taskqueue import hooks

    settings = """
METRICS_PATH = '/metrics'
SLOW_QUERY_SECONDS = 1
TRACING = True
CACHE = {'backend': 'colibris.cache.locmem.LocMemBackend'}
TASK_QUEUE = {'backend': 'colibris.taskqueue.local.LocalBackend'}
"""
    client = await serve(ROUTES, settings=settings)
    database, queue = persist.get_database(), taskqueue.get_backend()
    assert len(database.query_hooks) == 2
    assert len(hooks.around_run) == 2
    assert 'submit' in vars(queue)
    await client.close()
    assert database.query_hooks == []
    assert 'submit' not in vars(queue)
    assert cache.get_backend().on_lookup is None
    assert not any((hooks.around_run, hooks.run_killed, hooks.before_exit, hooks.process_ended))
