"""What ``/ready`` and metrics learn of the queue."""

import asyncio

import pytest

from colibris import taskqueue
from colibris.health.readiness import check_backends
from colibris.taskqueue.rq import RQBackend
from colibris.taskqueue.slot import slot
from colibris.test.taskqueue import echo
from tests.taskqueue.processes import wait_until


def test_workers(redis_url, backend, worker):
    asking = RQBackend(url=redis_url, min_workers=1)
    with pytest.raises(taskqueue.TaskQueueUnavailable, match='workers alive: 0, needed: 1'):
        asking.connectivity_check()
    worker('')
    wait_until(lambda: taskqueue.status().workers == 1)
    asking.connectivity_check()
    asking.client.close()


def test_waiting_tasks(redis_url, backend):
    assert taskqueue.status().oldest_waiting_seconds == 0
    taskqueue.enqueue(echo)
    taskqueue.enqueue(echo)
    taskqueue.enqueue_in(60, echo)
    asking = RQBackend(url=redis_url, max_waiting_age=0.05)
    wait_until(lambda: taskqueue.status().oldest_waiting_seconds > 0.05)
    with pytest.raises(taskqueue.TaskQueueUnavailable, match='a task has been waiting for 0 seconds'):
        asking.connectivity_check()
    asking.client.close()
    status = taskqueue.status()
    assert (status.is_reachable, status.waiting, status.queues[0].scheduled) == (True, 2, 1)


def test_readiness(project, clean_settings):
    project(settings="TASK_QUEUE = {'backend': 'colibris.taskqueue.rq.RQBackend', 'port': 1}")
    assert asyncio.run(check_backends()) == {'TASK_QUEUE': 'it cannot be reached'}


def test_disabled(project):
    project()
    assert not slot.is_configured
    for call in (taskqueue.status, taskqueue.connectivity_check, lambda: taskqueue.enqueue(echo)):
        with pytest.raises(taskqueue.TaskQueueDisabled, match='TASK_QUEUE is empty'):
            call()
