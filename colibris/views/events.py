"""Server-sent events: a stream of messages to a browser (the HTML standard, section 9.2)."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web

from colibris import bridge
from colibris.errors import ConfigurationError
from colibris.utils import json
from colibris.views.base import View
from colibris.views.responses import finish
from colibris.views.shutdown import SHUTDOWN

__all__ = ['Event', 'EventStream']

_LINE_END = re.compile(r'\r\n|\r|\n')
_HEADERS = {'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no'}  # the latter is for nginx
_COMMENT = b':\n\n'
_LOOK_SECONDS = 5  # how often to see whether the client is still there


@dataclass(frozen=True)
class Event:
    """A message of a stream.

    :param data: a text, or anything that JSON can hold.
    :param event: its type; browsers call listeners of this type.
    :param id: what the client sends as ``Last-Event-ID`` when it connects anew after this event.
    :param retry: after how many milliseconds the client is to connect anew when the stream ends.
    :raises ValueError: the type or the id could not be told from the end of a line.
    """

    data: Any = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None

    def __post_init__(self) -> None:
        for name in ('event', 'id'):
            if re.search(r'[\r\n\0]', getattr(self, name) or ''):
                raise ValueError(f'the {name} of an event must be one line')

    def encode(self) -> bytes:
        """The event as it is sent."""
        text = self.data if isinstance(self.data, str) else json.dumps(self.data).decode()
        fields = [('event', self.event), ('id', self.id), ('retry', self.retry)]
        lines = [f'{name}: {value}' for name, value in fields if value is not None]
        lines += [f'data: {line}' for line in _LINE_END.split(text)]
        return '\n'.join([*lines, '', '']).encode('utf-8', 'replace')


class EventStream(View):
    """A view whose ``GET`` answers with server-sent events.

    .. code-block:: python

        class ClockView(EventStream):
            async def events(self):
                while True:
                    yield {'time': time.time()}
                    await asyncio.sleep(1)

    What :meth:`events` yields is an :class:`Event`, or data for one. The generator is closed when the client has gone,
    and when the server shuts down.
    """

    heartbeat_seconds: ClassVar[float] = 15
    """After how long without an event a comment is sent, so that nobody on the way thinks the connection dead."""

    @classmethod
    def check(cls) -> None:
        """Check the class' attributes."""
        super().check()
        if cls.events is EventStream.events:
            raise ConfigurationError(f'{cls.__name__} has no method events')
        if not cls.heartbeat_seconds > 0:
            raise ConfigurationError(f'{cls.__name__}.heartbeat_seconds must be positive, not {cls.heartbeat_seconds}')

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event that the client has got, if it had a connection before; it may be any text."""
        return self.request.headers.get('Last-Event-ID')

    def events(self) -> AsyncIterator[Any]:
        """The events, as an async generator.

        It may also be a coroutine function that returns one: what it raises before it does is answered as an error.
        """
        raise NotImplementedError

    async def get(self) -> web.StreamResponse:
        """Stream events."""
        events = await finish(self.events())
        response = self._make_response()
        async with self.request.app[SHUTDOWN].before():
            await response.prepare(self.request)
            await self._send(events, response)
        return response

    async def head(self) -> web.StreamResponse:
        """Say what ``GET`` would answer."""
        return self._make_response()

    def _make_response(self) -> web.StreamResponse:
        response = web.StreamResponse(headers=_HEADERS)
        response.content_type = 'text/event-stream'
        response.force_close()
        return response

    async def _send(self, events: AsyncIterator[Any], response: web.StreamResponse) -> None:
        """Send events, and heartbeats between them, to their end or the client's."""
        queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
        producer = asyncio.create_task(bridge.drive(_produce(events, queue)))
        try:
            is_there = await _write(response, _COMMENT)  # now the client knows that the stream is open
            while is_there:
                item = await self._next(queue)
                if isinstance(item, _End):
                    return item.check()
                is_there = await _write(response, item)
        finally:
            producer.cancel()
            await asyncio.wait([producer])

    async def _next(self, queue: 'asyncio.Queue[Any]') -> Any:
        """The next event as it is sent; a comment if there is none for long, or if the client has gone."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self.heartbeat_seconds
        while loop.time() < due and not _is_gone(self.request):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(due, loop.time() + _LOOK_SECONDS)):
                    item = await queue.get()
                    return item if isinstance(item, _End) else _as_event(item).encode()
        return _COMMENT


@dataclass(frozen=True)
class _End:
    """The end of a generator."""

    error: Exception | None = None

    def check(self) -> None:
        """Raise what it has failed with."""
        if self.error is not None:
            raise self.error


async def _produce(events: AsyncIterator[Any], queue: 'asyncio.Queue[Any]') -> None:
    """Run the generator in one task from its beginning to its end, as ``with`` blocks in it may need."""
    end = _End()
    try:
        async for event in events:
            await queue.put(event)
    except Exception as exc:
        end = _End(exc)
    finally:
        close = getattr(events, 'aclose', None)
        if close is not None:
            await close()
    await queue.put(end)


def _as_event(item: Any) -> Event:
    return item if isinstance(item, Event) else Event(item)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _write(response: web.StreamResponse, content: bytes) -> bool:
    """Send something; whether there is somebody to send it to."""
    try:
        await response.write(content)
    except ConnectionResetError:
        return False
    return True
