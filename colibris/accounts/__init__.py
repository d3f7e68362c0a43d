"""Accounts that people use by name and password: logging in and out, changing and resetting the password.

The setting ``ACCOUNTS`` names the model and its fields. :func:`routes` has the views.
"""

from typing import Any

from colibris.accounts import views
from colibris.accounts.backend import AccountsBackend
from colibris.accounts.slot import slot

__all__ = ['AccountsBackend', 'get_backend', 'routes', 'views']


def get_backend() -> AccountsBackend:
    """The accounts' backend.

    :raises BackendNotConfigured: the setting ``ACCOUNTS`` is empty.
    """
    return slot.get()


def routes(prefix: str = '') -> list[tuple[str, Any]]:
    """Routes for what ``ACCOUNTS`` is set up for: ``ROUTES += accounts.routes('/auth')``.

    A route of its own, in place of one of these, is what a project's subclass of a view needs.

    :param prefix: what the paths begin with.
    :raises BackendNotConfigured: the setting ``ACCOUNTS`` is empty.
    """
    found: list[tuple[str, Any]] = [
        ('/login', views.LoginView),
        ('/logout', views.LogoutView),
        ('/password', views.PasswordView),
    ]
    if slot.get().reset_link:
        found += [
            ('/password/reset', views.PasswordResetView),
            ('/password/reset/confirm', views.PasswordResetConfirmationView),
        ]
    if slot.get().verification_link:
        found += [('/email/verify', views.EmailVerificationView), ('/email/confirm', views.EmailConfirmationView)]
    return [(prefix + path, view) for path, view in found]
