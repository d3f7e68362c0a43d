import pytest

from yourproject import models


@pytest.fixture
def test_user():
    yield models.User.create(username='test_user', password='test_password',
                             first_name='Test', last_name='User',
                             email='testuser@example.com')


@pytest.fixture
def client_headers(test_user):
    test_user.secret = 'test_secret'
    test_user.save()
    return {'Authorization': 'Bearer test_secret'}
