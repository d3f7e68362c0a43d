"""The health endpoint."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from colibris.health.errors import HealthException
from colibris.views.responses import finish

__all__ = ['make_health_view']

HealthView = Callable[[web.Request], Any]


def make_health_view(get_health: Callable[[], Any] | None) -> HealthView:
    """The view of ``/health``.

    :param get_health: the project's own check, plain or async: returns what is answered, or raises
        :class:`~colibris.health.HealthException`.
    """

    async def health(request: web.Request) -> Any:
        """Tell whether the service is healthy."""
        return await finish(get_health()) if get_health else 'healthy'

    # What aiohttp_apispec's decorator docs would write, without the time that its import takes.
    vars(health)['__apispec__'] = {
        'tags': ['health'],
        'responses': {HealthException.status: {'description': 'The service is not healthy.'}},
    }
    return health
