"""Whether the services that the backends need are there."""

import asyncio
import logging

from colibris import bridge
from colibris.conf import settings
from colibris.conf.backends import Backend, configured_backends
from colibris.views.responses import finish

__all__ = ['check_backends']

logger = logging.getLogger(__name__)


async def check_backends() -> dict[str, str | None]:
    """What is wrong with each backend that the project configures, by its setting's name; ``None``: nothing.

    They are checked side by side, and each has ``READY_TIMEOUT`` seconds. What exactly went wrong is only logged.
    """
    backends = configured_backends()
    checks = (_problem(name, backend) for name, backend in backends.items())
    return dict(zip(backends, await asyncio.gather(*checks), strict=True))


async def _problem(name: str, backend: Backend) -> str | None:
    try:
        async with asyncio.timeout(settings.READY_TIMEOUT):
            answers = await bridge.drive(_call(backend))
    except TimeoutError:
        logger.warning('%s is not ready: it has not answered in %s s', name, settings.READY_TIMEOUT)
        return 'it does not answer in time'
    except Exception as exc:
        logger.warning('%s is not ready: %s: %s', name, type(exc).__name__, exc)
        return 'it cannot be reached'
    return None if answers else 'it cannot be reached'


async def _call(backend: Backend) -> bool:
    return await finish(backend.connectivity_check()) is not False
