"""A client that does what a page of ours does."""

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from colibris.middleware.csrf import HEADER
from colibris.utils.origins import SAFE_METHODS

__all__ = ['TokenKeeper']


class TokenKeeper:
    """A middleware of aiohttp's client: sends along the token that the last answer with one has told."""

    def __init__(self) -> None:
        self._token: str | None = None

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Send one request."""
        if self._token and request.method not in SAFE_METHODS:
            request.headers.setdefault(HEADER, self._token)
        response = await handler(request)
        self._token = response.headers.get(HEADER, self._token)
        return response
