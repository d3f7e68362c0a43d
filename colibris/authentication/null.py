"""No authentication."""

from dataclasses import dataclass

from aiohttp import web

from colibris.authentication.base import AuthenticationBackend

__all__ = ['DummyAccount', 'NullBackend']


@dataclass(frozen=True)
class DummyAccount:
    """The account that stands for everybody."""

    id: int = 0
    name: str = 'anonymous'


class NullBackend(AuthenticationBackend):
    """Every request comes from one dummy account."""

    account = DummyAccount()

    def authenticate(self, request: web.Request) -> DummyAccount:
        """The dummy account."""
        return self.account
