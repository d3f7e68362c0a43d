"""Health: whether the service can do its work."""

from colibris.health.endpoints import add_health_endpoints
from colibris.health.errors import HealthException, NotReady

__all__ = ['HealthException', 'NotReady', 'add_health_endpoints']
