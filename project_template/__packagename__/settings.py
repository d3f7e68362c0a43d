"""Settings of __projectname__; every other setting of colibris has its default."""

from pathlib import Path

from colibris.conf.schemas import SettingsSchema, fields

from __packagename__.constants import ROLES

DATABASE = {
    'backend': 'colibris.persist.SQLiteBackend',
    'name': str(Path(__file__).resolve().parent.parent / '__packagename__.db'),
}

AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': '__packagename__.models.User',
    'key_field': 'api_key',
}

AUTHORIZATION = {
    'backend': 'colibris.authorization.role.RoleBackend',
    'role_field': 'role',
    'order': ROLES,
}


class GeneralSettingsSchema(SettingsSchema):
    """Settings that come from environment variables, or from `.env` files."""

    DEBUG = fields.Boolean()
    LISTEN = fields.String()
    PORT = fields.Integer()
    SECRET_KEY = fields.String()


class DatabaseSettingsSchema(SettingsSchema):
    """Entries of DATABASE: the variable DATABASE_NAME gives DATABASE['name']."""

    NAME = fields.String()

    class Meta:
        prefix = 'DATABASE_'


GeneralSettingsSchema().load_from_env(globals())
DatabaseSettingsSchema().load_from_env(globals())
