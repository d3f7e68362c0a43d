"""Requests that are broken somewhere."""

import json
import random

from tests.fuzzing.serving import KEY

__all__ = ['Mangler']

HOST = b'127.0.0.1'
THING = {
    'name': 'thing', 'maker': 1, 'note': None, 'stock': 3, 'small': 1, 'big': 2**40, 'price': '1.50', 'weight': 0.5,
    'is_new': True, 'made': '2020-01-01T10:00:00', 'day': '2020-01-01', 'hour': '10:00:00',
    'code': '7d444840-9dc0-11d1-b245-5ffdce74fad2', 'kind': 'a', 'address': '10.0.0.1', 'extra': {'a': [1, None]},
}  # fmt: skip
BODIES = [
    ('POST', '/things', THING),
    ('PUT', '/things/2', THING),
    ('PATCH', '/things/3', {'stock': 4, 'extra': [{}, 'x']}),
    ('POST', '/makers', {'name': 'Acme', 'founded': '1920-01-01'}),
    ('PATCH', '/makers/1', {'founded': None}),
    ('POST', '/seats', {'row': 99, 'number': 1, 'label': 'x'}),
    ('PATCH', '/seats/s3', {'number': 3}),
    ('POST', '/tags', {'word': 'new', 'weight': 1}),
    ('PUT', '/tags/tag5', {'word': 'tag5', 'weight': 2}),
    ('POST', '/wishes', {'text': 'a pony'}),
    ('POST', '/orders', {'amount': 3, 'words': ['a', 'b'], 'urgent': True}),
    ('POST', '/quotes', {'amount': 3}),
]
PATHS = [
    '/things?name__contains=1&stock__in=1,2&made__between=2020-01-01,2021-01-01&ordering=-price,name&page=2',
    '/things?search=thing+1&price__is_null=true&page_size=3',
    '/things?name__regexp=^t(h|i)&name__like=%25in%25&maker__not=1&at_least=2',
    '/things?code=7d444840-9dc0-11d1-b245-5ffdce74fad2&address__in=10.0.0.1,::1&hour__gt=10:00&weight__le=1e3',
    '/limited?limit=5&offset=10&ordering=name', '/long?page_size=5&ordering=-price', '/long?cursor=AAAA',
    '/strict?colour=red', '/makers', '/seats', '/tags/tag1', '/wishes', '/ping', '/health', '/live', '/ready',
    '/status', '/events?count=3', '/file', '/api/docs', '/api/docs/openapi.json', '/nowhere', '/things/%C3%A4', '*',
]  # fmt: skip
HEADERS = [
    b'X-Request-ID: abc', b'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', b'If-Match: "x"',
    b'If-None-Match: W/"x", *', b'Accept-Encoding: br, gzip;q=0.5', b'Accept: application/json', b'Range: bytes=0-9',
    b'Origin: http://127.0.0.1', b'Cookie: session=abc; a="b"', b'Last-Event-ID: 7', b'Expect: 100-continue',
    b'Content-Encoding: gzip', b'Transfer-Encoding: chunked', b'If-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT',
    b'Upgrade: websocket', b'X-Forwarded-For: 1.2.3.4', b'Accept-Language: de, en;q=0.5',
]  # fmt: skip
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="tag"\r\n\r\nred\r\n'
    b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    b'\x89PNG\r\n--x--\r\n'
)
WEBSOCKET = [b'Upgrade: websocket', b'Connection: Upgrade', b'Sec-WebSocket-Version: 13']
FRAMES = b'\x81\x85\x01\x02\x03\x04ikohn\x88\x82\x01\x02\x03\x04\x02\xea'
METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'get', 'MÜLL', 'X' * 300]
BYTES = [
    b'\0', b'\r\n', b'\n', b'\r', b'\r\n\r\n', b' ', b'\t', b':', b'%', b'%00', b'%ff', b'%c0%ae', b'%2e%2e%2f',
    b'../', b'%u0041', b'\xff\xfe', b'\xed\xa0\x80', b'\\ud800', b'"', b'\\', b'{', b'[' * 2000, b'9' * 400, b'-1',
    b'0x10', b'1e999', b'NaN', b'A' * 9000, b'?', b'#', b'&', b'=', b';', b',', b'http://evil.example/',
    b'HTTP/1.1', b'HTTP/9.9', b'\r\nContent-Length: 5', b'\r\nContent-Length: -1', b'\r\nTransfer-Encoding: chunked',
    b'\r\nHost: evil.example',
    b'\r\n 1 [ERROR][forged] colibris: forged', b'0\r\n\r\n', b'ffffffffffffffff\r\n', b'\x1f\x8b\x08', b"' OR 1=1 --",
]  # fmt: skip
VALUES = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**400, -(2**63) - 1, 0.1, 1e308, float('nan'), float('inf'), '', 'x',
    ' ', '\0', '\ud800', '\U0010ffff', 'x' * 5000, '1', '1e5', '2020-13-45', '9999-12-31T23:59:59.999999+14:00',
    '0001-01-01T00:00:00', '25:00', 'ä\r\nö', '::1', '10.0.0.0/8', 'NaN', 'Infinity', '-0', '1' * 400, [], {}, [[]],
    [None], {'': ''}, {'a': {'b': {'c': []}}}, [1] * 300, '{}', '<script>', "'; DROP TABLE thing; --", '%s%s%n',
]  # fmt: skip


