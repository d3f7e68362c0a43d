"""Medians, ratios, bars, and the tables that show them."""

import pytest

from benchmarks.http.figures import Measured, judge, ratios
from benchmarks.http.load import Round
from benchmarks.http.peers import Bar
from benchmarks.http.tables import details, make_table, markers, read_block, summary, write_block


def make_round(requests, **values):
    """A round of a second."""
    return Round(**{'requests': requests, 'duration_us': 1_000_000, 'p50_us': 2_000, 'p99_us': 9_000, **values})


@pytest.fixture
def results():
    """Three rounds, in which the machine is slow at first and colibris at last."""
    return {
        'aiohttp': Measured(
            {'ping': [make_round(each, cpu_seconds=0.5) for each in (1_000, 10_000, 10_000)]}, [0.2, 0.3, 0.9], 45.2
        ),
        'colibris': Measured(
            {'ping': [make_round(each, cpu_seconds=0.5) for each in (800, 9_000, 4_000)]}, [0.4, 0.5, 0.3], 69.8
        ),
    }


def test_rounds_know_their_rate_and_their_cost():
    one = make_round(3_000, duration_us=2_000_000, cpu_seconds=1.5)
    assert one.rate == 1_500
    assert one.cpu_us == 500
    assert make_round(0).cpu_us == 0


def test_ratios_are_those_of_rounds_beside_each_other(results):
    assert ratios(results['colibris'].rounds['ping'], results['aiohttp'].rounds['ping']) == [0.8, 0.9, 0.4]


def test_rounds_without_a_partner_are_refused(results):
    with pytest.raises(ValueError, match='zip'):
        ratios(results['colibris'].rounds['ping'], [])


def test_the_summary_has_a_row_for_each_service(results):
    assert summary(results, 'aiohttp').splitlines() == [
        '|  | ping | start-up | memory |',
        '| --- | ---: | ---: | ---: |',
        '| bare aiohttp, hand-written SQL | 1.00 | 300 ms | 45 MiB |',
        '| **colibris** | 0.80 | 400 ms | 70 MiB |',
    ]


def test_the_details_have_a_row_for_each_service_and_piece_of_work(results):
    assert details(results, 'aiohttp').splitlines()[2:] == [
        '| ping | bare aiohttp, hand-written SQL | 10,000 | 1.00 (1.00, 1.00) | 2.0 | 9.0 | 50 | 1.00 | 0 |',
        '|  | **colibris** | 4,000 | 0.80 (0.40, 0.90) | 2.0 | 9.0 | 125 | 0.40 | 0 |',
    ]


def test_failures_are_counted(results):
    assert results['colibris'].failures == 0
    results['colibris'].rounds['insert'] = [make_round(9, refused=2), make_round(9, socket_errors=1)]
    assert results['colibris'].failures == 3


def test_bars_are_met_or_missed(results):
    bar = Bar('colibris', 'aiohttp', {'ping': 0.8, 'insert': 0.5}, start_ms=399, memory_mib=70)
    ratio, start, memory = judge(bar, results)
    assert str(ratio) == 'met    colibris to aiohttp, ping: 0.80 (bar 0.80)'
    assert str(start) == 'MISSED colibris, start-up in ms: 400.00 (bar 399.00)'
    assert memory.is_met
    assert judge(Bar('colibris', 'fastapi', {'ping': 2}), results) == []


def test_tables_align_numbers_to_the_right():
    assert make_table(['', 'a'], [['x', '1']]) == '|  | a |\n| --- | ---: |\n| x | 1 |'
    assert make_table(['', '', 'a'], [['x', 'y', '1']]).splitlines()[1] == '| --- | --- | ---: |'


class TestBlocks:
    def test_are_replaced_and_nothing_else_is(self, tmp_path):
        page = tmp_path / 'page.md'
        begin, end = markers('speed')
        page.write_text(f'before\n\n{begin}\nold\n{end}\n\nafter\n')
        write_block(page, 'speed', 'new\n\ntext\n')
        assert page.read_text() == f'before\n\n{begin}\nnew\n\ntext\n{end}\n\nafter\n'
        assert read_block(page.read_text(), 'speed') == 'new\n\ntext\n'

    def test_may_be_empty(self, tmp_path):
        page = tmp_path / 'page.md'
        page.write_text('\n'.join([*markers('speed'), '']))
        write_block(page, 'speed', 'new')
        assert read_block(page.read_text(), 'speed') == 'new\n'

    @pytest.mark.parametrize('count', [0, 2])
    def test_have_to_be_there_once(self, tmp_path, count):
        page = tmp_path / 'page.md'
        page.write_text('\n'.join([*markers('speed') * count, '']))
        with pytest.raises(ValueError, match=f'{count} blocks "speed"'):
            write_block(page, 'speed', 'new')
        assert 'new' not in page.read_text()
