"""Functions that are called again."""

import asyncio
import logging
import sys
from subprocess import run

import pytest

from colibris import bridge
from colibris.utils import FALSY, retries, retry


@pytest.fixture
def pauses(monkeypatch):
    """The pauses between tries, which take no time here."""
    found = []

    async def sleep(seconds):
        found.append(seconds)

    monkeypatch.setattr(retries.asyncio, 'sleep', sleep)
    return found


def failing(*outcomes):
    """A function whose calls have these outcomes, one after another; exceptions are raised."""
    remaining = list(outcomes)

    def function():
        outcome = remaining.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return function


def as_async(function):
    async def wrapped():
        return function()

    return wrapped


@pytest.fixture(params=['plain', 'async', 'driven'])
def call(request):
    """Decorate and call a function in each of the colours."""

    async def make(decorate, function):
        if request.param == 'async':
            return await decorate(as_async(function))()
        if request.param == 'driven':
            return await bridge.run(decorate(function))
        return await asyncio.to_thread(decorate(function))

    return make


async def test_until_it_works(call, pauses):
    assert await call(retry(), failing(OSError(), ValueError(), 5)) == 5
    assert pauses == [0.5, 1]


async def test_the_last_exception_is_raised(call, pauses):
    with pytest.raises(ValueError, match='second'):
        await call(retry(tries=2), failing(OSError('first'), ValueError('second'), 5))


async def test_back_off(call, pauses):
    assert await call(retry(tries=5, delay=0.1, back_off=3), failing(*[OSError()] * 4, 1)) == 1
    assert pauses == pytest.approx([0.1, 0.3, 0.9, 2.7])


async def test_other_exceptions_are_raised_at_once(call, pauses):
    with pytest.raises(KeyError):
        await call(retry(on=OSError), failing(KeyError(), 5))
    assert await call(retry(on=(OSError, KeyError)), failing(KeyError(), ConnectionError(), 5)) == 5
    assert len(pauses) == 2


async def test_falsy_results(call, pauses):
    assert await call(retry(on=FALSY), failing(None, 0, 'x')) == 'x'
    assert await call(retry(tries=2, on=FALSY), failing(None, [], 'x')) == []
    assert await call(retry(on=(OSError, FALSY)), failing(None, OSError(), 'x')) == 'x'
    assert await call(retry(), failing(None, 'x')) is None
    with pytest.raises(OSError, match='no'):
        await call(retry(on=FALSY), failing(None, OSError('no')))


async def test_one_try_never_waits(call, pauses):
    with pytest.raises(OSError, match='no'):
        await call(retry(tries=1), failing(OSError('no')))
    assert pauses == []


async def test_plain_functions_do_not_stop_the_loop():
    events = []

    @retry(tries=2, delay=0.05)
    def function():
        events.append('try')
        if len(events) < 3:
            raise OSError

    async def other():
        await asyncio.sleep(0.01)
        events.append('other')

    await asyncio.gather(bridge.run(function), other())
    assert events == ['try', 'other', 'try']


async def test_cancellation_is_no_failure(pauses):
    tried = []

    @retry()
    async def function():
        tried.append(1)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await function()
    assert tried == [1]


def test_names_and_arguments_are_kept(pauses):
    @retry()
    def function(a, *, b):
        """What it does."""
        return a, b

    assert function(1, b=2) == (1, 2)
    assert (function.__name__, function.__doc__) == ('function', 'What it does.')


def test_the_log_names_no_message(pauses, caplog):
    caplog.set_level(logging.INFO)
    retry()(failing(OSError('password=secret'), 1))()
    (record,) = caplog.records
    assert record.getMessage().endswith('function: OSError in try 1; the next in 0.5 s')


@pytest.mark.parametrize(
    ('options', 'error'),
    [
        ({'tries': 0}, ValueError),
        ({'tries': 1.5}, TypeError),
        ({'tries': True}, TypeError),
        ({'tries': None}, TypeError),
        ({'delay': -1}, ValueError),
        ({'delay': float('nan')}, ValueError),
        ({'back_off': 0.5}, ValueError),
        ({'on': 'error'}, TypeError),
        ({'on': BaseException}, TypeError),
        ({'on': (OSError, 5)}, TypeError),
        ({'on': OSError()}, TypeError),
    ],
)
def test_wrong_arguments(options, error):
    with pytest.raises(error):
        retry(**options)


def test_generators_are_refused():
    def generator():
        yield

    async def asynchronous():
        yield

    for function in (generator, asynchronous):
        with pytest.raises(TypeError, match='generator'):
            retry()(function)


def test_tenacity_is_imported_only_when_needed():
    code = "import colibris.utils, sys; sys.exit('tenacity' in sys.modules)"
    assert run([sys.executable, '-c', code], check=False).returncode == 0
