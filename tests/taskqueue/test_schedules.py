"""When schedules are due, and that each tick is enqueued once however many processes try to."""

import itertools
import signal
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from colibris.errors import ConfigurationError
from colibris.taskqueue import TaskQueueError, TaskStatus, schedule
from colibris.taskqueue.rq import RQBackend, keys
from colibris.taskqueue.rq.scheduler import Scheduler
from colibris.taskqueue.schedules import Schedule, check_schedules, schedules
from colibris.test.taskqueue import echo
from tests.taskqueue.processes import Worker, wait_until

EVERY = 0.05
TICKS = 100
TASKS = f"""
import os
from colibris import taskqueue
from colibris.taskqueue.rq import scheduler

scheduler.LEASE_SECONDS = 1

@taskqueue.schedule({{path!r}}, every={EVERY})
def note(path):
    with open(path, 'a') as file:
        file.write('ran\\n')
"""


@pytest.fixture(autouse=True)
def no_schedules(monkeypatch):
    monkeypatch.setattr('colibris.taskqueue.rq.scheduler.schedules', schedules)
    before = dict(schedules)
    schedules.clear()
    yield
    schedules.clear()
    schedules.update(before)


def at(*moment, tz=UTC):
    return datetime(*moment, tzinfo=tz).timestamp()


def ticks(made, after, count):
    return [datetime.fromtimestamp(tick, UTC) for tick in itertools.islice(made.ticks_after(after), count)]


def test_cron():
    made = Schedule('one', echo, cron='*/5 * * * *')
    assert ticks(made, at(2026, 2, 3, 4, 58), 2) == [
        datetime(2026, 2, 3, 5, 0, tzinfo=UTC),
        datetime(2026, 2, 3, 5, 5, tzinfo=UTC),
    ]
    assert made.tick_before(at(2026, 2, 3, 5, 0)) == at(2026, 2, 3, 5, 0)


def test_time_zone():
    """It is the clock of the place, in summer and in winter."""
    schedule(cron='30 2 * * *', timezone='Europe/Berlin', name='nightly')(echo)
    [made] = schedules.values()
    assert ticks(made, at(2026, 1, 1), 1) == [datetime(2026, 1, 1, 1, 30, tzinfo=UTC)]
    assert ticks(made, at(2026, 7, 1), 1) == [datetime(2026, 7, 1, 0, 30, tzinfo=UTC)]


def test_due():
    made = Schedule('one', echo, every=10)
    assert made.due(100, 109, 'skip') == []
    assert made.due(100, 120, 'skip') == [110, 120]


@pytest.mark.parametrize('missed', ['skip', 'once'])
def test_missed_ticks(missed):
    """Those of the last minute are only late."""
    made = Schedule('one', echo, every=30)
    assert made.due(0, 3600, missed) == ([3570, 3600] if missed == 'skip' else [3600])
    assert Schedule('two', echo, every=30, missed='once').due(0, 3600, missed) == [3600]
    daily = Schedule('three', echo, cron='0 0 * * *')
    noon = at(2026, 2, 3, 12)
    assert daily.due(at(2026, 2, 1), noon, missed) == ([] if missed == 'skip' else [at(2026, 2, 3)])


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({}, 'say either cron='),
        ({'cron': '* * * * *', 'every': 1}, 'say either cron='),
        ({'cron': '61 * * * *'}, 'must have five fields'),
        ({'cron': 5}, 'must have five fields'),
        ({'every': 0}, 'must be a number of seconds above 0'),
        ({'every': True}, 'must be a number of seconds above 0'),
        ({'every': 1, 'missed': 'never'}, "must be 'skip' or 'once'"),
        ({'every': 1, 'timezone': 'Nowhere'}, "must be a name like 'Europe/Berlin'"),
        ({'every': 1, 'timezone': None}, "must be a name like 'Europe/Berlin'"),
    ],
)
def test_wrong_options(options, problem):
    with pytest.raises(ConfigurationError, match=problem):
        schedule(**options)


def test_names():
    schedule(every=1, name='one')(echo)
    schedule(every=2, name='one')(echo)  # the same function again, as when a module is loaded anew
    assert schedules['one'].every == 2
    with pytest.raises(ConfigurationError, match="'one': the name is taken"):
        schedule(every=1, name='one')(test_due)


def test_function_that_workers_do_not_find():
    def local():
        pass

    schedule(every=1)(local)
    with pytest.raises(TaskQueueError, match='only functions at the top of a module'):
        check_schedules()


def test_only_one_leads(redis_url, backend, client):
    """The other one takes over when the leader is silent; what that one still tries then is fenced off."""
    schedule(every=3600, name='hourly')(echo)
    first, second = Scheduler(backend), Scheduler(RQBackend(url=redis_url))
    first.run_once()
    second.run_once()
    assert (first._fence, second._fence) == (b'1', b'')
    assert client.hlen(keys.TICKS) == 1
    client.hset(keys.TICKS, 'hourly', float(client.hget(keys.TICKS, 'hourly')) - 3600)
    before = client.hget(keys.TICKS, 'hourly')
    client.delete(keys.LEADER)  # its time is up
    second.run_once()
    call = schedules['hourly'].call()
    assert backend.submit_tick(call, b'1', 'hourly', float(before) + 7200) == b'fenced'
    assert backend.submit_tick(call, b'2', 'hourly', float(before)) == b'done'
    assert backend.submit_tick(call, b'2', 'hourly', float(before) + 7200).decode() == call.id


def test_operation(backend):
    call = Schedule('one', echo, every=1).call()
    assert call.operation_id == f'schedule:{call.id}'


def test_two_schedulers_one_of_which_is_killed(redis_url, client, make_project, tmp_path):
    notes = tmp_path / 'notes'
    _, manage = make_project(TASKS.format(path=str(notes)))
    name = 'queued0.tasks.note'

    def tick():
        return float(client.hget(keys.TICKS, name))

    first = time.time() // EVERY * EVERY
    client.hset(keys.TICKS, name, first)
    with Worker(manage, '--scheduler') as killed, Worker(manage, '--scheduler', '--count', '2') as other:
        # Whichever does not lead takes over within the second that the leader's lease lasts.
        wait_until(lambda: tick() > first + TICKS * EVERY / 4)
        killed.kill()
        with Worker(manage, '--scheduler') as restarted:
            wait_until(lambda: tick() > first + TICKS * EVERY / 2)
            restarted.signal(signal.SIGTERM)
            assert restarted.wait() == 0
            wait_until(lambda: tick() > first + TICKS * EVERY)
        other.signal(signal.SIGTERM)
        assert other.wait() == 0
    last = tick()
    with Worker(manage, '--burst') as rest:
        assert rest.wait() == 0
    backend = RQBackend(url=redis_url)
    states = Counter(state.status for state in backend.tasks(limit=10 * TICKS))
    backend.client.close()
    runs = round((last - first) / EVERY)
    assert runs > TICKS
    # The killed process may have taken a task with it, which is then on the failed list: it has no retries.
    assert states.pop(TaskStatus.FAILED, 0) + len(notes.read_text().split()) == runs
    assert states == {TaskStatus.FINISHED: states[TaskStatus.FINISHED]}
