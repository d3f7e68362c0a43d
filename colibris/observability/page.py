"""The page of metrics, as Prometheus reads it."""

import asyncio
import ipaddress
import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

from aiohttp import hdrs, web
from prometheus_client import REGISTRY, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from colibris.api import PermissionDenied
from colibris.conf import settings
from colibris.conf.origins import UNIX_PEERS
from colibris.errors import ConfigurationError
from colibris.observability.metrics import sample_pool
from colibris.observability.processes import folder, locked
from colibris.ratelimit import limit_rate
from colibris.taskqueue.slot import slot as task_queue_slot
from colibris.taskqueue.state import QueueState
from colibris.utils.proxies import client_address, is_trusted_peer

__all__ = ['add_page', 'render']

_OF_PROXIES = ('X-Forwarded-For', 'Forwarded')


def add_page(app: web.Application, path: str) -> None:
    """Serve the metrics.

    :raises ConfigurationError: the project serves something else there.
    """
    if any(resource.canonical == path for resource in app.router.resources()):
        raise ConfigurationError(f'METRICS_PATH = {path!r}: another route is there already')
    app.router.add_get(path, show)


@limit_rate()  # who watches the service may do so often
async def show(request: web.Request) -> web.Response:
    """Answer with the metrics of all processes.

    :raises PermissionDenied: the client is not in ``METRICS_NETWORKS``.
    """
    if not _may_read(request):
        raise PermissionDenied('the metrics are for METRICS_NETWORKS only')
    sample_pool()
    queues = _describe_queues()
    accepted = request.headers.get(hdrs.ACCEPT, '')
    body, content_type = await asyncio.to_thread(render, accepted, queues)
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})


def render(accepted: str = '', more: Iterable[Metric] = ()) -> tuple[bytes, str]:
    """The metrics of all processes as text, and its content type.

    :param accepted: the header ``Accept``, by which Prometheus says which format it wants.
    :param more: further metrics.
    """
    encode, content_type = choose_encoder(accepted)
    path = folder()
    with ExitStack() as stack:
        if path is not None:
            stack.enter_context(locked(path, alone=False))
        return encode(_Together(REGISTRY.collect() if path is None else _read_files(path), more)), content_type


def _read_files(path: Path) -> Iterable[Metric]:
    """The metrics of all processes; a file that is empty is just being made."""
    files = [str(file) for file in path.glob('*.db') if file.stat().st_size]
    return cast('Iterable[Metric]', MultiProcessCollector.merge(files))


class _Together(Collector):
    """Several lots of metrics."""

    def __init__(self, *lots: Iterable[Metric]) -> None:
        self._lots = lots

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        return itertools.chain(*self._lots)


def _describe_queues() -> list[Metric]:
    """How the task queue does, as it says itself; nothing if it cannot be reached."""
    if not task_queue_slot.is_configured:
        return []
    status = task_queue_slot.get().status()
    if not status.is_reachable:
        return []
    tasks = GaugeMetricFamily('colibris_tasks', 'Tasks in the queues.', labels=('queue', 'status'))
    ages = GaugeMetricFamily('colibris_task_oldest_waiting_seconds', 'How long tasks wait.', labels=('queue',))
    workers = GaugeMetricFamily('colibris_task_workers', 'Workers that are alive.', value=status.workers)
    for queue in status.queues:
        for name, number in _counts(queue).items():
            tasks.add_metric((queue.name, name), number)
        ages.add_metric((queue.name,), queue.oldest_waiting_seconds)
    return [tasks, ages, workers]


def _counts(queue: QueueState) -> dict[str, int]:
    return {
        'waiting': queue.waiting,
        'scheduled': queue.scheduled,
        'running': queue.running,
        'failed': queue.failed,
    }


def _may_read(request: web.Request) -> bool:
    """Whether the client's address is known, and among those who may read."""
    if any(name in request.headers for name in _OF_PROXIES) and not is_trusted_peer(request.remote):
        return False  # the address is that of a proxy, who may speak for anybody
    text = client_address(request)
    if text is None:
        return UNIX_PEERS in settings.METRICS_NETWORKS
    address = ipaddress.ip_address(text)
    return any(address in ipaddress.ip_network(each) for each in settings.METRICS_NETWORKS if each != UNIX_PEERS)
