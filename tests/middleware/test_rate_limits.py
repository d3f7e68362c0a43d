"""Limits of requests: whose they are, which view's, and what the answers say."""

import logging
import re

import pytest

from colibris import ratelimit
from colibris.app.pipeline import PIPELINE
from colibris.errors import ConfigurationError
from tests.views.serving import error_of

ROUTES = """
from colibris import ratelimit
from colibris.ratelimit import limit_rate


def tenant_of(request):
    return request.query.get('tenant')


def plain(request):
    return 'x'


@require_authentication
def private(request):
    return 'x'


@limit_rate('2/hour')
def rare(request):
    return 'x'


@limit_rate()
def free(request):
    return 'x'


@limit_rate('2/hour', by=tenant_of)
def tenant(request):
    return 'x'


@limit_rate('2/hour by account')
def by_account(request):
    return 'x'


@limit_rate('2/hour by key')
def by_key(request):
    return 'x'


def export(request):
    ratelimit.hit('export', 'me', '1/hour')
    return 'x'


async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'x')
    return response


class ItemsView(View):
    authentication_required = False
    rate_limit = '3/hour'

    def get(self):
        return 'x'

    @limit_rate('1/hour')
    def post(self):
        return 'x'


class OtherView(ItemsView):
    rate_limit = None

    def post(self):
        return 'x'


VIEWS = [plain, private, rare, free, tenant, by_account, by_key, export, stream]
ROUTES = [(f'/{view.__name__}', view) for view in VIEWS] + [('/items', ItemsView), ('/other', OtherView)]
"""
KEYS = """
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend', 'model': '__packagename__.models.Item',
    'key_field': 'name',
}
"""
PROXY = "TRUSTED_PROXIES = ['127.0.0.1']\n"


def from_address(address):
    return {'X-Forwarded-For': address}


async def statuses(client, path, number, method='GET', **headers):
    return [(await client.request(method, path, headers=headers)).status for _ in range(number)]


async def test_the_setting(serve):
    client = await serve(ROUTES, settings="RATE_LIMIT = '3/hour'\n")
    assert await statuses(client, '/plain', 2) == [200, 200]
    assert await statuses(client, '/nowhere', 1) == [404], 'who looks for pages counts too'
    assert await statuses(client, '/plain', 2) == [429, 429]
    assert await statuses(client, '/free', 3) == [200] * 3
    assert await statuses(client, '/health', 3) == [200] * 3, 'a balancer asks often'


async def test_the_answers(serve, caplog):
    client = await serve(ROUTES, settings="RATE_LIMIT = '2/hour; 100/day'\n")
    response = await client.get('/plain')
    assert response.headers['RateLimit-Policy'] == '"address-3600";q=2;w=3600, "address-86400";q=100;w=86400'
    assert re.fullmatch(
        r'"address-3600";r=1;t=3[56]\d\d, "address-86400";r=99;t=86\d\d\d', response.headers['RateLimit']
    )
    assert 'RateLimit' in (await client.get('/stream')).headers
    response = await client.get('/plain')
    error = await error_of(response, 429)
    assert error['code'] == 'too_many_requests'
    seconds = int(response.headers['Retry-After'])
    assert 3500 < seconds <= 3600
    assert response.headers['RateLimit'] == f'"address-3600";r=0;t={seconds}'
    assert response.headers['RateLimit-Policy'] == '"address-3600";q=2;w=3600'
    assert f'try again in {seconds} seconds' in error['message']
    (record,) = [record for record in caplog.records if record.name == 'colibris.security']
    assert (record.levelno, record.security['event']) == (logging.WARNING, 'rate_limit_exceeded')
    assert 'RateLimit' not in (await client.get('/free')).headers


