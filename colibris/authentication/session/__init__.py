"""Accounts that have logged in, and that the server remembers."""

from colibris.authentication.session.backend import SessionBackend

__all__ = ['SessionBackend']
