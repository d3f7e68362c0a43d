"""The place of the task queue's backend."""

from colibris.conf.backends import BackendSlot
from colibris.taskqueue.base import TaskQueueBackend

__all__ = ['slot']

slot: BackendSlot[TaskQueueBackend] = BackendSlot('TASK_QUEUE', TaskQueueBackend)
