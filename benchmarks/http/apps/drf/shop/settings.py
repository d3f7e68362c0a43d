import os
from urllib.parse import urlsplit

address = urlsplit(os.environ['DATABASE_URL'])

SECRET_KEY = 'of a benchmark'
ALLOWED_HOSTS = ['127.0.0.1']
ROOT_URLCONF = 'shop.urls'
APPEND_SLASH = False
INSTALLED_APPS = ['rest_framework', 'shop']
MIDDLEWARE = []
USE_TZ = True
USE_I18N = False
LOGGING_CONFIG = None
DEFAULT_AUTO_FIELD = 'django.db.models.AutoField'
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'HOST': address.hostname,
        'PORT': address.port,
        'USER': address.username,
        'PASSWORD': address.password,
        'NAME': address.path.strip('/'),
        'CONN_MAX_AGE': None,
    }
}
REST_FRAMEWORK = {
    'DEFAULT_PARSER_CLASSES': ['rest_framework.parsers.JSONParser'],
    'DEFAULT_RENDERER_CLASSES': ['rest_framework.renderers.JSONRenderer'],
    'DEFAULT_AUTHENTICATION_CLASSES': [],
    'DEFAULT_PERMISSION_CLASSES': [],
    'UNAUTHENTICATED_USER': None,
}
