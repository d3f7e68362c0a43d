"""Accounts that show a JSON Web Token."""

import time
from collections.abc import Sequence
from typing import Any

from aiohttp import hdrs, web

from colibris.authentication.answers import change_answer, leave_answer
from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.bearer import bearer_token, has_bearer_token
from colibris.authentication.cookies import CredentialsCookie
from colibris.authentication.errors import AuthenticationError
from colibris.authentication.keys import check_secret_key, derive_key, secret_key
from colibris.authentication.model import AccountModel
from colibris.authentication.notes import note_cookie, note_key
from colibris.authentication.options import SECONDS, check_options, optional
from colibris.authentication.tokens import TokenRules, sign, signed_part
from colibris.errors import ConfigurationError

__all__ = ['JWTBackend']

PURPOSE = 'colibris.authentication.jwt'

_KEY_LENGTHS = {'HS256': 32, 'HS384': 48, 'HS512': 64}


class JWTBackend(AuthenticationBackend):
    """Looks up the account that a token names; the token comes in ``Authorization: Bearer TOKEN``, or in a cookie.

    ``SECRET_KEY`` signs the tokens. With ``secret_field`` a key made of it and of the account's own secret does, so
    that an account's tokens end when its secret is changed.

    :param model: the dotted path of the model that holds the accounts.
    :param identity_claim: the token's claim that names the account.
    :param identity_field: the model's field that holds this name; by default the primary key.
    :param secret_field: the model's field that holds the account's own secret, such as a password or its hash.
    :param cookie_name: the name of the cookie in which a token is looked for too, and which logging in sets. Without it
        logging in answers with ``Authorization: Bearer TOKEN``.
    :param cookie_domain: the cookie's domain; by default only the host that sets it.
    :param validity_seconds: how long a token is valid.
    :param renewal_seconds: a token that is valid for less than this is renewed by the answer; by default none is.
    :param renewable_seconds: how long after logging in tokens are renewed; by default for ever.
    :param algorithm: HS256, HS384 or HS512.
    :param issuer: who makes the tokens (``iss``), which is then demanded.
    :param audience: for whom they are made (``aud``), which is then demanded: any one of several.
    :param leeway: by how much clocks may differ, in seconds.
    :param account_seconds: how long an account is kept in memory after it has been looked up; until then, changes of
        it and its deletion may go unnoticed.
    """

    can_login = True

    def __init__(
        self,
        model: str,
        identity_claim: str = 'sub',
        identity_field: str | None = None,
        secret_field: str | None = None,
        cookie_name: str | None = None,
        cookie_domain: str | None = None,
        validity_seconds: int = 24 * 3600,
        renewal_seconds: int | None = None,
        renewable_seconds: int | None = None,
        algorithm: str = 'HS256',
        issuer: str | None = None,
        audience: str | Sequence[str] | None = None,
        leeway: int = 0,
        account_seconds: int = 0,
    ) -> None:
        check_options(
            validity_seconds=(validity_seconds, SECONDS),
            renewal_seconds=(renewal_seconds, optional(SECONDS)),
            renewable_seconds=(renewable_seconds, optional(SECONDS)),
            algorithm=(algorithm, _is_algorithm),
        )
        if renewal_seconds and renewal_seconds >= validity_seconds:
            raise ConfigurationError("'renewal_seconds' must be less than 'validity_seconds'")
        if cookie_domain and not cookie_name:
            raise ConfigurationError("'cookie_domain' needs a 'cookie_name'")
        self._accounts = AccountModel(model, identity_field, secret_field, account_seconds)
        self.outlives_passwords = secret_field is None
        self._cookie = None if cookie_name is None else CredentialsCookie(cookie_name, cookie_domain)
        self._validity = validity_seconds
        self._renewal = renewal_seconds
        self._renewable = renewable_seconds
        self._algorithm = algorithm
        self._rules = TokenRules(identity_claim, [algorithm], issuer, audience, leeway)

    async def start(self) -> None:
        """Check ``SECRET_KEY``, and that the model and its fields exist.

        :raises ConfigurationError: it is not set, or they do not.
        """
        check_secret_key()
        self._accounts.prepare()

    def authenticate(self, request: web.Request) -> Any:
        """The account that the request's token names.

        :raises AuthenticationError: the token is not valid, or the header is malformed.
        """
        in_cookie = None if self._cookie is None or has_bearer_token(request) else self._cookie.read(request)
        token = in_cookie or bearer_token(request)
        if token is None:
            return None
        account, claims = self._read(token)
        note_key(request, signed_part(token))
        if in_cookie:
            note_cookie(request)
        self._renew(request, account, claims, in_cookie is not None)
        return account

    def login(self, request: web.Request, account: Any, persistent: bool) -> None:
        """Have the answer set the cookie; without ``cookie_name`` it says ``Authorization: Bearer TOKEN``."""
        claims = self._claims(account) | ({'persistent': True} if persistent else {})
        leave_answer(request, hdrs.AUTHORIZATION)
        self._give(request, account, claims, self._cookie is not None)

    def logout(self, request: web.Request) -> None:
        """Have the client forget the cookie. The token itself is valid until its end: the server does not know it."""
        leave_answer(request, hdrs.AUTHORIZATION)
        if self._cookie is not None:
            self._cookie.take_back(request)

    def issue(self, account: Any) -> str:
        """A token for ``account``.

        :raises TypeError: this is no account of the model.
        :raises ValueError: the account has not been saved, or has nothing to be named by.
        """
        return self._sign(account, self._claims(account))

    def believes(self, other: AuthenticationBackend) -> bool:
        """Whether tokens of ``other``, which name other accounts, are valid here."""
        if not isinstance(other, JWTBackend) or self._accounts.has_secrets != other._accounts.has_secrets:
            return False
        return self._rules.accept_those_of(other._rules) and not self._accounts.is_same_as(other._accounts)

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """The header, and the cookie if there is one."""
        schemes: dict[str, dict[str, Any]] = {'jwt': {'type': 'http', 'scheme': 'bearer', 'bearerFormat': 'JWT'}}
        if self._cookie is not None:
            schemes['jwtCookie'] = self._cookie.security_scheme('A token, set by logging in.')
        return schemes

    def _read(self, token: str) -> tuple[Any, dict[str, Any]]:
        if self._accounts.has_secrets:
            return self._read_by_secret(token)
        claims = self._rules.claims(token, self._key(None))
        account = self._accounts.find(self._rules.identity(claims))
        if account is None:
            raise AuthenticationError('the token is not valid')
        return account, claims

    def _read_by_secret(self, token: str) -> tuple[Any, dict[str, Any]]:
        """Read a token of which only the account that it claims to name tells how it must be signed."""
        failure: AuthenticationError | None = None
        for account in self._accounts.states(self._rules.claimed_identity(token)):
            try:
                return account, self._rules.claims(token, self._key(account))
            except AuthenticationError as exc:
                failure = exc
        if failure is None:
            self._rules.claims(token, self._key(None))  # it takes as long if there is no such account
            failure = AuthenticationError('the token is not valid')
        raise failure

    def _key(self, account: Any) -> bytes:
        if self._accounts.has_secrets:
            return derive_key(PURPOSE, '' if account is None else self._accounts.secret_of(account))
        return secret_key().ljust(_KEY_LENGTHS[self._algorithm], b'\0')  # as HMAC itself does with a short key

    def _claims(self, account: Any) -> dict[str, Any]:
        now = int(time.time())
        rules = self._rules
        parties = {name: value for name, value in (('iss', rules.issuer), ('aud', rules.audience)) if value}
        identity = self._accounts.identity_of(account)
        return {rules.identity_claim: identity, 'iat': now, 'exp': now + self._validity, 'auth_time': now, **parties}

    def _sign(self, account: Any, claims: dict[str, Any]) -> str:
        return sign(claims, self._key(account), self._algorithm)

    def _give(self, request: web.Request, account: Any, claims: dict[str, Any], by_cookie: bool) -> None:
        token = self._sign(account, claims)
        if by_cookie and self._cookie is not None:
            self._cookie.give(request, token, claims['exp'] - claims['iat'] if claims.get('persistent') else None)
            return
        change_answer(request, hdrs.AUTHORIZATION, lambda response: _set_header(response, token))

    def _renew(self, request: web.Request, account: Any, claims: dict[str, Any], by_cookie: bool) -> None:
        """Have the answer give a token that is valid for longer, if this one nears its end."""
        now, end, since = int(time.time()), int(claims['exp']), claims.get('auth_time')
        if self._renewal is None or end - now >= self._renewal or not isinstance(since, int):
            return
        later = now + self._validity
        if self._renewable is not None:
            later = min(later, since + self._renewable)
        if later > end:
            self._give(request, account, {**claims, 'iat': now, 'exp': later}, by_cookie)


def _set_header(response: web.StreamResponse, token: str) -> None:
    response.headers[hdrs.AUTHORIZATION] = f'Bearer {token}'


def _is_algorithm(value: Any) -> str | None:
    """Check that a value is an algorithm that signs with a secret; others would need a pair of keys."""
    is_known = isinstance(value, str) and value in _KEY_LENGTHS
    return None if is_known else f'must be one of {", ".join(_KEY_LENGTHS)}, not {value!r}'
