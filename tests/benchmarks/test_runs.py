"""What a run is made of: its requests, its arguments, its services, and the pages that it writes."""

import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.http import __main__ as http
from benchmarks.http.answers import Examiner
from benchmarks.http.databases import opened
from benchmarks.http.load import write_requests
from benchmarks.http.peers import BARS, ENGINES, PEERS, baseline_of, peers_for
from benchmarks.http.pieces import PIECES, Request
from benchmarks.http.processes import Service
from benchmarks.http.tables import read_block

ROOT = Path(__file__).parents[2]


class TestRequests:
    def test_are_encoded(self):
        request = Request('POST', '/items', {'name': 'é'}, 'secret')
        head, _, body = request.encode().partition(b'\r\n\r\n')
        assert head.decode().split('\r\n') == [
            'POST /items HTTP/1.1',
            'Host: 127.0.0.1',
            'Accept: application/json',
            'Authorization: Bearer secret',
            'Content-Type: application/json',
            'Content-Length: 14',
        ]
        assert body == '{"name": "é"}'.encode()

    def test_without_a_body_end_with_the_head(self):
        assert Request('GET', '/ping').encode().endswith(b'application/json\r\n\r\n')
        assert b'Content-Length: 0\r\n' in Request('POST', '/validate', b'').encode()

    def test_are_written_behind_their_lengths(self, tmp_path):
        requests = PIECES['insert'].requests(['key'], 10_000)
        write_requests(tmp_path / 'file', requests)
        with (tmp_path / 'file').open('rb') as file:
            read = [file.read(int(length)) for length in file]
        assert read == [request.encode() for request in requests]

    @pytest.mark.parametrize('piece', PIECES.values(), ids=PIECES)
    def test_are_the_same_in_every_run(self, piece):
        made = piece.requests(['a', 'b'], 10_000)
        assert len(made) == piece.variety
        assert made == piece.requests(['a', 'b'], 10_000)


class TestArguments:
    def test_mean_a_whole_run_when_there_are_none(self):
        options = http.read_arguments([])
        assert options.apps == peers_for('postgresql') == list(PEERS)
        assert http.is_whole(options)

    def test_of_a_quick_run(self):
        options = http.read_arguments(['--quick'])
        assert options.apps == ['aiohttp', 'colibris']
        assert not http.is_whole(options)
        assert http.read_arguments(['--quick', '--database', 'sqlite']).apps == ['fastapi', 'colibris']

    @pytest.mark.parametrize(
        'arguments',
        [
            ['--apps', 'colibris,aiohttp'],
            ['--rounds', '4'],
            ['--pieces', 'ping'],
            ['--quick', '--apps', ','.join(PEERS)],
        ],
    )
    def test_of_other_runs_write_nothing(self, arguments):
        assert not http.is_whole(http.read_arguments(arguments))

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (['--apps', 'flask'], 'postgresql has no service flask; there are: aiohttp'),
            (['--apps', 'drf', '--database', 'mysql'], 'mysql has no service drf; there are: colibris'),
            (['--pieces', 'dance'], 'has no piece of work dance; there are: ping'),
            (['--rounds', '0'], "invalid positive value: '0'"),
        ],
    )
    def test_that_are_wrong_are_refused(self, capsys, arguments, message):
        with pytest.raises(SystemExit):
            http.read_arguments(arguments)
        assert message in capsys.readouterr().err


@pytest.mark.parametrize('engine', ENGINES)
def test_bars_speak_of_services_that_run(engine):
    known = peers_for(engine)
    assert {name for bar in BARS[engine] for name in (bar.peer, bar.to)} <= set(known)
    assert {piece for bar in BARS[engine] for piece in bar.ratios} <= set(PIECES)
    assert baseline_of(known) == ('aiohttp' if engine == 'postgresql' else 'fastapi')


@pytest.mark.parametrize('name', sorted(set(PEERS) - {'colibris', 'colibris-views'}))
def test_other_services_have_pinned_requirements(name):
    lines = PEERS[name].requirements.read_text().splitlines()
    assert lines
    assert all('==' in line for line in lines)


@pytest.mark.parametrize(
    ('name', 'engine'), [('colibris-views', 'sqlite'), *(('colibris', engine) for engine in ENGINES)]
)
def test_our_services_answer_rightly(tmp_path, name, engine):
    peer, cpu = PEERS[name], min(os.sched_getaffinity(0))
    with (
        opened(engine, tmp_path) as database,
        closing(Service(peer, Path(sys.executable), database.url, cpu)) as service,
    ):
        service.start()
        Examiner(service.ask, database).examine(PIECES)
        assert service.memory_mib() > 1
        assert service.cpu_seconds() > 0
        service.stop()
        assert database.count() == database.rows + 4
        database.tidy()
        assert database.count() == database.rows


def test_readme_and_manual_show_the_same_table():
    manual = (ROOT / 'docs' / 'performance.md').read_text()
    shown = read_block((ROOT / 'README.md').read_text(), 'benchmark')
    assert shown == read_block(manual, 'benchmark')
    for name in ('aiohttp', 'colibris', 'blacksheep', 'litestar', 'fastapi', 'drf'):
        assert PEERS[name].label in shown
        assert PEERS[name].label in read_block(manual, 'benchmark-details')


def test_a_whole_run_writes_both_pages(tmp_path, monkeypatch):
    for name in ('README', 'MANUAL'):
        path = getattr(http, name)
        copy = tmp_path / path.name
        copy.write_text(path.read_text())
        monkeypatch.setattr(http, name, copy)
    http.write('postgresql', 'short', 'full')
    http.write('sqlite', 'of SQLite', 'full')
    assert read_block(http.README.read_text(), 'benchmark') == 'short\n'
    manual = http.MANUAL.read_text()
    blocks = {name: read_block(manual, name) for name in ('benchmark', 'benchmark-details', 'benchmark-sqlite')}
    assert blocks == {'benchmark': 'short\n', 'benchmark-details': 'full\n', 'benchmark-sqlite': 'of SQLite\n'}
