"""Fixtures for all tests of the project."""

import pytest

from __packagename__ import constants, models


@pytest.fixture
def admin() -> models.User:
    return models.User.create(username='admin', role=constants.ROLE_ADMIN)


@pytest.fixture
def user() -> models.User:
    return models.User.create(username='user', email='user@example.com', first_name='Test', last_name='User')


@pytest.fixture
def admin_headers(admin: models.User) -> dict[str, str]:
    return {'X-API-Key': admin.api_key}


@pytest.fixture
def user_headers(user: models.User) -> dict[str, str]:
    return {'X-API-Key': user.api_key}
