"""The PROXY protocol, in both versions, and who may speak it."""

import contextlib
import json
import logging
import socket
import struct

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from colibris.app import create_app
from colibris.conf import settings
from colibris.serving.protocol import Runner
from colibris.serving.proxied import ProxiedRequestHandler
from colibris.serving.proxy_protocol import Origin, read_header
from tests.serving.test_protocol import connection

ROUTES = """
from colibris.utils.proxies import client_address, client_scheme

ROUTES = [('/client', lambda request: [client_address(request), client_scheme(request)])]
"""
REQUEST = (
    b'GET /client HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nPROXY: 1.2.3.4\r\n\r\n'
)
SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'
TLS = b'\x20\0\x05\x01\0\0\0\0'


def line(text):
    return f'PROXY {text}\r\n'.encode()


def block(fields=b'', family=0x11, command=0x21):
    return SIGNATURE + bytes([command, family]) + struct.pack('!H', len(fields)) + fields


def fields_of(source, family=socket.AF_INET, port=51000, more=b''):
    addresses = socket.inet_pton(family, source) * 2
    return addresses + struct.pack('!HH', port, 80) + more


CLIENT = Origin(('203.0.113.7', 51000))
HEADERS = [
    (line('TCP4 203.0.113.7 192.0.2.1 51000 80'), CLIENT),
    (line('TCP6 2001:db8::7 2001:db8::1 51000 80'), Origin(('2001:db8::7', 51000))),
    (line('UNKNOWN'), Origin(None)),
    (line('UNKNOWN ffff::1 ffff::2 1 2'), Origin(None)),
    (block(fields_of('203.0.113.7')), CLIENT),
    (block(fields_of('2001:db8::7', socket.AF_INET6), 0x21), Origin(('2001:db8::7', 51000))),
    (block(fields_of('203.0.113.7', more=b'\x04\0\x02xx' + TLS)), Origin(CLIENT.address, is_tls=True)),
    (block(fields_of('203.0.113.7', more=TLS[:3] + b'\0' + TLS[4:])), CLIENT),
    (block(b'/a'.ljust(216, b'\0'), 0x31), Origin(None)),
    (block(family=0), Origin(None)),
    (block(command=0x20, family=0), Origin(None)),
    (block(b'anything', command=0x20), Origin(None)),
]


@pytest.mark.parametrize(('header', 'origin'), HEADERS)
def test_headers(header, origin):
    assert read_header(header + REQUEST) == (origin, len(header))
    assert [read_header(header[:count]) for count in range(len(header))] == [None] * len(header)


@pytest.mark.parametrize(
    'data',
    [
        b'G',
        b'PROXIES',
        b'\r\n\r\nGET',
        line('TCP4 203.0.113.7 192.0.2.1 51000'),
        line('TCP4 203.0.113.7 192.0.2.1 51000 80 90'),
        line('TCP4 2001:db8::7 192.0.2.1 51000 80'),
        line('TCP4 203.0.113.7 nobody 51000 80'),
        line('TCP4 203.0.113.7 192.0.2.1 70000 80'),
        line('TCP4 203.0.113.7 192.0.2.1 -1 80'),
        line('UDP4 203.0.113.7 192.0.2.1 51000 80'),
        line(''),
        'PROXY TCP4 \N{SNOWMAN}\r\n'.encode(),
        b'PROXY ' + b'x' * 200,
        block(fields_of('203.0.113.7'), command=0x11),
        block(fields_of('203.0.113.7'), command=0x22),
        block(b'short'),
        block(fields_of('203.0.113.7', more=b'\x20\0')),
        block(b'x' * 5000),
    ],
)
def test_what_is_none(data):
    with pytest.raises(ValueError, match=r'.'):
        read_header(data)


@given(st.sampled_from([b'PROXY TCP4 ', SIGNATURE, SIGNATURE + b'\x21\x11', b'']), st.binary(max_size=300))
def test_no_other_error(start, rest):
    with contextlib.suppress(ValueError):
        found = read_header(start + rest)
        assert found is None or found[1] <= len(start + rest)


@pytest.fixture
async def start(project):
    """Start a server that expects the protocol of some proxies; gives its port."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(*proxies):
            project(settings='DEBUG = False\n', routes=ROUTES)
            stack.enter_context(settings.override(TRUSTED_PROXIES=proxies, PROXY_HEADER='PROXY'))
            runner = Runner(create_app(), handler_class=ProxiedRequestHandler, shutdown_timeout=1)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, '127.0.0.1', 0).start()
            return runner.addresses[0][1]

        yield make


async def ask(reader):
    head = await reader.readuntil(b'\r\n\r\n')
    size = next(int(text.split(': ')[1]) for text in head.decode().split('\r\n') if text.startswith('Content-Length'))
    return int(head.split()[1]), json.loads(await reader.readexactly(size))


@pytest.mark.parametrize(('header', 'origin'), HEADERS)
async def test_a_trusted_proxy_says_who_it_is(start, header, origin):
    address = origin.address[0] if origin.address else '127.0.0.1'
    answer = 200, [address, 'https' if origin.is_tls else 'http']
    async with connection(await start('127.0.0.1')) as (reader, writer):
        for data in (header[:9], header[9:], REQUEST + REQUEST[:20], REQUEST[20:]):
            writer.write(data)
            await writer.drain()
        assert await ask(reader) == answer
        assert await ask(reader) == answer


async def test_its_clients_are_believed_nothing(start):
    async with connection(await start('127.0.0.1', '203.0.113.0/24')) as (reader, writer):
        writer.write(HEADERS[0][0] + REQUEST)
        assert await ask(reader) == (200, ['203.0.113.7', 'http'])


async def test_it_has_to_speak_the_protocol(start, caplog):
    async with connection(await start('127.0.0.1')) as (reader, writer):
        writer.write(REQUEST)
        assert await reader.read() == b''
    assert caplog.record_tuples == [
        (
            'colibris.serving.proxied',
            logging.WARNING,
            'refused a connection of a proxy: no header of the PROXY protocol',
        )
    ]


async def test_nobody_else_may(start):
    port = await start('192.0.2.1')
    async with connection(port) as (reader, writer):
        writer.write(REQUEST)
        assert await ask(reader) == (200, ['127.0.0.1', 'http'])
    async with connection(port) as (reader, writer):
        writer.write(HEADERS[0][0] + REQUEST)
        assert (await ask(reader))[0] == 400


async def test_one_that_is_not_done_in_time(project, start):
    port = await start('127.0.0.1')
    with settings.override(REQUEST_HEADER_TIMEOUT=0.05):
        async with connection(port) as (reader, writer):
            writer.write(HEADERS[0][0][:9])
            assert (await ask(reader))[0] == 408
