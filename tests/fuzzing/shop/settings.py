import json
import os

DATABASE = json.loads(os.environ['FUZZED_DATABASE'])
DEBUG = False
LISTEN = '127.0.0.1'
SECRET_KEY = 'the secret of a project that is fuzzed'
ALLOWED_HOSTS = ['127.0.0.1']
COMPRESS_RESPONSES = True
MAX_REQUEST_BODY_SIZE = 1024**2
MAX_UPLOAD_SIZE = 1024**2
REQUEST_HEADER_TIMEOUT = 1
REQUEST_BODY_TIMEOUT = 1
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': 'shop.models.Account',
    'key_field': 'api_key',
}
AUTHORIZATION = {
    'backend': 'colibris.authorization.role.RoleBackend',
    'role_field': 'role',
    'order': ['clerk', 'boss'],
}
