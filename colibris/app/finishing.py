"""What every answer gets before it is sent, whoever has made it."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

__all__ = ['FINISHERS', 'Finisher', 'make_receiver']

Finisher = Callable[[web.Request, web.StreamResponse], None]

FINISHERS: web.AppKey[list[Finisher]] = web.AppKey('colibris.finishers', list)
"""In an application: functions that change an answer when it is about to begin."""


def make_receiver(finishers: Sequence[Finisher]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """The receiver of aiohttp's signal ``on_response_prepare`` that calls them all."""

    async def finish_answer(request: web.Request, response: web.StreamResponse) -> None:
        for finish in finishers:
            finish(request, response)

    return finish_answer