class Mangler:
    """Makes requests, always the same from the same seed."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def requests(self, count):
        """So many requests, as they go over the wire."""
        for _ in range(count):
            yield self._random.choice((self._broken_json, self._broken_values, self._broken_bytes, self._broken_url))()

    def _broken_values(self):
        """JSON that is none that the view expects."""
        method, path, data = self._random.choice(BODIES)
        content = json.dumps(self._mangle_value(dict(data))).encode('utf-8', 'surrogatepass')
        return self._assemble(method, path, self._extra_headers(), content)

    def _broken_json(self):
        """A body that is no JSON, or hardly."""
        method, path, data = self._random.choice(BODIES)
        return self._assemble(method, path, self._extra_headers(), self._mangle_bytes(json.dumps(data).encode()))

    def _broken_url(self):
        """A path and query that lead nowhere, or hardly."""
        path = self._mangle_bytes(self._random.choice(PATHS).encode())
        method = self._random.choice(METHODS) if self._random.random() < 0.2 else 'GET'
        return self._assemble(method, path.replace(b' ', b'+').replace(b'\r', b'').replace(b'\n', b''), [])

    def _broken_bytes(self):
        """Something that is no HTTP, or hardly."""
        kind = self._random.random()
        if kind < 0.1:
            key = b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
            request = self._assemble('GET', '/echo', [*WEBSOCKET, key]) + FRAMES
        elif kind < 0.25:
            request = self._assemble('POST', '/upload', [], FORM, 'multipart/form-data; boundary=x')
        elif kind < 0.35:
            chunks = [b'Transfer-Encoding: chunked', b'Content-Type: application/json']
            request = _request('POST', '/orders', chunks) + b'5\r\n{"amo\r\n8;a=b\r\nunt": 3}\r\n0\r\nX: y\r\n\r\n'
        elif kind < 0.65:
            method, path, data = self._random.choice(BODIES)
            request = self._assemble(method, path, self._extra_headers(), json.dumps(data).encode())
        else:
            request = self._assemble(self._random.choice(METHODS), self._random.choice(PATHS), self._extra_headers())
        return self._mangle_bytes(request)

    def _extra_headers(self):
        return self._random.sample(HEADERS, self._random.choice((0, 0, 0, 1, 3)))

    def _assemble(self, method, path, headers, body=None, content_type='application/json'):
        if body is not None:
            headers = [*headers, b'Content-Type: ' + content_type.encode(), b'Content-Length: %d' % len(body)]
        return _request(method, path, headers) + (body or b'')

    def _mangle_value(self, value):
        """The value with one or a few parts of it replaced, added or taken away."""
        for _ in range(self._random.choice((1, 1, 2, 4))):
            if not isinstance(value, dict) or not value or self._random.random() < 0.1:
                return self._random.choice(VALUES)
            name = self._random.choice(list(value))
            kind = self._random.random()
            if kind < 0.7:
                value[name] = self._random.choice(VALUES)
            elif kind < 0.85:
                del value[name]
            else:
                value[self._random.choice(('id', 'owner', '', '__class__', 'x' * 300, 'ä\ud800'))] = name
        return value

    def _mangle_bytes(self, content):
        """The bytes with one or a few changes."""
        content = bytearray(content)
        for _ in range(self._random.choice((1, 1, 2, 5))):
            start = self._random.randrange(len(content) + 1)
            stop = min(len(content), start + self._random.choice((0, 1, 1, 4, 20)))
            kind = self._random.random()
            if kind < 0.3:
                content[start:stop] = self._random.randbytes(self._random.choice((1, 1, 3)))
            elif kind < 0.7:
                content[start:stop] = self._random.choice(BYTES)
            elif kind < 0.8:
                del content[start:stop]
            elif kind < 0.9:
                content[start:start] = content[start:stop] * self._random.choice((1, 2, 50))
            else:
                del content[start:]
        return bytes(content)


def _request(method, path, headers):
    path = path if isinstance(path, bytes) else path.encode()
    fixed = [b'Host: ' + HOST, b'Authorization: Bearer ' + KEY.encode()]
    return b'\r\n'.join([method.encode() + b' ' + path + b' HTTP/1.1', *fixed, *headers, b'', b''])
