"""Several processes that serve the same sockets, looked after by gunicorn.

Each worker is the same command, started anew with :class:`~colibris.serving.parent.Orders`: so it reads the code and
the settings as they are then, and shares nothing with the master but the sockets.
"""

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from colibris.conf import settings
from colibris.errors import MissingDependencyError
from colibris.serving.listeners import Listeners
from colibris.serving.parent import RETIRE, SERVING, WORN, Orders, command
from colibris.serving.systemd import notify

try:
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter
    from gunicorn.glogging import Logger
    from gunicorn.workers import base
except ImportError as exc:
    raise MissingDependencyError('gunicorn', 'serve') from exc

__all__ = ['Plan', 'run_workers']

HANG_SECONDS = 30
MARGIN_SECONDS = 5
FIRST_PAUSE = 1
LONGEST_PAUSE = 30

_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT}
_BEFORE_IT_SERVES = (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
_BY_SIGNAL = 128

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """How many workers there are, and for how long.

    :param max_requests: after how many requests a worker is replaced; 0: never.
    :param jitter: up to how many more it may answer, so that they are not all replaced at once.
    :param environment: the environment of the workers.
    :param on_end: called with the process id of each worker that has ended.
    """

    count: int
    max_requests: int
    jitter: int
    environment: Mapping[str, str]
    on_end: Callable[[int], None]


def run_workers(listeners: Listeners, plan: Plan) -> int:
    """Serve with several processes until SIGINT or SIGTERM; a second signal ends them at once. SIGHUP replaces them.

    :returns: the exit status.
    """
    listeners.listen()
    try:
        Workers(listeners, plan).run()
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else 1
    return 0


class Workers(BaseApplication):
    """The configuration, as gunicorn wants it."""

    def __init__(self, listeners: Listeners, plan: Plan) -> None:
        self.listeners = listeners
        self.plan = plan
        super().__init__()

    def load_config(self) -> None:
        """Say what is not gunicorn's default."""
        values = {
            'workers': self.plan.count,
            'worker_class': Worker,
            'logger_class': MasterLogger,
            'timeout': HANG_SECONDS,
            'max_requests': self.plan.max_requests,
            'max_requests_jitter': self.plan.jitter,
            'control_socket_disable': True,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Not called: workers are processes of their own."""
        raise NotImplementedError

    def run(self) -> None:
        """Run the master."""
        Master(self).run()


class MasterLogger(Logger):
    """Logs as the project wants it."""

    def setup(self, cfg: Any) -> None:
        """Leave the handlers to ``LOGGING``."""
        self.error_log = self.access_log = logger


class Worker(base.Worker):
    """One worker, as the master sees it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.link, self._other_end = socket.socketpair()
        self.link.setblocking(False)
        self.is_serving = False
        self.is_worn = False
        self.is_outdated = False
        self.is_retiring = False

    def init_process(self) -> None:
        """Become the command, in the new process; ends never, or with an exception."""
        orders = Orders(
            pid=self.ppid,
            link=self._other_end.fileno(),
            sockets=tuple(each.fileno() for each in self.sockets),
            announces=self.age == 1,
            heartbeat=self.tmp.fileno(),
            max_requests=self.max_requests if self.cfg.max_requests else 0,
        )
        for fd in orders.inherited:
            os.set_inheritable(fd, True)
        for number in _BEFORE_IT_SERVES:
            signal.signal(number, signal.SIG_IGN)
        for number in (signal.SIGTERM, RETIRE):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        words = command()
        environment = {**self.app.plan.environment, **orders.environment()}
        os.execve(words[0], words, environment)  # noqa: S606  # it is what was started here

    def started(self) -> None:
        """Leave the other end of the link to the new process."""
        self._other_end.close()

    def close(self) -> None:
        """Let go of it, once it has ended."""
        self.link.close()
        self.tmp.close()

    @property
    def is_to_be_replaced(self) -> bool:
        """Whether its time is over."""
        return self.is_worn or self.is_outdated

    def read_link(self) -> bool:
        """Take note of what the worker says; whether it is that it serves now."""
        try:
            said = self.link.recv(16)
        except OSError:
            return False
        self.is_worn = self.is_worn or WORN in said
        self.is_serving = self.is_serving or SERVING in said
        return SERVING in said


class Master(Arbiter):
    """Keeps the wanted number of workers.

    A worker whose time is over goes on until its successor serves. If that does not start, nothing has happened: so a
    mistake in new code, or in new settings, stops no service.
    """

    def __init__(self, app: Workers) -> None:
        super().__init__(app)
        self.LISTENERS = app.listeners.sockets
        self._has_served = False
        self._is_stopping = False
        self._pause = 0.0
        self._starts_again_at = 0.0

    def start(self) -> None:
        """Take signals in."""
        self.pid = os.getpid()
        self.init_signals()

    def manage_workers(self) -> None:
        """Start and end workers until there are as many as there should be, as far as this can be done now."""
        active = self._active_workers()
        serving = [worker for worker in active if worker.is_serving]
        for worker in serving[: max(len(serving) - self.num_workers, 0)]:
            worker.is_retiring = True
            self.kill_worker(worker.pid, RETIRE)
            active.remove(worker)
        wanted = self.num_workers + any(worker.is_to_be_replaced for worker in active) if self._has_served else 1
        while len(active) < wanted and time.monotonic() >= self._starts_again_at:
            self.spawn_worker()
            active = self._active_workers()

    def spawn_worker(self) -> None:
        """Start a worker; signals that come in meanwhile are for the master, or find the worker ready for them."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (*_ENDING, RETIRE))
        try:
            pid = super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.WORKERS[pid].started()

    def reload(self) -> None:
        """Have every worker replaced."""
        for worker in self.WORKERS.values():
            worker.is_outdated = True

    def reap_workers(self) -> None:
        """Take note of the workers that have ended."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = found
                worker = self.WORKERS.pop(pid, None)
                if worker is not None:
                    self._note_end(worker, os.waitstatus_to_exitcode(status))

    def stop(self, graceful: bool = True) -> None:
        """End the workers: a second signal, or too long a time, kills them."""
        self._is_stopping = True
        notify('STOPPING=1')
        self.app.listeners.close()
        self.kill_workers(signal.SIGTERM if graceful else signal.SIGKILL)
        limit = time.monotonic() + settings.SHUTDOWN_DELAY + settings.SHUTDOWN_TIMEOUT + MARGIN_SECONDS
        while self.WORKERS and time.monotonic() < limit:
            second = _ENDING.intersection(self.wait_for_signals(timeout=1))
            self.reap_workers()
            if second:
                self._kill_all()
                sys.exit(_BY_SIGNAL + second.pop())
        self._kill_all()

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        """End, with or without a reason."""
        if reason:
            logger.error('%s', reason)
        self.stop()
        sys.exit(exit_status)

    def handle_int(self) -> None:
        """End as with SIGTERM."""
        self.handle_term()

    def handle_usr1(self) -> None:
        """Do nothing; nor for the other signals for which gunicorn would do something that nobody needs here."""

    handle_usr2 = handle_winch = handle_usr1

    def _active_workers(self) -> list[Worker]:
        """Those that are to go on; first those that are to be replaced first."""
        for worker in self.WORKERS.values():
            if worker.read_link():
                self._note_start(worker)
        active = [worker for worker in self.WORKERS.values() if not worker.is_retiring]
        return sorted(active, key=lambda worker: (not worker.is_to_be_replaced, worker.age))

    def _note_start(self, worker: Worker) -> None:
        logger.info('worker %s serves', worker.pid)
        self._pause = 0.0
        if not self._has_served:
            self._has_served = True
            notify('READY=1')

    def _note_end(self, worker: Worker, status: int) -> None:
        worker.read_link()
        worker.close()
        self.app.plan.on_end(worker.pid)
        if self._is_stopping:
            return
        if status < 0:
            logger.error('worker %s was killed by %s', worker.pid, signal.Signals(-status).name)
        elif status or not worker.is_retiring:
            logger.error('worker %s has ended with the status %d', worker.pid, status)
        if not worker.is_serving:
            self._note_false_start(worker, was_killed=status < 0)

    def _note_false_start(self, worker: Worker, was_killed: bool) -> None:
        if not self._has_served:
            sys.exit(1)  # the worker has said why
        self._pause = FIRST_PAUSE if was_killed else min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._starts_again_at = time.monotonic() + self._pause
        if worker.is_outdated or not any(each.is_outdated for each in self.WORKERS.values()):
            logger.error('a worker does not start; the next one is started in %d s', self._pause)
            return
        logger.error('a new worker does not start: the old ones go on')
        for each in self.WORKERS.values():
            each.is_outdated = False

    def _kill_all(self) -> None:
        self.kill_workers(signal.SIGKILL)
        while self.WORKERS:
            self.reap_workers()
            self.wait_for_signals(timeout=0.1)
