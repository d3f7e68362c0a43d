"""The other service's settings."""

from shop.settings import AUTHENTICATION, DATABASE, DEBUG, LOGGING_OVERRIDES, SECRET_KEY

__all__ = ['AUTHENTICATION', 'DATABASE', 'DEBUG', 'LOGGING_OVERRIDES', 'SECRET_KEY']
