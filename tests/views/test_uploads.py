"""Forms with files."""

import asyncio
import hashlib
import io
import json
import os
import tempfile

import aiohttp
import pytest

from colibris.views import uploads
from tests.views.serving import error_of

ROUTES = """
import asyncio
import hashlib
from pathlib import Path

from colibris.views import receive_upload

went_on = asyncio.Event()


class FormSchema(Schema):
    number = fields.Integer()
    tag = fields.List(fields.String())


async def receive(request):
    async with receive_upload(request, max_parts=5) as upload:
        return {
            'fields': list(upload.fields.items()),
            'files': [
                [name, file.filename, file.content_type, file.size, hashlib.sha256(file.read()).hexdigest()]
                for name, file in upload.files.items()
            ],
        }


async def validate_fields(request):
    async with receive_upload(request) as upload:
        return upload.load(FormSchema)


async def save(request):
    target = Path(request.query['path'])
    async with receive_upload(request) as upload:
        upload.files['file'].save(target)
        upload.files['file'].save(str(target))
    return sorted(path.name for path in target.parent.iterdir())


async def fail(request):
    async with receive_upload(request) as upload:
        raise KeyError(upload)


async def hold(request):
    async with receive_upload(request):
        await asyncio.Event().wait()


VIEWS = [receive, validate_fields, save, fail, hold]
ROUTES = [(f'/{view.__name__}', view, ['POST']) for view in VIEWS]
"""
SETTINGS = 'MAX_UPLOAD_SIZE = 3000000\nMAX_REQUEST_BODY_SIZE = 1000\nDEBUG = False\n'
TYPE = {'Content-Type': 'multipart/form-data; boundary=x'}


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path):
    """The directory of temporary files; nothing may be left in it."""
    directory = tmp_path / 'temporary'
    directory.mkdir()
    monkeypatch.setattr(tempfile, 'tempdir', str(directory))
    descriptors = len(os.listdir('/proc/self/fd')) if os.path.isdir('/proc/self/fd') else None
    yield directory
    assert not list(directory.iterdir())
    assert descriptors is None or len(os.listdir('/proc/self/fd')) <= descriptors + 20


@pytest.fixture
async def client(serve):
    return await serve(ROUTES, settings=SETTINGS)


def form(*parts):
    """A form of fields (name, value) and files (name, content, filename)."""
    data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value, *filename in parts:
        content = io.BytesIO(value) if filename else value
        data.add_field(name, content, **({'filename': filename[0], 'content_type': 'text/x'} if filename else {}))
    return data


async def test_fields_and_files(client):
    content = os.urandom(2_000_000)
    response = await client.post(
        '/receive', data=form(('a', '1'), ('a', 'ä'), ('big', content, 'big.bin'), ('small', b'x', 'small.txt'))
    )
    assert response.status == 200
    found = await response.json()
    assert found['fields'] == [['a', '1'], ['a', 'ä']]
    assert found['files'] == [
        ['big', 'big.bin', 'text/x', 2_000_000, hashlib.sha256(content).hexdigest()],
        ['small', 'small.txt', 'text/x', 1, hashlib.sha256(b'x').hexdigest()],
    ]


async def test_large_files_are_on_the_disk_without_a_name(client, temporary, monkeypatch):
    rolled = []

    class Watched(uploads.SpooledTemporaryFile):
        def rollover(self):
            super().rollover()
            rolled.append(sorted(os.listdir(temporary)))

    monkeypatch.setattr(uploads, 'SpooledTemporaryFile', Watched)
    response = await client.post('/receive', data=form(('big', b'x' * 500_000, 'big'), ('small', b'x', 'small')))
    assert response.status == 200
    assert rolled == [[]]


@pytest.mark.parametrize(
    ('sent', 'kept'),
    [
        ('photo.jpg', 'photo.jpg'),
        ('C:\\Users\\x\\photo.jpg', 'photo.jpg'),
        ('../../etc/passwd', 'passwd'),
        ('..', ''),
        ('a/.', ''),
        ('', ''),
        ('ä' * 300, 'ä' * 255),
    ],
)
async def test_names(client, sent, kept):
    head = f'--x\r\nContent-Disposition: form-data; name="f"; filename="{sent}"\r\n\r\n'
    body = head.replace('\\', '\\\\').encode() + b'1\r\n--x--\r\n'
    found = await (await client.post('/receive', data=body, headers=TYPE)).json()
    assert found['files'][0][1:4] == [kept, 'application/octet-stream', 1]


