"""What the metrics count."""

import asyncio

import pytest

from colibris import bridge, cache, persist, taskqueue
from tests.observability.conftest import METRICS, module_of

ROUTES = """
class Books(APIView):
    def get(self):
        return {'id': self.request.match_info['id']}

def move(request):
    raise web.HTTPFound('/books/1')

def fail(request):
    raise ValueError

ROUTES = [('/books/{id}', Books), ('/move', move), ('/fail', fail), ('/items', lambda request: 1, ['GET', 'POST'])]
"""


async def counted(serve, metrics, *requests):
    """How often what was asked, besides the metrics themselves."""
    client = await serve(ROUTES, settings=METRICS)
    found = await metrics(client)
    for request in requests:
        await client.request(*request.split(), allow_redirects=False)
    changes = await found.changes('colibris_http_requests_total')
    assert changes.pop(('GET', '/metrics', '200')) == 1
    return changes


async def test_requests_by_method_route_and_status(serve, metrics):
    reads = ('GET /books/1', 'GET /books/2', 'GET /fail', 'GET /move')
    assert await counted(serve, metrics, *reads, 'HEAD /items', 'POST /items', 'DELETE /items') == {
        ('GET', '/books/{id}', '200'): 2,
        ('GET', '/fail', '500'): 1,
        ('GET', '/move', '302'): 1,
        ('HEAD', '/items', '200'): 1,
        ('POST', '/items', '200'): 1,
        ('DELETE', 'unmatched', '405'): 1,
    }


async def test_clients_cannot_make_labels_up(serve, metrics):
    paths = [f'GET /nothing/{number}' for number in range(30)]
    methods = [f'{method} {path}' for method in ('PROPFIND', 'MKCOL', 'PURGE') for path in ('/books/1', '/nothing')]
    assert await counted(serve, metrics, *paths, *methods) == {
        ('GET', 'unmatched', '404'): 30,
        ('other', 'unmatched', '404'): 3,
        ('other', '/books/{id}', '405'): 3,
    }


async def test_duration(serve, metrics):
    client = await serve(ROUTES, settings=METRICS)
    found = await metrics(client)
    await client.get('/books/1')
    await client.post('/items')
    counts = await found.changes('colibris_http_request_duration_seconds_count')
    assert counts == {('GET', '/books/{id}'): 1, ('POST', '/items'): 1, ('GET', '/metrics'): 1}
    sums = await found.changes('colibris_http_request_duration_seconds_sum')
    assert 0 < sums['GET', '/books/{id}'] < 60
    buckets = await found.changes('colibris_http_request_duration_seconds_bucket')
    assert buckets['+Inf', 'GET', '/books/{id}'] == 1


async def test_streams_have_no_duration(serve, metrics):
    routes = """
        async def socket(request):
            answer = web.WebSocketResponse()
            await answer.prepare(request)
            await answer.receive()
            return answer

        async def events(request):
            answer = web.StreamResponse(headers={'Content-Type': 'text/event-stream'})
            await answer.prepare(request)
            return answer

        ROUTES = [('/socket', socket), ('/events', events)]
    """
    client = await serve(routes, settings=METRICS)
    found = await metrics(client)
    async with client.ws_connect('/socket') as socket:
        await socket.send_str('end')
        await socket.receive()
    await (await client.get('/events')).read()
    changes = await found.changes('colibris_http_requests_total')
    assert changes == {('GET', '/socket', '101'): 1, ('GET', '/events', '200'): 1, ('GET', '/metrics', '200'): 1}
    assert set(await found.changes('colibris_http_request_duration_seconds_count')) == {('GET', '/metrics')}


async def test_in_flight(serve, metrics):
    routes = """
        import asyncio
        begun, gate = asyncio.Event(), asyncio.Event()

        async def wait(request):
            begun.set()
            await gate.wait()

        ROUTES = [('/wait', wait)]
    """
    client = await serve(routes, settings=METRICS)
    found = await metrics(client)
    request = asyncio.create_task(client.get('/wait'))
    await module_of('routes').begun.wait()
    assert await found.value('colibris_http_requests_in_flight') == 2  # and the one that asks
    module_of('routes').gate.set()
    await request
    assert await found.value('colibris_http_requests_in_flight') == 1


async def test_cancelled_requests_end(serve, metrics):
    routes = """
        import asyncio

        async def end(request):
            raise asyncio.CancelledError

        ROUTES = [('/end', end)]
    """
    client = await serve(routes, settings=METRICS)
    found = await metrics(client)
    with pytest.raises(Exception, match='disconnected'):
        await client.get('/end')
    assert (await found.changes('colibris_http_requests_total'))['GET', '/end', '499'] == 1
    assert await found.value('colibris_http_requests_in_flight') == 1


