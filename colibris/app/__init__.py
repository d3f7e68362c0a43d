"""The application: everything that the settings and the project's modules name, put together."""

from colibris.app.factory import create_app
from colibris.health import HealthException

__all__ = ['HealthException', 'create_app']
