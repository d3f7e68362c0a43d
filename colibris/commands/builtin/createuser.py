"""``manage.py createuser``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import Any

from colibris.commands.accounts import read_new_password
from colibris.commands.base import BaseCommand, CommandError

__all__ = ['CreateUserCommand']


class CreateUserCommand(BaseCommand):
    """Create an account. Its password is asked for, or read from the standard input."""

    name = 'createuser'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who it is."""
        parser.add_argument('login', help='the name by which the account logs in')
        parser.add_argument('values', nargs='*', metavar='FIELD=VALUE', help='what else is known about it')
        parser.add_argument('--no-password', action='store_true', help='create it without a password')

    def handle(self, options: Namespace) -> None:
        """Ask for the password, and create it."""
        from colibris import accounts
        from colibris.persist import IntegrityError

        backend = accounts.get_backend()
        values = {backend.login_field.name: options.login, **_read_values(backend, options.values)}
        _check_required(backend, values)
        password = _password_of(backend, values, options.no_password)
        try:
            account = backend.model.create(**values, **{backend.password_field.name: password})
        except IntegrityError as exc:
            raise CommandError(f'the {backend.model.__name__.lower()} cannot be created: {exc}') from exc
        print(f'Created {backend.model.__name__.lower()} {account.get_id()}.')


def _password_of(backend: Any, values: dict[str, Any], is_without: bool) -> Any:
    from colibris.authentication import passwords

    if not is_without:
        return read_new_password(values)
    return None if backend.password_field.null else passwords.unusable()


def _read_values(backend: Any, texts: Iterable[str]) -> dict[str, Any]:
    values = {}
    for text in texts:
        name, separator, value = text.partition('=')
        if not separator:
            raise CommandError(f"'{text}' has to look like FIELD=VALUE")
        values[name] = _read_value(backend, name, value)
    return values


def _read_value(backend: Any, name: str, text: str) -> Any:
    from colibris.schemas import ValidationError
    from colibris.schemas.converters import field_for

    field = backend.model._meta.fields.get(name)
    if field is None:
        raise CommandError(f"{backend.model.__name__} has no field '{name}'")
    if field is backend.password_field:
        raise CommandError('a password must not stand in a command, where others can read it; it is asked for')
    try:
        return field_for(field, from_text=True, dump_only=False).deserialize(text)
    except ValidationError as exc:
        raise CommandError(f'{name}: {" ".join(exc.messages)}') from exc


def _check_required(backend: Any, values: dict[str, Any]) -> None:
    missing = [
        field.name
        for field in backend.model._meta.sorted_fields
        if not (field.null or field.default is not None or field.auto_increment or field.name in values)
        and field is not backend.password_field
    ]
    if missing:
        raise CommandError(f'say what these are, as FIELD=VALUE: {", ".join(missing)}')
