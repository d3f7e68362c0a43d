"""Whose address counts, and who can make one up."""

import pytest
from aiohttp.test_utils import make_mocked_request

from colibris.utils.proxies import client_address, client_scheme


class Peer:
    """The transport of a connection."""

    def __init__(self, address):
        self.address = address

    def get_extra_info(self, name, default=None):
        known = {'peername': (self.address, 1234) if self.address else ''}
        return known.get(name, default)


def request_from(peer, headers=()):
    return make_mocked_request('GET', '/', headers=list(headers), transport=Peer(peer))


PROXIES = "TRUSTED_PROXIES = ['10.0.0.0/8', 'fd00::/8', '192.0.2.1']\n"
FORWARDED = PROXIES + "PROXY_HEADER = 'Forwarded'\n"


@pytest.mark.parametrize(
    ('settings', 'peer', 'headers', 'expected'),
    [
        # nobody is trusted
        ('', '203.0.113.9', ['1.2.3.4'], '203.0.113.9'),
        ('', '::ffff:203.0.113.9', [], '203.0.113.9'),
        ('', None, ['1.2.3.4'], None),
        # a proxy is
        (PROXIES, '203.0.113.9', ['1.2.3.4'], '203.0.113.9'),
        (PROXIES, '10.1.1.1', ['203.0.113.9'], '203.0.113.9'),
        (PROXIES, '::ffff:10.1.1.1', ['203.0.113.9'], '203.0.113.9'),
        (PROXIES, 'fd00::1', ['2001:db8::7'], '2001:db8::7'),
        # what the client has made up stands to the left of what a proxy has added
        (PROXIES, '10.1.1.1', ['1.2.3.4, 203.0.113.9'], '203.0.113.9'),
        (PROXIES, '10.1.1.1', ['10.9.9.9, 203.0.113.9, 192.0.2.1'], '203.0.113.9'),
        (PROXIES, '10.1.1.1', ['1.2.3.4', '203.0.113.9'], '203.0.113.9'),
        (PROXIES, '10.1.1.1', ['1.2.3.4, nonsense, 10.2.2.2'], '10.2.2.2'),
        (PROXIES, '10.1.1.1', ['1.2.3.4,'], '10.1.1.1'),
        (PROXIES, '10.1.1.1', [], '10.1.1.1'),
        (PROXIES, '10.1.1.1', ['10.2.2.2, 10.3.3.3'], '10.2.2.2'),
        # forms in which some proxies write
        (PROXIES, '10.1.1.1', ['203.0.113.9:4711'], '203.0.113.9'),
        (PROXIES, '10.1.1.1', ['[2001:db8::7]:4711'], '2001:db8::7'),
        (PROXIES, '10.1.1.1', ['2001:0DB8::0007'], '2001:db8::7'),
        (PROXIES, '10.1.1.1', ['1.2.3.4.5'], '10.1.1.1'),
        (PROXIES, '10.1.1.1', ['1' * 5000], '10.1.1.1'),
        # by a Unix socket
        (PROXIES, None, ['203.0.113.9'], None),
        ("TRUSTED_PROXIES = ['unix']", None, ['203.0.113.9'], '203.0.113.9'),
        ("TRUSTED_PROXIES = ['unix']", '203.0.113.9', ['1.2.3.4'], '203.0.113.9'),
        # the header that is not the proxies'
        (FORWARDED, '10.1.1.1', ['1.2.3.4'], '10.1.1.1'),
    ],
)
def test_x_forwarded_for(project, settings, peer, headers, expected):
    project(settings=settings)
    request = request_from(peer, [('X-Forwarded-For', header) for header in headers])
    assert client_address(request) == expected


@pytest.mark.parametrize(
    ('header', 'address', 'scheme'),
    [
        ('for=203.0.113.9', '203.0.113.9', 'http'),
        ('for=203.0.113.9;proto=https;by=10.1.1.1', '203.0.113.9', 'https'),
        ('For="[2001:db8::7]:4711"; Proto=HTTPS', '2001:db8::7', 'https'),
        ('for=1.2.3.4, for=203.0.113.9', '203.0.113.9', 'http'),
        ('for="1.2.3.4, for=203.0.113.9', '203.0.113.9', 'http'),
        ('for=_hidden', '10.1.1.1', 'http'),
        ('for=unknown;proto=gopher', '10.1.1.1', 'http'),
        ('proto=https', '10.1.1.1', 'https'),
        (';;;=,==', '10.1.1.1', 'http'),
        ('for="' + '\\"' * 3000, '10.1.1.1', 'http'),
        ('for=203.0.113.9;' + 'x' * 2000, '10.1.1.1', 'http'),
    ],
)
def test_forwarded(project, header, address, scheme):
    project(settings=FORWARDED)
    request = request_from('10.1.1.1', [('Forwarded', header), ('X-Forwarded-For', '6.6.6.6')])
    assert client_address(request) == address
    assert client_scheme(request) == scheme


@pytest.mark.parametrize(
    ('settings', 'peer', 'header', 'expected'),
    [
        ('', '10.1.1.1', 'https', 'http'),
        (PROXIES, '203.0.113.9', 'https', 'http'),
        (PROXIES, '10.1.1.1', 'https', 'https'),
        (PROXIES, '10.1.1.1', 'http, HTTPS', 'https'),
        (PROXIES, '10.1.1.1', 'javascript', 'http'),
        (PROXIES, '10.1.1.1', None, 'http'),
    ],
)
def test_scheme(project, settings, peer, header, expected):
    project(settings=settings)
    request = request_from(peer, [('X-Forwarded-Proto', header)] if header else [])
    assert client_scheme(request) == expected
