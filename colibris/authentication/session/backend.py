"""Server-side sessions."""

import secrets
import time
from hmac import compare_digest
from typing import Any

from aiohttp import web

from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.cookies import CredentialsCookie
from colibris.authentication.errors import AuthenticationError
from colibris.authentication.keys import check_secret_key, derive_key
from colibris.authentication.model import AccountModel
from colibris.authentication.notes import note_cookie
from colibris.authentication.options import SECONDS, TEXT, check_options, optional
from colibris.authentication.session.base import Session, SessionStore
from colibris.authentication.session.cache import CacheStore
from colibris.authentication.session.database import DatabaseStore

__all__ = ['SessionBackend']

PURPOSE = 'colibris.authentication.session'

_MAX_LENGTH = 64


class SessionBackend(AuthenticationBackend):
    """Looks up the account that has logged in; a cookie holds an id that says nothing, the server what it stands for.

    A session ends when its account logs out or is deleted, ``validity_seconds`` after it has logged in at the latest.
    One that is not persistent also ends with the browser, and when it has not been used for ``idle_seconds``. With
    ``secret_field`` an account's sessions end when its secret is changed.

    :param model: the dotted path of the model that holds the accounts.
    :param identity_field: the model's field by which an account is remembered; by default the primary key.
    :param secret_field: the model's field that holds the account's own secret, such as a password or its hash.
    :param session_model: the dotted path of a subclass of :class:`colibris.authentication.SessionModel`, to keep the
        sessions in the database; by default they are kept in the cache.
    :param cookie_name: the cookie's name.
    :param cookie_domain: the cookie's domain; by default only the host that sets it.
    :param validity_seconds: how long a session lasts.
    :param idle_seconds: how long a session that is not persistent may be unused.
    :param account_seconds: how long an account is kept in memory after it has been looked up; until then, changes of
        it and its deletion may go unnoticed.
    """

    can_login = True

    def __init__(
        self,
        model: str,
        identity_field: str | None = None,
        secret_field: str | None = None,
        session_model: str | None = None,
        cookie_name: str = 'session',
        cookie_domain: str | None = None,
        validity_seconds: int = 30 * 24 * 3600,
        idle_seconds: int = 2 * 3600,
        account_seconds: int = 0,
    ) -> None:
        check_options(
            session_model=(session_model, optional(TEXT)),
            validity_seconds=(validity_seconds, SECONDS),
            idle_seconds=(idle_seconds, SECONDS),
        )
        self._accounts = AccountModel(model, identity_field, secret_field, account_seconds)
        self._store: SessionStore = DatabaseStore(session_model) if session_model else CacheStore()
        self._cookie = CredentialsCookie(cookie_name, cookie_domain)
        self._validity = validity_seconds
        self._idle = idle_seconds
        self.outlives_passwords = secret_field is None
        self.challenge = f'Cookie cookie-name="{cookie_name}"'

    async def start(self) -> None:
        """Check that the models, or the model and a cache, exist, and with ``secret_field`` that ``SECRET_KEY`` is set.

        :raises ConfigurationError: something is missing.
        """
        if self._accounts.has_secrets:
            check_secret_key()
        self._accounts.prepare()
        self._store.check()

    def authenticate(self, request: web.Request) -> Any:
        """The account of the session that the request's cookie names.

        :raises AuthenticationError: there is no such session, or not any more.
        """
        identifier = self._cookie.read(request)
        if identifier is None:
            return None
        session = self._store.use(self._accounts.digest(identifier), _now()) if _is_possible(identifier) else None
        account = None if session is None else self._find(session)
        if account is None:
            raise AuthenticationError('the session has ended')
        note_cookie(request)
        return account

    def login(self, request: web.Request, account: Any, persistent: bool) -> None:
        """Begin a session with a new id; the one that the request belongs to ends."""
        now = _now()
        session = Session(
            account=self._accounts.identity_of(account),
            ends=now + self._validity,
            idle_seconds=None if persistent else self._idle,
            proof=self._proof(account),
        )
        identifier = secrets.token_urlsafe(32)
        self._cookie.give(request, identifier, self._validity if persistent else None)
        self._end(request)
        self._store.add(self._accounts.digest(identifier), session, now)

    def logout(self, request: web.Request) -> None:
        """End the session, and have the browser forget it."""
        self._end(request)
        self._cookie.take_back(request)

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """The cookie."""
        return {'session': self._cookie.security_scheme('A session, begun by logging in.')}

    def _end(self, request: web.Request) -> None:
        identifier = self._cookie.read(request)
        if identifier is not None and _is_possible(identifier):
            self._store.delete(self._accounts.digest(identifier))

    def _find(self, session: Session) -> Any:
        for account in self._accounts.states(session.account):
            if compare_digest(session.proof, self._proof(account)):
                return account
        return None

    def _proof(self, account: Any) -> str:
        """Changes when the account's own secret does, but does not tell it."""
        return derive_key(PURPOSE, self._accounts.secret_of(account)).hex() if self._accounts.has_secrets else ''


def _is_possible(identifier: str) -> bool:
    return len(identifier) <= _MAX_LENGTH and identifier.isascii()


def _now() -> int:
    return int(time.time())
