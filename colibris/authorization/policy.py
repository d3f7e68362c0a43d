"""Which permissions a view demands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from colibris.authorization.base import AuthorizationBackend
from colibris.errors import ConfigurationError

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
    """Decorate a function view, a view class or a method: only accounts with the permission may pass."""
    return _require([{permission}])


def require_one_permission(*permissions: str) -> Callable[[V], V]:
    """Decorate like :func:`require_permission`: any one of the permissions is enough."""
    return _require([set(permissions)])


def require_all_permissions(*permissions: str) -> Callable[[V], V]:
    """Decorate like :func:`require_permission`: every one of the permissions is needed."""
    return _require({permission} for permission in permissions)


def permissions_of(view: Any) -> Permissions:
    """What a view, or one of its methods, demands: its decorators, and its attribute ``permissions`` (all of them)."""
    declared = getattr(view, 'permissions', None) or ()
    if isinstance(declared, str):
        declared = (declared,)
    return getattr(view, _ATTRIBUTE, Permissions()) | Permissions(tuple(frozenset((item,)) for item in declared))


def _require(groups: Iterable[set[str]]) -> Callable[[V], V]:
    demanded = Permissions(tuple(frozenset(group) for group in groups))
    if not demanded or not all(group and all(isinstance(item, str) for item in group) for group in demanded.groups):
        raise ConfigurationError("a permission has to be named, as in @require_permission('admin')")

    def decorate(view: V) -> V:
        setattr(view, _ATTRIBUTE, getattr(view, _ATTRIBUTE, Permissions()) | demanded)
        return view

    return decorate
