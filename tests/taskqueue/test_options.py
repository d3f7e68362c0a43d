"""Wrong settings and wrong options are told at once, and how to mend them."""

import pytest

from colibris.errors import ConfigurationError
from colibris.taskqueue import task
from colibris.taskqueue.local import LocalBackend
from colibris.taskqueue.options import LONGEST_BACKOFF, Rate, backoff_delay
from colibris.taskqueue.rq import RQBackend

URL = 'redis://ada:secret@example.com:6380/5'


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'host': 5}, "'host' must be of type str, not int"),
        ({'port': '6379'}, "'port' must be of type int, not str"),
        ({'db': True}, "'db' must be of type int, not bool"),
        ({'url': 'http://x'}, "'url' must look like redis://"),
        ({'url': 'redis://ada:secret@host:port/0'}, "'url' must look like redis://"),
        ({'url': 5}, "'url' must look like redis://"),
        ({'url': URL, 'port': 1}, "'url' says it all: leave out 'port'"),
        ({'poll_results_interval': 0}, "'poll_results_interval' must be a number above 0"),
        ({'max_crashes': 0}, "'max_crashes' must be a number above 0"),
        ({'missed_ticks': 'all'}, "'missed_ticks' must be 'skip' or 'once'"),
        ({'min_workers': -1}, "'min_workers' must be a number above -1"),
        ({'max_waiting_age': 0}, "'max_waiting_age' must be a number above 0"),
        ({'queues': 'default'}, "'queues' must be a list of different names"),
        ({'queues': []}, "'queues' must be a list of different names"),
        ({'queues': ['a', 'a']}, "'queues' must be a list of different names"),
        ({'timeout': None}, "'timeout' must be a number above 0"),
        ({'timeout': float('nan')}, "'timeout' must be a number above 0"),
        ({'result_ttl': -1}, "'result_ttl' must be a number above 0"),
        ({'serializer': 5}, "'serializer' must be 'json', 'pickle' or a dotted path"),
        ({'serializer': 'os.path.join'}, 'it has no methods dumps and loads'),
        ({'serializer': 'absent.Serializer'}, 'absent'),
    ],
)
def test_wrong_settings(options, problem):
    with pytest.raises(ConfigurationError, match=problem) as caught:
        RQBackend(**options)
    assert 'secret' not in str(caught.value)


def test_wrong_number_of_threads():
    with pytest.raises(ConfigurationError, match="'workers' must be a whole number from 1, not 0"):
        LocalBackend(workers=0)


@pytest.mark.parametrize(
    ('options', 'found'),
    [
        ({}, ('127.0.0.1', 6379, 0)),
        ({'host': 'example.com', 'port': 1, 'db': 2}, ('example.com', 1, 2)),
        ({'url': URL}, ('example.com', 6380, 5)),
    ],
)
def test_address(options, found):
    backend = RQBackend(**options)
    arguments = backend.client.connection_pool.connection_kwargs
    assert (arguments.get('host', '127.0.0.1'), arguments.get('port', 6379), arguments.get('db', 0)) == found
    assert 'secret' not in repr(backend)


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'queue': 'ä b'}, 'queue='),
        ({'timeout': 0}, 'timeout=0: must be a number of seconds above 0'),
        ({'timeout': '5'}, "timeout='5': must be a number of seconds above 0"),
        ({'retries': -1}, 'retries=-1: must be a whole number from 0'),
        ({'retries': 1.5}, r'retries=1\.5: must be a whole number from 0'),
        ({'retries': True}, 'retries=True: must be a whole number from 0'),
        ({'backoff': -1}, 'backoff=-1: must be a number of seconds from 0'),
        ({'unique': 'yes'}, "unique='yes': must be True, False or a function"),
        ({'rate': '10'}, "rate='10': must look like '10/m'"),
        ({'rate': '0/m'}, "rate='0/m': must look like '10/m'"),
        ({'rate': 10}, "rate=10: must look like '10/m'"),
        ({'rate': '1/0s'}, "rate='1/0s': must look like '10/m'"),
    ],
)
def test_wrong_options_of_a_task(options, problem):
    with pytest.raises(ConfigurationError, match=problem):
        task(**options)


def test_rates():
    assert [Rate.parse(text) for text in ('10/m', '100/h', '1/30s')] == [Rate(10, 60), Rate(100, 3600), Rate(1, 30)]


def test_backoff_doubles_with_jitter():
    for failures in range(1, 12):
        full = min(2.0 * 2 ** (failures - 1), LONGEST_BACKOFF)
        delays = {backoff_delay(2.0, failures) for _ in range(100)}
        assert len(delays) > 1
        assert all(full / 2 <= delay <= full for delay in delays)
    assert backoff_delay(1.0, 10_000) <= LONGEST_BACKOFF
