"""Websockets."""

import logging
from collections.abc import Collection
from typing import ClassVar

from aiohttp import WSCloseCode, hdrs, web

from colibris.api import ParseError, PermissionDenied, UpgradeRequired
from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.views.base import View
from colibris.views.shutdown import SHUTDOWN

__all__ = ['WebSocketView']

logger = logging.getLogger(__name__)

_CLOSE_SECONDS = 5
_PROTOCOL = 'websocket'


class WebSocketView(View):
    """A view whose ``GET`` opens a websocket.

    .. code-block:: python

        class EchoView(WebSocketView):
            async def serve(self, socket):
                async for message in socket:
                    await socket.send_str(message.data)

    Who may open it is decided as in every other view, before it is opened. It is closed when :meth:`serve` returns
    (with code 1000), when it raises (1011), and when the server shuts down (1001).
    """

    allowed_origins: ClassVar[Collection[str]] = ()
    """The origins of pages, such as ``https://app.example.com``, that may open it besides this host's own and, with
    ``CORS_CREDENTIALS``, those of ``CORS_ORIGINS``. ``*`` stands for every origin. It matters where cookies
    authenticate: browsers send them along whatever page it is."""

    heartbeat_seconds: ClassVar[float | None] = 30
    """After how long without a message the client is asked whether it is still there; ``None``: never."""

    max_message_size: ClassVar[int] = 1024**2
    """The largest message, in bytes."""

    protocols: ClassVar[Collection[str]] = ()
    """The subprotocols that are spoken."""

    @classmethod
    def check(cls) -> None:
        """Check the class' attributes."""
        super().check()
        if cls.serve is WebSocketView.serve:
            raise ConfigurationError(f'{cls.__name__} has no method serve')

    async def serve(self, socket: web.WebSocketResponse) -> None:
        """Talk with the client."""
        raise NotImplementedError

    async def get(self) -> web.StreamResponse:
        """Open a websocket."""
        if self.request.headers.get(hdrs.UPGRADE, '').strip().lower() != _PROTOCOL:
            raise UpgradeRequired(headers={hdrs.UPGRADE: _PROTOCOL, hdrs.CONNECTION: 'Upgrade'})
        self._check_origin()
        socket = web.WebSocketResponse(
            timeout=_CLOSE_SECONDS,
            heartbeat=self.heartbeat_seconds,
            max_msg_size=self.max_message_size,
            protocols=self.protocols,
        )
        self._check_handshake(socket)
        await socket.prepare(self.request)
        code = WSCloseCode.GOING_AWAY
        try:
            async with self.request.app[SHUTDOWN].before():
                await self.serve(socket)
                code = WSCloseCode.OK
        except ConnectionResetError:
            logger.info('the client of %s is gone', self.request.rel_url.raw_path)
        except Exception:
            logger.exception('the websocket %s failed', self.request.rel_url.raw_path)
            code = WSCloseCode.INTERNAL_ERROR
        await socket.close(code=code)
        return socket

    def _check_handshake(self, socket: web.WebSocketResponse) -> None:
        """Refuse a key that is no text; :meth:`prepare` refuses the other mistakes itself."""
        try:
            socket.can_prepare(self.request)
        except ValueError as exc:
            raise ParseError('the handshake of the websocket is broken') from exc

    def _check_origin(self) -> None:
        origin = self.request.headers.get(hdrs.ORIGIN)
        if origin is None or origin.partition('://')[2] == self.request.host:
            return
        allowed = [*self.allowed_origins, *(settings.CORS_ORIGINS if settings.CORS_CREDENTIALS else ())]
        if not {origin, '*'} & set(allowed):
            raise PermissionDenied('pages of this origin may not open the websocket')