async def test_the_nearest_limits_count(serve):
    client = await serve(ROUTES, settings="RATE_LIMIT = '4/hour'\n")
    assert await statuses(client, '/rare', 3) == [200, 200, 429]
    assert await statuses(client, '/items', 2, 'POST') == [200, 429]
    assert await statuses(client, '/items', 4) == [200, 200, 200, 429]
    assert await statuses(client, '/other', 3, 'POST') == [200] * 3
    assert await statuses(client, '/other', 2) == [200, 429]
    assert await statuses(client, '/plain', 1) == [429]


async def test_addresses(serve):
    client = await serve(ROUTES, settings=PROXY)
    for address in ('203.0.113.1', '203.0.113.2'):
        assert await statuses(client, '/rare', 3, **from_address(address)) == [200, 200, 429]
    assert await statuses(client, '/rare', 1, **from_address('203.0.113.1, 198.51.100.7')) == [200], (
        'the last one counts'
    )
    assert await statuses(client, '/rare', 2, **from_address('1.1.1.1, 198.51.100.7')) == [200, 429]


async def test_a_client_cannot_make_up_addresses(serve):
    client = await serve(ROUTES)
    answers = [await statuses(client, '/rare', 1, **from_address(f'203.0.113.{number}')) for number in range(3)]
    assert answers == [[200], [200], [429]]


async def test_an_ipv6_subscriber_is_one_client(serve):
    client = await serve(ROUTES, settings=PROXY)
    addresses = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:1::3', '2001:db8:0:2::1', '::ffff:203.0.113.9']
    answers = [await statuses(client, '/rare', 1, **from_address(address)) for address in addresses]
    assert answers == [[200], [200], [429], [200], [200]]


async def test_wrong_credentials_count_by_address(serve):
    client = await serve(ROUTES, settings=KEYS + "RATE_LIMIT = '3/hour by address; 1000/hour by account'\n")
    keys = [await statuses(client, '/private', 1, **{'X-API-Key': f'guess {number}'}) for number in range(4)]
    assert keys == [[401], [401], [401], [429]]


@pytest.mark.parametrize('path', ['/by_account', '/by_key'])
async def test_accounts(serve, run, path):
    client = await serve(ROUTES, settings=KEYS)
    await run(make_accounts)
    for key in ('ada', 'bob'):
        assert await statuses(client, path, 3, **{'X-API-Key': key}) == [200, 200, 429]
    assert await statuses(client, path, 1) == [200], 'those without an account count by address'
    made_up = [await statuses(client, path, 1, **{'X-API-Key': f'guess {number}'}) for number in range(2)]
    assert made_up == [[200], [429]], 'and those with a wrong key are such'


def make_accounts():
    import sys

    (models,) = [
        module for name, module in sys.modules.items() if name.startswith('sample') and name.endswith('.models')
    ]
    for name in ('ada', 'bob'):
        models.Item.create(name=name)


async def test_the_dummy_account_is_nobody(serve):
    client = await serve(ROUTES, settings=PROXY)
    for address in ('203.0.113.1', '203.0.113.2'):
        assert await statuses(client, '/by_account', 3, **from_address(address)) == [200, 200, 429]


async def test_a_function_itself_is_not_limited(serve):
    client = await serve(ROUTES.replace("('/items', ItemsView)", "('/limited', limit_rate('1/hour')(plain))"))
    assert await statuses(client, '/limited', 2) == [200, 429]
    assert await statuses(client, '/plain', 2) == [200, 200]


async def test_a_function_says_by_what(serve):
    client = await serve(ROUTES)
    for name in ('a', 'b', '', '%F0%9F%98%80', 'x' * 3000):
        assert await statuses(client, f'/tenant?tenant={name}', 3) == [200, 200, 429]
    assert await statuses(client, '/tenant', 3) == [200] * 3


async def test_limits_inside_a_view(serve):
    client = await serve(ROUTES)
    assert await statuses(client, '/export', 1) == [200]
    response = await client.get('/export')
    assert (await error_of(response, 429))['code'] == 'too_many_requests'
    assert response.headers['RateLimit-Policy'] == '"address-3600";q=1;w=3600'


