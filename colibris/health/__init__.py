"""Health: whether the service can do its work."""

from colibris.health.errors import HealthException
from colibris.health.views import make_health_view

__all__ = ['HealthException', 'make_health_view']
