"""What happens when the application starts, and how it says that it is well."""

from asyncio import AbstractEventLoop

from aiohttp import web
from colibris import persist
from colibris.app import HealthException


async def init(app: web.Application, loop: AbstractEventLoop) -> None:
    """Called once before the first request: open here what the whole application shares."""


def get_health() -> str:
    """What GET /health answers, unless something is wrong."""
    if not persist.connectivity_check():
        raise HealthException('database connectivity check failed')

    return 'healthy'