async def test_preflights_do_not_count(serve):
    client = await serve(ROUTES, settings="RATE_LIMIT = '1/hour'\nCORS_ORIGINS = ['https://app.example.com']\n")
    headers = {'Origin': 'https://app.example.com', 'Access-Control-Request-Method': 'POST'}
    assert await statuses(client, '/plain', 3, 'OPTIONS', **headers) == [204] * 3
    assert await statuses(client, '/plain', 2) == [200, 429]


@pytest.mark.parametrize(('on_failure', 'expected'), [('open', 200), ('closed', 503)])
async def test_without_redis(serve, on_failure, expected):
    storage = {'backend': 'colibris.ratelimit.redis.RedisBackend', 'port': 1, 'on_failure': on_failure}
    client = await serve(ROUTES, settings=f"RATE_LIMIT = '1/hour'\nRATE_LIMIT_STORAGE = {storage}\n")
    assert await statuses(client, '/plain', 5) == [expected] * 5
    assert await statuses(client, '/free', 1) == [200]


@pytest.mark.parametrize(
    ('settings', 'steps'),
    [
        ('', set()),
        ("RATE_LIMIT = '1/hour'\n", {'limit_addresses'}),
        ("RATE_LIMIT = '1/hour by account'\n", {'limit_accounts'}),
        ("RATE_LIMIT = ['1/hour by key', '1/second']\n", {'limit_addresses', 'limit_accounts'}),
    ],
)
async def test_only_the_steps_that_are_needed(serve, settings, steps):
    client = await serve("ROUTES = [('/', lambda request: 'x')]", settings=settings)
    assert {step.__name__ for step in client.app[PIPELINE].steps if step.__name__.startswith('limit_')} == steps


@pytest.mark.parametrize(
    ('value', 'problem'),
    [
        ("'many'", 'has to look like'),
        ("'0/hour'", 'must allow from 1 to 10000'),
        ("'10001/hour'", 'must allow from 1 to 10000'),
        ("'1/32 days'", 'must have a period from a second to 31 days'),
        ("'1/0 seconds'", 'must have a period from a second to 31 days'),
        ("'1/hour by moon'", "cannot be counted by 'moon', but by address or account or key"),
        ("'1/hour; '", 'has to look like'),
        ('100', 'has to look like'),
        ('[5]', 'has to look like'),
        ("{'a': 1}", 'has to look like'),
    ],
)
async def test_wrong_settings(serve, value, problem):
    with pytest.raises(ConfigurationError, match=f'RATE_LIMIT = .*{problem}'):
        await serve(ROUTES, settings=f'RATE_LIMIT = {value}\n')


async def test_wrong_limits_of_views(serve):
    routes = """
    class AView(View):
        rate_limit = 'often'

        def get(self):
            return 'x'

    class BView(AView):
        rate_limit = 5

    ROUTES = [('/a', AView), ('/b', BView)]
    """
    with pytest.raises(ConfigurationError) as caught:
        await serve(routes)
    assert [line.partition(' has to')[0] for line in str(caught.value).splitlines()] == [
        "/a: rate_limit: 'often'",
        '/b: rate_limit: 5',
    ]
    with pytest.raises(ConfigurationError, match="rate_limit: 'often' has to look like"):
        ratelimit.limit_rate('often')


@pytest.mark.parametrize(
    ('text', 'amount', 'seconds', 'by'),
    [
        ('100/minute', 100, 60, 'address'),
        ('5 per 10 Seconds', 5, 10, 'address'),
        ('1000/hour by account', 1000, 3600, 'account'),
        ('2 / 7 days  by  key', 2, 7 * 86400, 'key'),
    ],
)
def test_texts(text, amount, seconds, by):
    @ratelimit.limit_rate(text)
    def view(request):
        return None

    (limit,) = ratelimit.limits_of(view)
    assert (limit.amount, limit.seconds, limit.by) == (amount, seconds, by)
