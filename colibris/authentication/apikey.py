"""Accounts with an API key each."""

from typing import Any

from aiohttp import hdrs, web

from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.errors import AuthenticationError
from colibris.authentication.model import AccountModel

__all__ = ['APIKeyBackend']

HEADER = 'X-API-Key'


class APIKeyBackend(AuthenticationBackend):
    """Looks up the account by the key in ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``.

    :param model: the dotted path of the model that holds the accounts.
    :param key_field: its field that holds the key.
    """

    def __init__(self, model: str, key_field: str) -> None:
        self._accounts = AccountModel(model, key_field)

    async def start(self) -> None:
        """Check that the model and its field exist.

        :raises ConfigurationError: they do not.
        """
        _ = self._accounts.model

    def authenticate(self, request: web.Request) -> Any:
        """The account with the request's key.

        :raises AuthenticationError: no account has this key, or the header is malformed.
        """
        key = _read_key(request)
        if key is None:
            return None
        account = self._accounts.find(key) if _is_possible(key) else None
        if account is None:
            raise AuthenticationError('the API key is not valid')
        return account

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """Either header."""
        return {
            'bearer': {'type': 'http', 'scheme': 'bearer', 'description': 'The API key as a bearer token.'},
            'apiKey': {'type': 'apiKey', 'in': 'header', 'name': HEADER, 'description': 'The API key.'},
        }


def _is_possible(key: str) -> bool:
    """Whether a key may be looked up: not every byte of a header is text for a database."""
    return bool(key) and key.isascii() and key.isprintable()


def _read_key(request: web.Request) -> str | None:
    header = request.headers.get(hdrs.AUTHORIZATION)
    if header is None:
        return request.headers.get(HEADER)
    scheme, _, key = header.partition(' ')
    if scheme.lower() != 'bearer':
        raise AuthenticationError('the Authorization header must have the form: Bearer KEY')
    return key.strip(' ')
