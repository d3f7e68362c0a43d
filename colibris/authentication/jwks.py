"""Accounts that show a token of an outside OpenID provider."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.bearer import bearer_token
from colibris.authentication.errors import AuthenticationError
from colibris.authentication.keyset import KeySet, check_url
from colibris.authentication.model import AccountModel
from colibris.authentication.notes import note_key
from colibris.authentication.options import SECONDS, check_options, optional, texts
from colibris.authentication.tokens import TokenRules, signed_part

__all__ = ['JWKSBackend']

_ALGORITHMS = ('RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA')


class JWKSBackend(AuthenticationBackend):
    """Looks up the account that an OpenID provider's token names; it comes in ``Authorization: Bearer TOKEN``.

    :param model: the dotted path of the model that holds the accounts.
    :param issuer: the provider, as its tokens say it (``iss``): a URL.
    :param audience: for whom its tokens must have been made (``aud``), any one of several: what the provider calls this
        service.
    :param url: where its public keys are (a JWK Set); by default the issuer's
        ``/.well-known/openid-configuration`` tells that.
    :param algorithms: the only algorithms by which its tokens may be signed.
    :param identity_claim: the token's claim that names the account; ``email`` counts only if the token says that it is
        verified (``email_verified``).
    :param identity_field: the model's field that holds this name; by default the primary key.
    :param leeway: by how much clocks may differ, in seconds.
    :param keys_seconds: how long the keys are kept before they are fetched anew.
    :param refetch_seconds: how long to wait before they are fetched anew because of a token with an unknown key, or
        after a failure.
    :param timeout: how long fetching them may take, in seconds.
    :param account_seconds: how long an account is kept in memory after it has been looked up; until then, changes of
        it and its deletion may go unnoticed.
    """

    def __init__(
        self,
        model: str,
        issuer: str,
        audience: str | Sequence[str],
        url: str | None = None,
        algorithms: Sequence[str] = ('RS256', 'ES256'),
        identity_claim: str = 'sub',
        identity_field: str | None = None,
        leeway: int = 0,
        keys_seconds: int = 3600,
        refetch_seconds: int = 10,
        timeout: int = 5,
        account_seconds: int = 0,
    ) -> None:
        check_options(
            issuer=(issuer, check_url),
            audience=(audience, texts),
            url=(url, optional(check_url)),
            algorithms=(algorithms, _are_algorithms),
            keys_seconds=(keys_seconds, SECONDS),
            refetch_seconds=(refetch_seconds, SECONDS),
            timeout=(timeout, SECONDS),
        )
        self._accounts = AccountModel(model, identity_field, seconds=account_seconds)
        self._rules = TokenRules(identity_claim, algorithms, issuer, audience, leeway)
        self._keys = KeySet(issuer, url, algorithms, keys_seconds, refetch_seconds, timeout)

    async def start(self) -> None:
        """Check that the model and its field exist.

        :raises ConfigurationError: they do not.
        """
        self._accounts.prepare()

    async def stop(self) -> None:
        """Fetch no more keys."""
        await self._keys.stop()

    async def authenticate(self, request: web.Request) -> Any:
        """The account that the request's token names.

        :raises AuthenticationError: the token is not valid, or the header is malformed.
        :raises AuthenticationUnavailable: the provider's keys have never been fetched, and cannot be now.
        """
        token = bearer_token(request)
        if token is None:
            return None
        header = self._rules.header(token)
        key = await self._keys.find(header.get('kid'), header['alg'])
        if key is None:
            raise AuthenticationError('the token is not valid')
        account = self.find_account(self._rules.claims(token, key))
        if account is None:
            raise AuthenticationError('the token is not valid')
        note_key(request, signed_part(token))
        return account

    def find_account(self, claims: dict[str, Any]) -> Any:
        """The account for a valid token's claims, or ``None``. A subclass may make one for somebody who is new.

        :raises AuthenticationError: the claims name nobody, or by an e-mail address that need not be theirs.
        """
        if self._rules.identity_claim == 'email' and claims.get('email_verified') not in (True, 'true'):
            raise AuthenticationError('the token does not say that the e-mail address is verified')
        return self._accounts.find(self._rules.identity(claims))

    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """The header."""
        description = f'A token of {self._rules.issuer}.'
        return {'jwks': {'type': 'http', 'scheme': 'bearer', 'bearerFormat': 'JWT', 'description': description}}


def _are_algorithms(value: Any) -> str | None:
    """Check that a value is a list of algorithms with a pair of keys: others would take a public key for a secret."""
    if isinstance(value, list | tuple) and value and all(item in _ALGORITHMS for item in value):
        return None
    return f'must be a list of some of {", ".join(_ALGORITHMS)}'
