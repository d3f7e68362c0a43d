"""The settings that the reference page lists, with their defaults."""

import pytest

from colibris.conf import settings

DEFAULTS = {
    'API_DOCS_PATH': '/api/docs',
    'AUTHENTICATION': {},
    'AUTHORIZATION': {},
    'CACHE': {},
    'DATABASE': {},
    'DEBUG': True,
    'EMAIL': {},
    'LISTEN': '0.0.0.0',
    'LOGGING': None,
    'LOGGING_OVERRIDES': {},
    'MAX_REQUEST_BODY_SIZE': 10 * 1024 * 1024,
    'MIDDLEWARE': [
        'colibris.middleware.handle_errors_json',
        'colibris.middleware.handle_auth',
        'colibris.middleware.handle_schema_validation',
    ],
    'PORT': 8888,
    'SECRET_KEY': None,
    'TASK_QUEUE': {},
    'TEMPLATE': {},
    'TEST_DATABASE': {},
}


@pytest.mark.parametrize('name', DEFAULTS)
def test_default(project, name):
    project()
    assert getattr(settings, name) == DEFAULTS[name]


def test_the_project_is_found_by_itself(project, tmp_path):
    name = project()
    assert (name, str(tmp_path / name)) == (settings.PROJECT_PACKAGE_NAME, settings.PROJECT_PACKAGE_DIR)
