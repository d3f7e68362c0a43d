"""Accounts that people use by a name and a password."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

import peewee

from colibris import authentication, email
from colibris.accounts.links import Link
from colibris.accounts.texts import RESET, VERIFICATION
from colibris.authentication import passwords
from colibris.authentication.keys import check_secret_key
from colibris.authentication.model import AccountModel
from colibris.authentication.options import SECONDS, check_options
from colibris.conf import settings
from colibris.conf.backends import Backend
from colibris.errors import ConfigurationError
from colibris.persist import PasswordField

__all__ = ['AccountsBackend']

logger = logging.getLogger(__name__)

_MOST_WITH_ONE_ADDRESS = 10


class AccountsBackend(Backend):
    """What the views of :mod:`colibris.accounts` and the commands do with accounts; subclass it to change that.

    :param model: the dotted path of the model that holds the accounts.
    :param login_field: its field that holds the name by which somebody logs in.
    :param password_field: its :class:`~colibris.persist.PasswordField`.
    :param email_field: its field that holds the e-mail address.
    :param verified_field: its field for the e-mail address that the account has proved to read, which may be NULL. An
        account whose address is changed is not verified any more.
    :param reset_url: the link to a page where a new password is chosen, with ``{token}`` in it. Without it there is no
        way to reset a password.
    :param verification_url: the link to a page that verifies an address, with ``{token}`` in it.
    :param reset_seconds: how long a link to reset a password is valid.
    :param verification_seconds: how long a link to verify an address is valid.
    """

    def __init__(
        self,
        model: str,
        login_field: str = 'username',
        password_field: str = 'password',  # noqa: S107  # the name of a field
        email_field: str | None = None,
        verified_field: str | None = None,
        reset_url: str | None = None,
        verification_url: str | None = None,
        reset_seconds: int = 3600,
        verification_seconds: int = 3 * 24 * 3600,
    ) -> None:
        check_options(reset_seconds=(reset_seconds, SECONDS), verification_seconds=(verification_seconds, SECONDS))
        if (reset_url or verification_url) and not email_field:
            raise ConfigurationError("links are sent by e-mail: say in 'email_field' where the address is")
        if verification_url and not verified_field:
            raise ConfigurationError("'verification_url' needs a 'verified_field'")
        self._by_login = AccountModel(model, login_field)
        self._by_key = AccountModel(model)
        self._names = (password_field, email_field, verified_field)
        self.reset_link = Link('reset', reset_url, reset_seconds) if reset_url else None
        self.verification_link = (
            Link('verification', verification_url, verification_seconds) if verification_url else None
        )

    async def start(self) -> None:
        """Check the model's fields, and that what links need is there.

        :raises ConfigurationError: something is missing.
        """
        _ = self.login_field, self.password_field
        if authentication.get_backend().outlives_passwords:
            logger.warning(
                "AUTHENTICATION has no 'secret_field': a new password ends no session and no token of a thief's"
            )
        if self.reset_link or self.verification_link:
            check_secret_key()
            if not settings.EMAIL:
                raise ConfigurationError('links are sent by e-mail: set EMAIL')

    # Accounts

    @property
    def model(self) -> Any:
        """The model that holds the accounts."""
        return self._by_key.model

    @property
    def login_field(self) -> Any:
        """The model's field that holds the name by which somebody logs in."""
        return self._by_login.field

    @property
    def password_field(self) -> Any:
        """The model's field that holds the hashes of passwords."""
        return self._fields[0]

    def find(self, login: str) -> Any:
        """The account that logs in under this name, or ``None``."""
        return self._by_login.find(login)

    def reload(self, account: Any) -> Any:
        """The account as it is now, or ``None``: that of a request may have been kept (``account_seconds``)."""
        return self._by_key.find(self._by_key.identity_of(account))

    def find_by_email(self, address: str) -> list[Any]:
        """The accounts with this e-mail address, whatever the case of its letters; the oldest, if there are many.

        Not more than that, because databases are lax: some of them find ``ada`` for ``ädä``.
        """
        if not address.isprintable():
            return []
        field = self._fields[1]
        found = self.model.select().where((peewee.fn.LOWER(field) == address.lower()) | (field == address))
        oldest = found.order_by(self._by_key.field).limit(_MOST_WITH_ONE_ADDRESS)
        return [account for account in oldest if self.email_of(account).casefold() == address.casefold()]

    def login_of(self, account: Any) -> str:
        """The name by which the account logs in."""
        return self._by_login.identity_of(account)

    def may_log_in(self, account: Any) -> bool:
        """Whether the account may log in at all. Every one may; a subclass may ask for more than the password."""
        return True

    # Passwords

    def authenticate(self, login: str, password: str) -> Any:
        """The account with this name, if the password is its own and it may log in, or ``None``; always as slowly.

        A hash that a new password would not have any more is replaced.
        """
        account = self.find(login)
        if not self.has_password(account, password) or not self.may_log_in(account):
            return None
        if passwords.needs_rehash(self._value(account, self.password_field)):
            self.change_password(account, password)
        return account

    def has_password(self, account: Any, password: str) -> bool:
        """Whether the password is the account's; ``account`` may be ``None``, for which this takes as long."""
        return passwords.verify(password, self._value(account, self.password_field))

    def change_password(self, account: Any, password: str) -> bool:
        """Give the account another password, and return whether it was done: not if it has got one meanwhile."""
        hashed = passwords.hash(password)
        return self._write(account, self.password_field, hashed, self._value(account, self.password_field))

    # Links

    def send_reset(self, account: Any) -> None:
        """Send the account a link to choose a new password, if it has an address."""
        if self.reset_link and self.email_of(account):
            link = self.reset_link.make(self._by_key.identity_of(account), self._reset_state(account))
            _send(self.make_reset_message, account, link)

    def find_by_reset(self, token: str) -> Any:
        """The account for which a link was sent to choose a new password, or ``None`` if it can do so no more."""
        return self._find_by_token(self.reset_link, token, self._reset_state)

    def send_verification(self, account: Any) -> None:
        """Send the account a link to verify its address, if it has one that is not verified."""
        if self.verification_link and self.email_of(account) and not self.is_verified(account):
            link = self.verification_link.make(self._by_key.identity_of(account), self._verification_state(account))
            _send(self.make_verification_message, account, link)

    def verify(self, token: str) -> Any:
        """Note that the account for which a link was sent reads its address; ``None`` if it can be used no more."""
        account = self._find_by_token(self.verification_link, token, self._verification_state)
        if account is None:
            return None
        field = self._fields[2]
        return account if self._write(account, field, self.email_of(account), self._value(account, field)) else None

    def email_of(self, account: Any) -> str:
        """The account's e-mail address, or an empty text."""
        return self._value(account, self._fields[1]) or ''

    def is_verified(self, account: Any) -> bool:
        """Whether the account has proved to read its e-mail address."""
        address = self.email_of(account)
        return bool(address) and self._value(account, self._fields[2]) == address

    def make_reset_message(self, account: Any, link: str) -> email.EmailMessage:
        """The message that brings a link to choose a new password."""
        return email.EmailMessage('Reset your password', RESET.format(link=link), to=self.email_of(account))

    def make_verification_message(self, account: Any, link: str) -> email.EmailMessage:
        """The message that brings a link to verify an address."""
        return email.EmailMessage('Verify your address', VERIFICATION.format(link=link), to=self.email_of(account))

    def _reset_state(self, account: Any) -> str:
        return f'{self._value(account, self.password_field) or ""}\n{self.email_of(account)}'

    def _verification_state(self, account: Any) -> str:
        return f'{self._value(account, self._fields[2]) or ""}\n{self.email_of(account)}'

    def _find_by_token(self, link: Link | None, token: str, state_of: Callable[[Any], str]) -> Any:
        identity = None if link is None else link.claimed_identity(token)
        account = None if identity is None else self._by_key.find(identity)
        if link is None or account is None or not link.is_valid(token, state_of(account)):
            return None
        return account

    # Fields

    @cached_property
    def _fields(self) -> tuple[Any, ...]:
        """Those for the password, the e-mail address and the verified one; ``None`` where there is none."""
        fields = self.model._meta.fields
        for name in self._names:
            if name is not None and name not in fields:
                raise ConfigurationError(f"{self._by_login.path} has no field '{name}'")
        if not isinstance(fields[self._names[0]], PasswordField):
            raise ConfigurationError(f'{self._by_login.path}.{self._names[0]} is no PasswordField')
        return tuple(None if name is None else fields[name] for name in self._names)

    def _value(self, account: Any, field: Any) -> Any:
        return None if account is None or field is None else getattr(account, field.name)

    def _write(self, account: Any, field: Any, value: Any, before: Any) -> bool:
        """Write a field of a row in which it still is as it was: of several at the same time, one does it."""
        is_unchanged = field.is_null() if before is None else field == before
        count = self.model.update({field: value}).where(account._pk_expr() & is_unchanged).execute()
        if count:
            setattr(account, field.name, value)
        return bool(count)


def _send(make: Callable[[Any, str], email.EmailMessage], account: Any, link: str) -> None:
    """Send a message; that its address is no address is no affair of whoever asks for it."""
    try:
        message = make(account, link)
    except email.EmailError as exc:
        logger.error('an account cannot be written to: %s', exc)
    else:
        email.send(message)
