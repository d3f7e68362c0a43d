"""Messages through the task queue."""

from typing import Any, Unpack

from colibris import bridge
from colibris.conf.backends import check_backend, make_backend
from colibris.email.base import EmailBackend, EmailOptions
from colibris.email.errors import DeliveryError
from colibris.email.message import EmailMessage
from colibris.email.outgoing import log_failure
from colibris.email.slot import slot
from colibris.errors import ColibrisError, ConfigurationError

__all__ = ['TaskQueueBackend', 'deliver_queued']


class TaskQueueBackend(EmailBackend):
    """Puts messages into the task queue (setting ``TASK_QUEUE``), whose workers hand them to another backend.

    :param delivery: the other backend, as ``EMAIL`` would name it.
    """

    def __init__(self, delivery: dict[str, Any], **options: Unpack[EmailOptions]) -> None:
        super().__init__(**options)
        problems = check_backend(delivery, EmailBackend)
        if problems or not delivery:
            raise ConfigurationError(f"'delivery': {'; '.join(problems) or 'must name a backend'}")
        self.delivery: EmailBackend = make_backend(delivery)

    async def deliver(self, message: EmailMessage) -> None:
        """Put a message into the queue.

        :raises DeliveryError: the queue does not take it.
        """
        _enqueue(message)

    def post(self, message: EmailMessage) -> None:
        """Put a message into the queue, at once: in a transaction it goes out with the commit."""
        if bridge.is_loop_running() and not bridge.is_driven():
            super().post(message)
            return
        try:
            _enqueue(message)
        except DeliveryError as exc:
            log_failure(message, exc)


def _enqueue(message: EmailMessage) -> None:
    from colibris import taskqueue

    try:
        taskqueue.enqueue(deliver_queued, message.to_dict())
    except ColibrisError as exc:
        raise DeliveryError(f'the task queue does not take the message: {exc}', is_temporary=True) from exc


async def deliver_queued(data: dict[str, Any]) -> None:
    """What a worker does with a message.

    :raises DeliveryError: it was not accepted.
    """
    backend = slot.get()
    delivery = backend.delivery if isinstance(backend, TaskQueueBackend) else backend
    await delivery.deliver(EmailMessage.from_dict(data))
