"""Which views need an account."""

from typing import Any, TypeVar

__all__ = ['is_authentication_required', 'require_authentication']

V = TypeVar('V')


def require_authentication(view: V) -> V:
    """Decorate a function view, a view class or a method: only requests with an account may pass."""
    view.authentication_required = True  # type: ignore[attr-defined]
    return view


def is_authentication_required(view: Any) -> bool:
    """Whether a view, or one of its methods, needs an account. Classes do unless they say otherwise."""
    return bool(getattr(view, 'authentication_required', isinstance(view, type)))
