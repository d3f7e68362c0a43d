"""Where the health endpoints are."""

from collections.abc import Callable
from typing import Any

from colibris.conf import settings
from colibris.health.views import live, make_health_view, ready, status
from colibris.ratelimit import limit_rate
from colibris.views.routing import Endpoint

__all__ = ['HEALTH_PATH', 'LIVE_PATH', 'READY_PATH', 'add_health_endpoints']

HEALTH_PATH = '/health'
LIVE_PATH = '/live'
READY_PATH = '/ready'


def add_health_endpoints(endpoints: list[Endpoint], get_health: Callable[[], Any] | None) -> None:
    """Add the endpoints of health to those of the project, except where the project answers the path itself.

    :param get_health: the project's own check.
    """
    taken = {endpoint.path for endpoint in endpoints}
    health = make_health_view(get_health)
    views = {HEALTH_PATH: health, LIVE_PATH: live, READY_PATH: ready, settings.STATUS_PATH: status}
    for path, view in views.items():
        if path and path not in taken:
            endpoints.append(Endpoint(path, limit_rate()(view), ('GET',)))  # who watches the service may do so often
