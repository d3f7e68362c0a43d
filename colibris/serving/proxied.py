"""Connections of which a proxy says, by the PROXY protocol, whose they are."""

import logging
from typing import Any

from colibris.serving.protocol import RequestHandler
from colibris.serving.proxy_protocol import Origin, read_header
from colibris.utils.proxies import is_trusted_peer

__all__ = ['ProxiedRequestHandler']

logger = logging.getLogger(__name__)


class ProxiedRequestHandler(RequestHandler):
    """Speaks HTTP after the header of the PROXY protocol, which each of ``TRUSTED_PROXIES`` sends, and nobody else may.

    :param origin: what the header has said.
    """

    origin: Origin | None = None
    _start: bytes | None = None

    def connection_made(self, transport: Any) -> None:
        """See who it is."""
        super().connection_made(transport)
        peer = super().peername
        if is_trusted_peer(peer[0] if isinstance(peer, tuple) else None):
            self._start = b''

    @property
    def peername(self) -> Any:
        """The client's address, wherever the proxy is."""
        return self.origin.address if self.origin and self.origin.address else super().peername

    def data_received(self, data: bytes) -> None:
        """Take the header first."""
        if self._start is None:
            super().data_received(data)
            return
        self._start += data
        try:
            found = read_header(self._start)
        except ValueError as exc:
            logger.warning('refused a connection of a proxy: %s', exc)
            self.force_close()
            return
        if found is None:
            self._patience.wait_for('headers', len(data))
            return
        self.origin, size = found
        rest, self._start = self._start[size:], None
        self._patience.stop()
        if rest:
            super().data_received(rest)
