"""The tests that every backend passes, over colibris' own."""

import sys

import pytest

from colibris.authorization import get_backend
from colibris.authorization.role import RoleBackend
from colibris.test.authorization import AuthorizationBackendContract
from tests.authentication.test_apikey import SETTINGS
from tests.authorization.test_rules import MODELS, RIGHTS
from tests.views.serving import DATABASE, create_tables


class Account:
    def __init__(self, role):
        self.role = role


class TestRole(AuthorizationBackendContract):
    permission = 'clerk'

    @pytest.fixture(params=[[], ['guest', 'clerk', 'boss']], ids=['apart', 'ordered'])
    def backend(self, request):
        return RoleBackend('role', request.param)

    @pytest.fixture
    def account(self):
        return Account('clerk')

    @pytest.fixture(params=['guest', 'stranger', '', None, 5])
    def stranger(self, request):
        return Account(request.param)


class TestRights(AuthorizationBackendContract):
    permission = 'paper:read'

    @pytest.fixture
    def models(self, project):
        name = project(settings=DATABASE + SETTINGS + RIGHTS, models=MODELS)
        create_tables(name)
        return sys.modules[f'{name}.models']

    @pytest.fixture
    def backend(self, models):
        return get_backend()

    @pytest.fixture
    def account(self, models):
        item = models.Item.create(name='ada')
        models.Right.create(item=item, resource='paper', operation='read')
        return item

    @pytest.fixture
    def stranger(self, models):
        item = models.Item.create(name='bob')
        models.Right.create(item=item, resource='paper', operation='write')
        models.Right.create(item=item, resource='ink', operation='read')
        return item
