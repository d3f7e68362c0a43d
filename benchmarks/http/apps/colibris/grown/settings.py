"""The other service's settings, but for the length of pages."""

from shop.settings import AUTHENTICATION, DATABASE, DEBUG, LOGGING_OVERRIDES, SECRET_KEY

__all__ = ['AUTHENTICATION', 'DATABASE', 'DEBUG', 'LOGGING_OVERRIDES', 'MAX_PAGE_SIZE', 'SECRET_KEY']

MAX_PAGE_SIZE = 1_000
