"""Enqueues what is to run again and again, once, however many processes try to."""

import logging
from typing import TYPE_CHECKING, Any

from colibris.taskqueue.rq import keys, scripts
from colibris.taskqueue.schedules import Schedule, schedules

if TYPE_CHECKING:
    from colibris.taskqueue.rq.backend import RQBackend

__all__ = ['Scheduler']

logger = logging.getLogger(__name__)

LEASE_SECONDS = 5


class Scheduler:
    """One of the processes that may enqueue the ticks of schedules; the one that leads does.

    Whoever leads has a fence, a number that grows with each leader. A tick is enqueued in one step with a look at the
    fence and at the last tick; so a leader that was asleep and does not know of the next one enqueues nothing twice.

    :param backend: where the tasks go.
    """

    def __init__(self, backend: 'RQBackend') -> None:
        self._backend = backend
        self._client: Any = backend.client
        self._fence = b''

    def run_once(self) -> None:
        """Try to lead, and enqueue what is due.

        :raises RedisError: Redis cannot be reached.
        """
        if not schedules or not self._lead():
            return
        seconds, microseconds = self._client.time()
        now = seconds + microseconds / 1_000_000
        known = self._client.hgetall(keys.TICKS)
        for schedule in schedules.values():
            self._enqueue_due(schedule, known.get(schedule.name.encode()), now)

    def _lead(self) -> bool:
        names = (keys.LEADER, keys.FENCE)
        fence = self._client.eval(scripts.ELECT, 2, *names, self._fence, LEASE_SECONDS * 1000)
        if fence and fence != self._fence:
            logger.info('this process enqueues the schedules now')
        self._fence = fence or b''
        return bool(fence)

    def _enqueue_due(self, schedule: Schedule, last: bytes | None, now: float) -> None:
        if last is None:
            self._client.hsetnx(keys.TICKS, schedule.name, schedule.tick_before(now))
            return
        for tick in schedule.due(float(last), now, self._backend.missed_ticks):
            self._backend.submit_tick(schedule.call(), self._fence, schedule.name, tick)
