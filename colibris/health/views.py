"""The health endpoint."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from colibris.views.responses import finish

__all__ = ['make_health_view']


def make_health_view(get_health: Callable[[], Any] | None) -> Callable[[web.Request], Any]:
    """The view of ``/health``.

    :param get_health: the project's own check, plain or async: returns what is answered, or raises
        :class:`~colibris.health.HealthException`.
    """

    async def health(request: web.Request) -> Any:
        """Tell whether the service is healthy."""
        return await finish(get_health()) if get_health else 'healthy'

    return health
