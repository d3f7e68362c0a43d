import asyncio
import logging

import pytest

from colibris import bridge
from colibris.log import operation_id
from colibris.log.operation import (
    install_record_factory,
    is_valid_operation_id,
    new_operation_id,
    trace_id_of,
    trace_ids,
    trace_ids_in,
    working_for,
)


@pytest.fixture(autouse=True)
def _record_factory():
    """The record factory is as before afterwards."""
    before = logging.getLogRecordFactory()
    install_record_factory()
    yield
    logging.setLogRecordFactory(before)


async def log(text):
    bridge.wait(asyncio.sleep(0))
    logging.getLogger('test').warning(text)


def test_no_operation(caplog):
    logging.getLogger('test').warning('text')
    assert caplog.records[0].operation_id == '-'


async def test_records_of_a_request_and_what_it_spawns(caplog):
    bridge.install(asyncio.get_running_loop())

    async def request(identifier):
        operation_id.set(identifier)
        await log('own')
        await asyncio.create_task(log('spawned'))
        await asyncio.to_thread(logging.getLogger('test').warning, 'thread')
        async with asyncio.TaskGroup() as group:
            group.create_task(log('group'))

    await asyncio.gather(*(asyncio.create_task(bridge.drive(request(name))) for name in 'abc'))
    for name in 'abc':
        texts = [record.getMessage() for record in caplog.records if record.operation_id == name]
        assert texts == ['own', 'spawned', 'thread', 'group']
    assert operation_id.get() == '-'


def test_installed_once():
    factory = logging.getLogRecordFactory()
    install_record_factory()
    assert logging.getLogRecordFactory() is factory


def test_new_ids_differ_and_are_valid():
    assert new_operation_id() != new_operation_id()
    assert is_valid_operation_id(new_operation_id())


@pytest.mark.parametrize('text', ['a', 'A-1.b_c:d/e+f=g@h', 'x' * 128])
def test_valid(text):
    assert is_valid_operation_id(text)


@pytest.mark.parametrize('text', ['', 'x' * 129, 'a b', 'a\n', '\n', 'ä', 'a;b', '<a>', 'a\x00', '\uff11'])
def test_invalid(text):
    assert not is_valid_operation_id(text)


TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'


@pytest.mark.parametrize(
    'header',
    [f'00-{TRACE}-00f067aa0ba902b7-01', f'00-{TRACE}-00f067aa0ba902b7-00', f'cc-{TRACE}-00f067aa0ba902b7-01-what-else'],
)
def test_trace(header):
    assert trace_id_of(header) == TRACE


@pytest.mark.parametrize(
    'header',
    [
        '',
        TRACE,
        f'00-{TRACE}-00f067aa0ba902b7',
        f'00-{TRACE}-00f067aa0ba902b7-01-more',
        f'00-{TRACE}-00f067aa0ba902b7-01\n',
        f'ff-{TRACE}-00f067aa0ba902b7-01',
        f'00-{"0" * 32}-00f067aa0ba902b7-01',
        f'00-{TRACE}-{"0" * 16}-01',
        f'00-{TRACE.upper()}-00f067aa0ba902b7-01',
        f'00-{TRACE}-00f067aa0ba902b7-0x',
        f'00-{TRACE[:-1]}g-00f067aa0ba902b7-01',
        f'cc-{TRACE}-00f067aa0ba902b7-01x',
    ],
)
def test_wrong_trace(header):
    assert trace_id_of(header) is None


def test_working_for(caplog):
    trace, span = '0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'
    with working_for('operation', f'00-{trace}-{span}-01'):
        logging.getLogger('test').warning('text')
        with working_for('', ''):
            logging.getLogger('test').warning('text')
    first, second = caplog.records
    assert (first.operation_id, first.trace_id, first.span_id) == ('operation', trace, span)
    assert second.operation_id == '-'
    assert not hasattr(second, 'trace_id')
    assert (operation_id.get(), trace_ids.get()) == ('-', None)


def test_ids_of_a_trace():
    assert trace_ids_in('') is None
    assert trace_ids_in(f'00-{"1" * 32}-{"0" * 16}-01') is None
    assert trace_ids_in(f'00-{"1" * 32}-{"2" * 16}-01') == ('1' * 32, '2' * 16)
