"""Settings of the measured service: everything as it is by default, but the database."""

import os
from urllib.parse import urlsplit

_address = urlsplit(os.environ['DATABASE_URL'])

DEBUG = False
SECRET_KEY = 'nobody-has-to-keep-the-secret-of-a-benchmark'

_SERVERS = {'postgresql': 'colibris.persist.PostgreSQLBackend', 'mysql': 'colibris.persist.MySQLBackend'}

if _address.scheme in _SERVERS:
    DATABASE = {
        'backend': _SERVERS[_address.scheme],
        'name': _address.path[1:],
        'host': _address.hostname,
        'port': _address.port,
        'username': _address.username,
        'password': _address.password,
        'pool_size': int(os.environ['DB_POOL']),
    }
else:
    DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': _address.path}

AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': 'shop.models.Account',
    'key_field': 'key',
}

LOGGING_OVERRIDES = {'loggers': {'colibris.access': {'level': 'WARNING'}}}
