"""What tests of the manual need."""

from tests.browser import browser

__all__ = ['browser']
