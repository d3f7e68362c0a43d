"""Authentication: which account a request comes from.

The setting ``AUTHENTICATION`` names the backend; without it every request belongs to a dummy account.
"""

import importlib
from typing import TYPE_CHECKING, Any, TypeVar, overload

from colibris.authentication.answers import give_credentials
from colibris.authentication.base import AuthenticationBackend
from colibris.authentication.errors import AuthenticationError, AuthenticationUnavailable, ForgeryError
from colibris.authentication.events import record_event
from colibris.authentication.notes import is_authenticated_by_cookie, key_of, note_cookie, note_key
from colibris.authentication.policy import is_authentication_required, require_authentication
from colibris.authentication.requests import authenticate, get_account, login, logout
from colibris.authentication.slot import slot
from colibris.errors import ConfigurationError

if TYPE_CHECKING:
    from colibris.authentication.session.model import SessionModel

__all__ = [
    'AuthenticationBackend',
    'AuthenticationError',
    'AuthenticationUnavailable',
    'ForgeryError',
    'SessionModel',
    'authenticate',
    'get_account',
    'get_backend',
    'give_credentials',
    'is_authenticated_by_cookie',
    'is_authentication_required',
    'key_of',
    'login',
    'logout',
    'note_cookie',
    'note_key',
    'record_event',
    'require_authentication',
]

B = TypeVar('B', bound=AuthenticationBackend)

_LAZY = {'SessionModel': 'colibris.authentication.session.model'}


def __getattr__(name: str) -> Any:
    """Import what not every project uses when it is asked for."""
    if name not in _LAZY:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(importlib.import_module(_LAZY[name]), name)


@overload
def get_backend() -> AuthenticationBackend: ...


@overload
def get_backend(kind: type[B]) -> B: ...


def get_backend(kind: Any = AuthenticationBackend) -> Any:
    """The authentication backend.

    :param kind: the class that is asked for; a chain has several backends, of which the first of that class is given.
    :raises ConfigurationError: there is none of that class.
    """
    found = slot.get().find(kind)
    if found is None:
        raise ConfigurationError(f'AUTHENTICATION has no {kind.__name__}')
    return found
