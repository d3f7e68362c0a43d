"""The process behind ``manage.py runworker``: it starts workers, and keeps their queues in order."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
import uuid
from multiprocessing.connection import wait
from types import FrameType
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from colibris.taskqueue import hooks
from colibris.taskqueue.base import WorkPlan
from colibris.taskqueue.rq.processes import blocked_signals, end_with_parent
from colibris.taskqueue.rq.recovery import Recovery
from colibris.taskqueue.rq.scheduler import Scheduler
from colibris.taskqueue.rq.worker import FINISH, RUN_SECONDS, STOP, TaskWorker

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from colibris.taskqueue.rq.backend import RQBackend

__all__ = ['Supervisor']

logger = logging.getLogger(__name__)

ROUND_SECONDS = 0.25
RECOVERY_SECONDS = 2.0
RESTART_SECONDS = 1.0

_FINISHING = 'finishing the tasks that run; another signal puts them back'
_STOPPING = 'putting the tasks that run back'

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_fork = multiprocessing.get_context('fork')


class Supervisor:
    """Starts workers and those that take the place of ended ones; moves what is due; saves what is lost.

    It runs no tasks itself, and so is always at hand.

    :param backend: where the tasks are.
    :param plan: what people have asked for.
    """

    def __init__(self, backend: 'RQBackend', plan: WorkPlan) -> None:
        self._backend = backend
        self._plan = plan
        self._names = plan.queues or backend.queues
        self._queues = backend.make_queues(self._names)
        self._recovery = Recovery(self._queues, backend.max_crashes)
        self._scheduler = Scheduler(backend) if plan.has_scheduler else None
        self._workers: dict[str, BaseProcess] = {}
        self._missing = plan.count
        self._signals = self._told_signals = 0
        self._start_at = self._recover_at = 0.0
        self._is_reachable = True

    def run(self) -> int:
        """Work until a signal comes, or nothing is left to do.

        :returns: the exit status.
        """
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        for name in ('rq', 'rq.worker', 'rq.job'):  # RQ gives some of them levels
            logging.getLogger(name).setLevel(logging.WARNING)  # the worker has lines of its own
        gc.collect()
        gc.freeze()
        self._maintain()
        self._announce()
        while self._workers or (self._missing and not self._signals):
            self._start_missing()
            wait([process.sentinel for process in self._workers.values()], ROUND_SECONDS)
            self._tell_signals()
            self._reap()
            self._maintain()
        return 0

    def _announce(self) -> None:
        print(f'Working on {", ".join(self._names)} (processes: {self._plan.count}, Ctrl-C stops)')
        sys.stdout.flush()

    def _tell_signals(self) -> None:
        if self._signals > self._told_signals:
            self._told_signals = self._signals
            logger.info(_FINISHING if self._signals == 1 else _STOPPING)

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        """The first signal lets the running tasks finish; another one ends them."""
        self._signals += 1
        for process in self._workers.values():
            if process.pid:
                os.kill(process.pid, FINISH if self._signals == 1 else STOP)

    # Workers

    def _start_missing(self) -> None:
        while self._missing and not self._signals and time.monotonic() >= self._start_at:
            name = f'{socket.gethostname()}.{uuid.uuid4().hex[:12]}'
            process = _fork.Process(target=self._work, args=(name, os.getpid()), name=name)
            with blocked_signals(*_SIGNALS, FINISH, STOP):
                process.start()
                self._workers[name] = process
            self._missing -= 1

    def _work(self, name: str, supervisor: int) -> None:
        """What a worker process does."""
        for number in _SIGNALS:
            signal.signal(number, lambda signum, frame: None)
        end_with_parent(FINISH, supervisor)
        queues = self._backend.make_queues(self._names)
        worker = TaskWorker(queues, self._backend.max_crashes, int(self._backend.result_ttl), name)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, set(_SIGNALS))
        worker.work(burst=self._plan.is_burst, max_jobs=self._plan.max_jobs)
        has_end = self._plan.is_burst or self._plan.max_jobs
        sys.exit(0 if worker.is_asked_to_end or has_end else 1)

    def _reap(self) -> None:
        for name, process in list(self._workers.items()):
            if process.exitcode is None:
                continue
            del self._workers[name]
            process.join()
            for tell in hooks.process_ended:
                tell(process.pid or 0)
            if process.exitcode:
                self._replace(name, process.exitcode)
            process.close()

    def _replace(self, name: str, status: int) -> None:
        logger.error('worker %s has ended with status %d', name, status)
        self._missing += 1
        self._start_at = time.monotonic() + RESTART_SECONDS
        try:
            self._recovery.abandon_worker(name)
        except RedisError:
            logger.warning('the tasks of worker %s are saved later: the task queue cannot be reached', name)

    # The queues

    def _maintain(self) -> None:
        try:
            self._recovery.promote()
            if self._scheduler and not self._signals:
                self._scheduler.run_once()
            self._recover()
        except RedisError as exc:
            if self._is_reachable:
                logger.warning('the task queue cannot be reached: %s; trying again', exc)
            self._is_reachable = False
            # Other workers could not send heartbeats either: let them, before their runs are taken for lost.
            self._recover_at = time.monotonic() + RUN_SECONDS
        else:
            self._is_reachable = True

    def _recover(self) -> None:
        if time.monotonic() < self._recover_at:
            return
        self._recover_at = time.monotonic() + RECOVERY_SECONDS
        uptime = self._queues[0].connection.info('server')['uptime_in_seconds']
        if uptime >= RUN_SECONDS:
            self._recovery.recover()