async def test_pool(serve, metrics):
    client = await serve(ROUTES, settings=METRICS + "DATABASE['pool_size'] = 2\n")
    found = await metrics(client)
    database = persist.get_database()
    assert await found.value('colibris_database_pool_size') == 2
    assert await found.value('colibris_database_pool_in_use') == 0
    gate = asyncio.Event()

    async def hold():
        async with database.atomic():
            await gate.wait()

    def read():
        database.execute_sql('SELECT 1')

    tasks = [asyncio.create_task(bridge.drive(hold())) for _ in range(2)]  # SQLite lets the second one wait
    await wait_for(found, 'colibris_database_pool_in_use', 2)
    tasks.append(asyncio.create_task(bridge.run(read)))
    await wait_for(found, 'colibris_database_pool_waiting', 1)
    gate.set()
    await asyncio.gather(*tasks)
    assert await found.value('colibris_database_pool_in_use') == 0
    assert await found.value('colibris_database_pool_waiting') == 0


async def wait_for(metrics, name, value):
    async with asyncio.timeout(30):
        while await metrics.value(name) != value:
            await asyncio.sleep(0.01)


CACHE = METRICS + "CACHE = {'backend': 'colibris.cache.locmem.LocMemBackend'}\n"


async def test_cache(serve, metrics, run):
    client = await serve(ROUTES, settings=CACHE)
    found = await metrics(client)

    def use():
        cache.get('a')  # a miss
        cache.set('a', 1)
        cache.get('a')  # a hit
        cache.get_many(['a', 'b', 'c'])  # a hit, two misses
        cache.get_or_set('d', lambda: 1)  # a miss
        cache.get_or_set('d', lambda: 1)  # a hit

    await run(use)
    assert await found.changes('colibris_cache_hits_total') == {(): 3}
    assert await found.changes('colibris_cache_misses_total') == {(): 4}


async def test_a_cache_that_is_away_misses(serve, metrics, run):
    away = METRICS + "CACHE = {'backend': 'colibris.cache.redis.RedisBackend', 'port': 1}\n"
    client = await serve(ROUTES, settings=away)
    found = await metrics(client)
    assert await run(cache.get, 'a', 'nothing') == 'nothing'
    assert await run(cache.get_many, ['a', 'b']) == {}
    assert await run(cache.get_or_set, 'a', lambda: 1) == 1
    assert await found.changes('colibris_cache_hits_total') == {}
    assert await found.changes('colibris_cache_misses_total') == {(): 4}


TASKS = """
def work(number):
    if number < 0:
        raise ValueError
    return number
"""
LOCAL = METRICS + "TASK_QUEUE = {'backend': 'colibris.taskqueue.local.LocalBackend', 'queues': ['slow', 'fast']}\n"


async def test_tasks(serve, metrics):
    client = await serve(ROUTES, settings=LOCAL, tasks=TASKS)
    found = await metrics(client)
    work = module_of('tasks').work
    name = f'{work.__module__}.work'
    assert await taskqueue.execute(work, 1) == 1
    with pytest.raises(ValueError):
        await taskqueue.execute(work, -1)
    assert await found.changes('colibris_tasks_enqueued_total') == {('slow', name): 2}
    assert await found.changes('colibris_task_runs_total') == {('finished', name): 1, ('failed', name): 1}
    assert await found.changes('colibris_task_run_duration_seconds_count') == {(name,): 2}
    assert await found.value('colibris_tasks', queue='slow', status='failed') == 1
    assert await found.value('colibris_tasks', queue='fast', status='waiting') == 0
    assert await found.value('colibris_task_oldest_waiting_seconds', queue='slow') == 0


async def test_unique_tasks_count_once(serve, metrics, run):
    client = await serve(ROUTES, settings=LOCAL, tasks='from colibris import taskqueue\n' + TASKS)
    found = await metrics(client)
    work = taskqueue.task(unique=True)(module_of('tasks').work)
    await run(taskqueue.enqueue_in, 1000, work, 1)
    await run(taskqueue.enqueue_in, 1000, work, 1)
    assert sum((await found.changes('colibris_tasks_enqueued_total')).values()) == 1


async def test_a_queue_that_cannot_be_reached_has_no_depth(serve, metrics):
    away = METRICS + "TASK_QUEUE = {'backend': 'colibris.taskqueue.rq.RQBackend', 'port': 1}\n"
    client = await serve(ROUTES, settings=away)
    found = await (await metrics(client)).read()
    assert not [key for key in found if key[0] == 'colibris_tasks']