async def test_fields_by_schema(client):
    response = await client.post('/validate_fields', data=form(('number', '5'), ('tag', 'a'), ('tag', 'b')))
    assert await response.json() == {'number': 5, 'tag': ['a', 'b']}
    error = await error_of(await client.post('/validate_fields', data=form(('number', 'x'))), 400)
    assert error['details'] == {'form': {'number': ['Not a valid integer.']}}


async def test_saved(client, tmp_path):
    target = tmp_path / 'saved' / 'file.bin'
    target.parent.mkdir()
    content = os.urandom(300_000)
    response = await client.post('/save', params={'path': str(target)}, data=form(('file', content, 'f')))
    assert await response.json() == ['file.bin']
    assert target.read_bytes() == content
    assert (await client.post('/save?path=/nowhere/at/all', data=form(('file', b'x', 'f')))).status == 500


LIMITS = {
    'one file': [('f', b'x' * 3_000_001, 'f')],
    'all files': [('f', b'x' * 1_600_000, 'f'), ('g', b'x' * 1_600_000, 'g')],
    'a field': [('f', 'x' * 70_000)],
    'parts': [('f', '1')] * 6,
    'files': [('f', b'1', 'f')] * 6,
}


@pytest.mark.parametrize('parts', LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize('is_chunked', [False, True])
async def test_limits(client, parts, is_chunked):
    writer = form(*parts)()
    headers = dict(writer.headers)

    async def chunks():
        content = await writer.as_bytes()
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    data = chunks() if is_chunked else io.BytesIO(await writer.as_bytes())
    error = await error_of(await client.post('/receive', data=data, headers=headers), 413)
    assert error['code'] == 'payload_too_large'


PART = b'--x\r\nContent-Disposition: form-data; name="name"%s\r\n\r\n5\r\n--x--\r\n'
BROKEN = {
    'nothing': b'',
    'cut': b'--x\r\n',
    'cut head': b'--x\r\nContent-Disposition: form-data; name="name"\r\n',
    'cut file': b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc',
    'no part': b'garbage',
    'no name': b'--x\r\nContent-Disposition: form-data\r\n\r\n5\r\n--x--\r\n',
    'nested': PART % b'\r\nContent-Type: multipart/mixed; boundary=y',
    'compressed': PART % b'\r\nContent-Encoding: gzip',
    'bad base64': PART % b'\r\nContent-Transfer-Encoding: base64',
    'unknown encoding': PART % b'\r\nContent-Transfer-Encoding: klingon',
    'unknown charset': PART % b'\r\nContent-Type: text/plain; charset=klingon',
    'wrong charset': (PART % b'').replace(b'5', b'\xff'),
    'long head': PART % (b'\r\nX: ' + b'x' * 20_000),
    'many heads': PART % (b'\r\nX: x' * 200),
    'bad default charset': b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n'
    + b'y' * 99
    + b'\r\n--x--',
}


@pytest.mark.parametrize('body', BROKEN.values(), ids=BROKEN)
async def test_broken(client, body):
    assert (await error_of(await client.post('/receive', data=body, headers=TYPE), 400))['code'] == 'bad_request'


@pytest.mark.parametrize('kind', ['application/json', 'application/x-www-form-urlencoded', 'multipart/mixed'])
async def test_other_types(client, kind):
    await error_of(await client.post('/receive', data=b'{}', headers={'Content-Type': kind}), 415)


async def test_no_boundary(client):
    await error_of(await client.post('/receive', data=b'x', headers={'Content-Type': 'multipart/form-data'}), 400)


async def test_nothing_is_left_of_failures(client):
    data = form(('f', b'x' * 500_000, 'f'))
    assert (await client.post('/fail', data=data)).status == 500


async def test_nothing_is_left_of_clients_that_go(client, temporary):
    async def chunks():
        yield b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b'x' * 500_000
        raise OSError('gone')

    with pytest.raises((OSError, aiohttp.ClientError)):
        await client.post('/receive', data=chunks(), headers=TYPE)
    response = await client.post('/receive', data=form(('a', '1')))
    assert json.loads(await response.read())['fields'] == [['a', '1']]


async def test_nothing_is_left_of_cancelled_requests(serve, project):
    client = await serve(ROUTES, settings=SETTINGS)
    task = asyncio.create_task(client.post('/hold', data=form(('f', b'x' * 500_000, 'f'))))
    await asyncio.wait([task], timeout=0.5)
    task.cancel()
    await client.close()
