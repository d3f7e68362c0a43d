"""Which views need an account."""

from typing import Any, TypeVar, cast

from colibris.utils.functions import independent

__all__ = ['is_authentication_required', 'require_authentication']

V = TypeVar('V')


def require_authentication(view: V) -> V:
    """Decorate a function view, a view class or a method: only requests with an account may pass.

    A function itself stays as it is, so that it can be public elsewhere.
    """
    decorated: Any = independent(view)
    decorated.authentication_required = True
    return cast('V', decorated)


def is_authentication_required(view: Any) -> bool:
    """Whether a view, or one of its methods, needs an account. Classes do unless they say otherwise."""
    return bool(getattr(view, 'authentication_required', isinstance(view, type)))
