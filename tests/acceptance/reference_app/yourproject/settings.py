from colibris.conf.schemas import SettingsSchema, fields

DATABASE = {
    'backend': 'colibris.persist.SQLiteBackend',
    'name': 'yourproject.db'
}

AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': 'yourproject.models.User',
    'key_field': 'secret',
}

AUTHORIZATION = {
    'backend': 'colibris.authorization.role.RoleBackend',
    'role_field': 'role'
}

MIDDLEWARE = [
    'colibris.middleware.handle_errors_json',
    'colibris.middleware.handle_auth',
    'colibris.middleware.handle_schema_validation'
]

API_DOCS_PATH = '/api/docs'
LOGGING_OVERRIDES = {}
MAX_REQUEST_BODY_SIZE = 10 * 1024 * 1024
SECRET_KEY = None
TEST_DATABASE = {}


class GeneralSettingsSchema(SettingsSchema):
    DEBUG = fields.Boolean()
    LISTEN = fields.String()
    PORT = fields.Integer()


class DatabaseSettingsSchema(SettingsSchema):
    NAME = fields.String()
    HOST = fields.String()
    PORT = fields.Integer()
    USERNAME = fields.String()
    PASSWORD = fields.String()

    class Meta:
        prefix = 'DATABASE_'


GeneralSettingsSchema().load_from_env(globals())
DatabaseSettingsSchema().load_from_env(globals())
