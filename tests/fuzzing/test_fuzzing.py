"""A little of what ``scripts/fuzz`` does, and that it would notice."""

import asyncio
import json
import urllib.request

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.fuzzing.attack import attack
from tests.fuzzing.generated import generate
from tests.fuzzing.mangling import Mangler
from tests.fuzzing.serving import serving


@pytest.fixture(scope='module')
def shop():
    with serving() as shop:
        yield shop


def test_the_document_is_valid(shop):
    with urllib.request.urlopen(f'http://127.0.0.1:{shop.port}/api/docs/openapi.json', timeout=30) as response:
        document = json.load(response)
    OpenAPIV31SpecValidator(document).validate()
    assert len(document['paths']) >= 20


def test_generated_requests(shop):
    outcome = generate(shop, examples=2, seed=1, phases='fuzzing')
    assert outcome.passed, outcome.output
    assert outcome.cases > 50
    assert not shop.failures()


def test_mangled_requests(shop):
    report = asyncio.run(attack(shop, Mangler(1).requests(400), count=400, parts=4))
    assert not report.hung
    assert not report.failed
    assert not shop.failures()
    assert sum(report.statuses.values()) + report.unanswered == 400
    assert {200, 201, 400, 404} <= set(report.statuses), 'some reach the views, some do not'
    assert len(report.memory) == 4
    assert min(report.memory) > 10


def test_the_same_requests_from_the_same_seed():
    assert list(Mangler(7).requests(50)) == list(Mangler(7).requests(50)) != list(Mangler(8).requests(50))


@pytest.fixture
async def faulty():
    """A server that answers what it is told, or never."""

    async def answer(reader, writer):
        line = await reader.readline()
        if line != b'hang\n':
            writer.write(line)
            writer.close()
            return
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, '127.0.0.1', 0)
    yield Faulty(server.sockets[0].getsockname()[1])
    server.close()


class Faulty:
    memory = 50

    def __init__(self, port):
        self.port = port


async def test_faults_are_noticed(faulty, monkeypatch):
    monkeypatch.setattr('tests.fuzzing.attack.PATIENCE', 0.4)
    requests = [b'HTTP/1.1 200 OK\n', b'HTTP/1.1 503 Away\n', b'hang\n', b'\n']
    report = await attack(faulty, requests, count=4, parts=1)
    assert report.statuses == {200: 1, 503: 1}
    assert (report.failed, report.hung, report.unanswered) == ([requests[1]], [requests[2]], 1)


async def test_growth_is_measured(faulty):
    report = await attack(faulty, [], count=0, parts=10)
    report.memory[-1] = 60
    assert (report.warm, round(report.growth, 3)) == (50, 0.2)
