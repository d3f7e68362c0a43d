"""Views with which people log in and out, and look after their password and their address."""

import logging
from http import HTTPStatus
from typing import Any

from aiohttp import web

from colibris import authentication, ratelimit
from colibris.accounts.documentation import describe
from colibris.accounts.schemas import (
    AddressSchema,
    LoginSchema,
    NewPasswordSchema,
    PasswordChangeSchema,
    TokenSchema,
)
from colibris.accounts.slot import slot
from colibris.api import Conflict, InvalidRequest, NotAuthenticated, PermissionDenied
from colibris.authentication import passwords, record_event
from colibris.errors import ConfigurationError
from colibris.ratelimit import limit_rate
from colibris.views import APIView
from colibris.views.parsing import invalid

__all__ = [
    'EmailConfirmationView',
    'EmailVerificationView',
    'LoginView',
    'LogoutView',
    'PasswordResetConfirmationView',
    'PasswordResetView',
    'PasswordView',
]

REQUESTS_BY_MAIL = '5/hour'


class LoginView(APIView):
    """Logging in; the answer brings credentials in a cookie, or in the header ``Authorization``."""

    authentication_required = False
    body_schema_class = LoginSchema

    @classmethod
    def check(cls) -> None:
        """Check that there is a way to log in."""
        super().check()
        if not authentication.get_backend().can_login:
            raise ConfigurationError(f'{cls.__name__}: AUTHENTICATION needs a SessionBackend or a JWTBackend')

    @describe(HTTPStatus.NO_CONTENT, 'Log in', _401='The name or the password is wrong.', _429='Too many attempts.')
    async def post(self) -> web.Response:
        """Log in by name and password."""
        data = await self.get_validated_body()
        ratelimit.throttle_login(self.request, data['login'])
        account = slot.get().authenticate(data['login'], data['password'])
        if account is None:
            record_event('login_failed', self.request, slot.get().find(data['login']), level=logging.WARNING)
            raise NotAuthenticated('The name or the password is wrong.', code='wrong_credentials')
        ratelimit.forgive_login(data['login'])
        authentication.login(self.request, account, data['persistent'])
        return web.Response(status=204)


class LogoutView(APIView):
    """Logging out."""

    authentication_required = False

    @describe(HTTPStatus.NO_CONTENT, 'Log out')
    def post(self) -> web.Response:
        """Log out; whoever is not logged in stays so."""
        authentication.logout(self.request)
        return web.Response(status=204)


class PasswordView(APIView):
    """The password of whoever asks."""

    body_schema_class = PasswordChangeSchema

    @describe(
        HTTPStatus.NO_CONTENT, 'Change the password', _409='It has been changed meanwhile.', _429='Too many attempts.'
    )
    async def put(self) -> web.Response:
        """Change the password. Other sessions end, and tokens too, if ``AUTHENTICATION`` has a ``secret_field``."""
        data = await self.get_validated_body()
        account, backend = own_account(self), slot.get()
        ratelimit.throttle_login(self.request, backend.login_of(account))
        if not backend.has_password(account, data['current_password']):
            record_event('password_change_failed', self.request, account, level=logging.WARNING)
            raise invalid({'current_password': ['Is wrong.']}, 'body')
        ratelimit.forgive_login(backend.login_of(account))
        check_new_password(account, data['new_password'])
        if not backend.change_password(account, data['new_password']):
            raise Conflict('The password has been changed meanwhile.')
        record_event('password_changed', self.request, account)
        if authentication.is_authenticated_by_cookie(self.request):
            authentication.login(self.request, account)
        return web.Response(status=204)


@limit_rate('60/hour by address')
class PasswordResetView(APIView):
    """Forgotten passwords."""

    authentication_required = False
    body_schema_class = AddressSchema

    @describe(HTTPStatus.ACCEPTED, 'Ask for a link to choose a new password')
    async def post(self) -> web.Response:
        """Send a link to choose a new password to an address. The answer does not tell whether it is known."""
        address = (await self.get_validated_body())['email']
        ratelimit.hit('password-reset', address.casefold(), REQUESTS_BY_MAIL)
        for account in slot.get().find_by_email(address):
            record_event('password_reset_requested', self.request, account)
            slot.get().send_reset(account)
        return web.Response(status=202)


class PasswordResetConfirmationView(APIView):
    """New passwords in place of forgotten ones."""

    authentication_required = False
    body_schema_class = NewPasswordSchema

    @describe(HTTPStatus.NO_CONTENT, 'Choose a new password by a link')
    async def post(self) -> web.Response:
        """Choose a new password by the token of a link, which is then worth nothing any more."""
        data = await self.get_validated_body()
        account = slot.get().find_by_reset(data['token'])
        if account is not None:
            check_new_password(account, data['new_password'])
        if account is None or not slot.get().change_password(account, data['new_password']):
            record_event('password_reset_failed', self.request, account, level=logging.WARNING)
            raise wrong_token()
        record_event('password_reset', self.request, account)
        return web.Response(status=204)


class EmailVerificationView(APIView):
    """The e-mail address of whoever asks."""

    @describe(HTTPStatus.ACCEPTED, 'Ask for a link to verify the address', _429='Too many links.')
    async def post(self) -> web.Response:
        """Send a link to verify the address of whoever asks, if it is not verified."""
        account = own_account(self)
        ratelimit.hit('email-verification', str(account.get_id()), REQUESTS_BY_MAIL)
        slot.get().send_verification(account)
        return web.Response(status=202)


class EmailConfirmationView(APIView):
    """E-mail addresses that are verified."""

    authentication_required = False
    body_schema_class = TokenSchema

    @describe(HTTPStatus.NO_CONTENT, 'Verify the address by a link')
    async def post(self) -> web.Response:
        """Verify an address by the token of a link, which is then worth nothing any more."""
        account = slot.get().verify((await self.get_validated_body())['token'])
        if account is None:
            raise wrong_token()
        record_event('email_verified', self.request, account)
        return web.Response(status=204)


def own_account(view: APIView) -> Any:
    """The account that asks, as it is now.

    :raises PermissionDenied: it is none that has a password.
    :raises NotAuthenticated: it has been deleted.
    """
    backend = slot.get()
    if not isinstance(view.account, backend.model):
        raise PermissionDenied
    account = backend.reload(view.account)
    if account is None:
        raise NotAuthenticated
    return account


def check_new_password(account: Any, password: str) -> None:
    """Check a password that somebody chooses.

    :raises InvalidRequest: it is easy to guess.
    """
    problems = passwords.check(password, account)
    if problems:
        raise invalid({'new_password': problems}, 'body')


def wrong_token() -> InvalidRequest:
    """The error for a token that was never valid, or is not any more."""
    return invalid({'token': ['Is not valid, or not any more.']}, 'body')
