"""Accounts with an API key each."""

import secrets
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from aiohttp import web
from multidict import istr

from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.bearer import bearer_token
from colibris.authentication.errors import AuthenticationError
from colibris.authentication.model import AccountModel
from colibris.authentication.notes import note_key
from colibris.authentication.options import TEXT, check_options
from colibris.conf.definitions import of_type
from colibris.errors import ConfigurationError

__all__ = ['APIKeyBackend']

HEADER = istr('X-API-Key')


class APIKeyBackend(AuthenticationBackend):
    """Looks up the account by the key in ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``.

    A hashed key cannot be read from the database. It has the form ``PREFIX.SECRET``: the prefix is the account's
    primary key, by which it is looked up, and the database holds only the secret's SHA-256. That needs neither salt
    nor stretching, for the secret is random and long.

    :param model: the dotted path of the model that holds the accounts.
    :param key_field: its field that holds the key.
    :param hashed: whether the field holds the secret's digest in place of the key.
    :param account_seconds: how long an account is kept in memory after it has been looked up; until then, changes of
        it and its deletion may go unnoticed.
    """

    def __init__(self, model: str, key_field: str, hashed: bool = False, account_seconds: int = 0) -> None:
        check_options(key_field=(key_field, TEXT), hashed=(hashed, of_type(bool, name='True or False')))
        self._accounts = AccountModel(model, None if hashed else key_field, key_field, account_seconds)
        self._key_field = key_field
        self._hashed = hashed

    async def start(self) -> None:
        """Check that the model and its field exist, and that the field keeps what is written to it.

        :raises ConfigurationError: they do not, or it does not.
        """
        from colibris.persist import PasswordField

        self._accounts.prepare()
        if isinstance(self._accounts.model._meta.fields[self._key_field], PasswordField):
            raise ConfigurationError(
                f"no key can be found by the PasswordField '{self._key_field}': make it a CharField, with hashed = True"
            )

    def authenticate(self, request: web.Request) -> Any:
        """The account with the request's key.

        :raises AuthenticationError: no account has this key, or the header is malformed.
        """
        key = bearer_token(request)
        key = request.headers.get(HEADER) if key is None else key
        if key is None:
            return None
        account = self._find(key) if _is_possible(key) else None
        if account is None:
            raise AuthenticationError('the API key is not valid')
        note_key(request, key)
        return account

    def issue(self, account: Any) -> str:
        """Give ``account`` a new key in place of the one that it has, and return it. Hashed, it cannot be read again.

        :raises TypeError: this is no account of the model.
        :raises ValueError: the account has not been saved.
        """
        self._accounts.check(account)
        secret = secrets.token_urlsafe(32)
        setattr(account, self._key_field, _digest(secret) if self._hashed else secret)
        account.save(only=[self._key_field])
        return f'{self._accounts.identity_of(account)}.{secret}' if self._hashed else secret

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """Either header."""
        return {
            'bearer': {'type': 'http', 'scheme': 'bearer', 'description': 'The API key as a bearer token.'},
            'apiKey': {'type': 'apiKey', 'in': 'header', 'name': HEADER, 'description': 'The API key.'},
        }

    def _find(self, key: str) -> Any:
        if not self._hashed:
            return self._accounts.find(key)
        prefix, _, secret = key.rpartition('.')
        digest = _digest(secret).encode()
        for account in self._accounts.states(prefix):
            if compare_digest(self._accounts.secret_of(account).encode(), digest):
                return account
        return None


def _is_possible(key: str) -> bool:
    """Whether a key may be looked up: not every byte of a header is text for a database."""
    return bool(key) and key.isascii() and key.isprintable()


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
