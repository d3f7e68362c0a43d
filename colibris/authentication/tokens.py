"""What a JSON Web Token has to be to be believed."""

from collections.abc import Sequence
from typing import Any

from colibris.authentication.errors import AuthenticationError
from colibris.authentication.options import TEXT, check_options, optional, texts
from colibris.conf.definitions import whole_number
from colibris.errors import ConfigurationError, MissingDependencyError

try:
    import jwt
except ModuleNotFoundError:
    raise MissingDependencyError('pyjwt', 'jwt') from None

__all__ = ['TokenRules', 'sign', 'signed_part']

_MAX_LEEWAY = 600
_RESERVED = {'aud', 'auth_time', 'exp', 'iat', 'iss', 'nbf', 'persistent'}
_REFUSALS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: 'the token has expired',
    jwt.ImmatureSignatureError: 'the token is not valid yet',
}


class TokenRules:
    """Decides whether a token is valid: its signature, its times, who made it for whom, and that it names somebody.

    :param identity_claim: the claim that names the account.
    :param algorithms: the only ones by which a token may be signed, whatever itself says.
    :param issuer: who must have made it (``iss``); by default it does not matter.
    :param audience: for whom it must have been made (``aud``), any one of several; by default for nobody in particular.
    :param leeway: by how much clocks may differ, in seconds.
    """

    def __init__(
        self,
        identity_claim: str,
        algorithms: Sequence[str],
        issuer: str | None,
        audience: str | Sequence[str] | None,
        leeway: int,
    ) -> None:
        check_options(
            identity_claim=(identity_claim, TEXT),
            issuer=(issuer, optional(TEXT)),
            audience=(audience, optional(texts)),
            leeway=(leeway, whole_number(0, _MAX_LEEWAY)),
        )
        if identity_claim in _RESERVED:
            raise ConfigurationError(f"'identity_claim' cannot be {identity_claim!r}, which says something else")
        self.identity_claim = identity_claim
        self.issuer = issuer
        self.audience = audience
        self._algorithms = list(algorithms)
        self._leeway = leeway

    def header(self, token: str) -> dict[str, Any]:
        """The header of a token, which anybody may have written, but whose algorithm is one of ours.

        :raises AuthenticationError: it cannot be read, or demands what is not understood.
        """
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, UnicodeError) as exc:
            raise _refusal(exc) from exc
        if header.get('alg') not in self._algorithms:
            raise AuthenticationError('the token is not valid')
        return header

    def claimed_identity(self, token: str) -> str:
        """Whom a token names before its signature has been verified.

        :raises AuthenticationError: it names nobody, or cannot be read.
        """
        self.header(token)
        try:
            claims = jwt.decode(token, options={'verify_signature': False})
        except (jwt.PyJWTError, UnicodeError) as exc:
            raise _refusal(exc) from exc
        return self.identity(claims)

    def claims(self, token: str, key: Any) -> dict[str, Any]:
        """What a valid token says.

        :param key: the key by which it must be signed.
        :raises AuthenticationError: it is not valid.
        """
        try:
            return jwt.decode(
                token,
                key,
                self._algorithms,
                audience=self.audience,
                issuer=self.issuer,
                leeway=self._leeway,
                options={'require': ['exp', self.identity_claim], 'enforce_minimum_key_length': True},
            )
        except (jwt.PyJWTError, UnicodeError) as exc:
            raise _refusal(exc) from exc

    def accept_those_of(self, other: 'TokenRules') -> bool:
        """Whether a token that is made by the other's rules is valid by these, if it is signed by the same key."""
        mine, others = _as_set(self.audience), _as_set(other.audience)
        return (
            (self._algorithms, self.identity_claim) == (other._algorithms, other.identity_claim)
            and self.issuer in (None, other.issuer)
            and (mine == others or bool(mine & others))
        )

    def identity(self, claims: dict[str, Any]) -> str:
        """Whom the claims name.

        :raises AuthenticationError: nobody.
        """
        identity = claims.get(self.identity_claim)
        if not isinstance(identity, str):
            raise AuthenticationError('the token is not valid')
        return identity


def sign(claims: dict[str, Any], key: bytes, algorithm: str) -> str:
    """A token with these claims."""
    return jwt.encode(claims, key, algorithm)


def signed_part(token: str) -> str:
    """What a token's signature is of, of which there is no other spelling; the signature itself may have many."""
    return token.rpartition('.')[0]


def _as_set(audience: str | Sequence[str] | None) -> set[str]:
    return {audience} if isinstance(audience, str) else set(audience or ())


def _refusal(error: Exception) -> AuthenticationError:
    return AuthenticationError(_REFUSALS.get(type(error), 'the token is not valid'))
