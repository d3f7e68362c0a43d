"""What the views are sent."""

from colibris.authentication import passwords
from colibris.schemas import Schema, fields, validate

__all__ = [
    'AddressSchema',
    'LoginSchema',
    'NewPasswordSchema',
    'PasswordChangeSchema',
    'TokenSchema',
]

_MAX_LOGIN_LENGTH = 256
_MAX_TOKEN_LENGTH = 1024


def _password() -> fields.String:
    length = validate.Length(1, passwords.MAX_LENGTH)
    return fields.String(required=True, load_only=True, validate=length, metadata={'format': 'password'})


def _token() -> fields.String:
    return fields.String(required=True, load_only=True, validate=validate.Length(1, _MAX_TOKEN_LENGTH))


class LoginSchema(Schema):
    """Who logs in."""

    login = fields.String(required=True, validate=validate.Length(1, _MAX_LOGIN_LENGTH))
    password = _password()
    persistent = fields.StrictBoolean(
        load_default=False, metadata={'description': 'Whether the browser remembers it when it is closed.'}
    )


class PasswordChangeSchema(Schema):
    """A password, and the one that replaces it."""

    current_password = _password()
    new_password = fields.NewPassword(required=True)


class AddressSchema(Schema):
    """An e-mail address."""

    email = fields.Email(required=True)


class TokenSchema(Schema):
    """What a link has brought."""

    token = _token()


class NewPasswordSchema(TokenSchema):
    """What a link has brought, and a new password."""

    new_password = fields.NewPassword(required=True)
