"""Which permissions a view demands."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from colibris.authorization.base import AuthorizationBackend
from colibris.errors import ConfigurationError
from colibris.utils.functions import independent

__all__ = ['Permissions', 'permissions_of', 'require_all_permissions', 'require_one_permission', 'require_permission']

V = TypeVar('V')

_ATTRIBUTE = 'required_permissions'


@dataclass(frozen=True)
class Permissions:
    """What a view demands: of each group at least one permission."""

    groups: tuple[frozenset[str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups)

    def __or__(self, other: 'Permissions') -> 'Permissions':
        """What both demand."""
        return Permissions(self.groups + tuple(group for group in other.groups if group not in self.groups))

    def allow(self, account: Any, backend: AuthorizationBackend) -> bool:
        """Whether ``account`` may pass."""
        return all(any(backend.has_permission(account, item) for item in sorted(group)) for group in self.groups)


def require_permission(permission: str) -> Callable[[V], V]:
    """Decorate a function view, a view class or a method: only accounts with the permission may pass.

    A function itself stays as it is, so that it can be used elsewhere with other permissions, or none.
    """
    return _require([[permission]])


def require_one_permission(*permissions: str) -> Callable[[V], V]:
    """Decorate like :func:`require_permission`: any one of the permissions is enough."""
    return _require([permissions])


def require_all_permissions(*permissions: str) -> Callable[[V], V]:
    """Decorate like :func:`require_permission`: every one of the permissions is needed."""
    return _require([permission] for permission in permissions)


def permissions_of(view: Any) -> Permissions:
    """What a view, or one of its methods, demands: its decorators, and its attribute ``permissions`` (all of them).

    :raises ConfigurationError: the attribute holds something else than names of permissions.
    """
    declared = getattr(view, 'permissions', None) or ()
    names = (declared,) if isinstance(declared, str) else declared
    return _decorated(view) | (_make([item] for item in names) if names else Permissions())


def _require(groups: Iterable[Collection[str]]) -> Callable[[V], V]:
    demanded = _make(groups)

    def decorate(view: V) -> V:
        decorated = independent(view)
        setattr(decorated, _ATTRIBUTE, _decorated(decorated) | demanded)
        return decorated

    return decorate


def _make(groups: Iterable[Collection[str]]) -> Permissions:
    """The permissions that ``groups`` name.

    :raises ConfigurationError: there are none, or one is no name.
    """
    listed = list(groups)
    if not listed or not all(group and all(item and isinstance(item, str) for item in group) for group in listed):
        raise ConfigurationError("a permission has to be named, as in @require_permission('admin')")
    return Permissions(tuple(map(frozenset, listed)))


def _decorated(view: Any) -> Permissions:
    demanded: Permissions = getattr(view, _ATTRIBUTE, Permissions())
    return demanded
