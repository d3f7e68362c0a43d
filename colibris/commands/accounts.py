"""What the commands for accounts share."""

import getpass
import sys
from collections.abc import Mapping
from typing import Any

from colibris.commands.base import CommandError

__all__ = ['find_account', 'read_new_password']


def find_account(login: str) -> Any:
    """The account that logs in under this name.

    :raises CommandError: there is none.
    """
    from colibris import accounts

    backend = accounts.get_backend()
    account = backend.find(login)
    if account is None:
        kind, field = backend.model.__name__.lower(), backend.login_field.name
        raise CommandError(f"there is no {kind} whose {field} is '{login}'")
    return account


def read_new_password(account: Mapping[str, Any]) -> str:
    """A password that is typed twice, or the first line of an input that is no terminal.

    :param account: what is known about the account.
    :raises CommandError: it is empty, easy to guess, or typed in two ways.
    """
    from colibris.authentication import passwords

    password = _ask() if sys.stdin.isatty() else sys.stdin.readline().rstrip('\r\n')
    problems = passwords.check(password, account)
    if problems:
        raise CommandError('\n'.join(f'the password cannot be used: {problem}' for problem in problems))
    return password


def _ask() -> str:
    password = getpass.getpass('Password: ')
    if getpass.getpass('Again: ') != password:
        raise CommandError('these are two passwords')
    return password
