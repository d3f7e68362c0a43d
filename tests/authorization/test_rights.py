"""Rights that are rows of a model."""

import asyncio
import sys

import pytest
from aiohttp import web

from colibris import bridge
from colibris.app import create_app
from colibris.authorization import get_backend
from colibris.authorization.rights import RightsBackend
from colibris.errors import ConfigurationError
from tests.authentication.test_apikey import SETTINGS
from tests.authorization.test_rules import MODELS, RIGHTS
from tests.views.serving import DATABASE, create_tables

OTHERS = """

class Robot(persist.Model):
    name = persist.CharField()


class NamedRight(persist.Model):
    account = persist.CharField()
    resource = persist.CharField()
    operation = persist.CharField()


class RightByName(persist.Model):
    item = persist.ForeignKeyField(Item, field='name')
    resource = persist.CharField()
    operation = persist.CharField()
"""


@pytest.fixture
def models(project):
    name = project(
        settings=DATABASE + SETTINGS + RIGHTS,
        models=MODELS.replace('name = persist.CharField()', 'name = persist.CharField(unique=True)') + OTHERS,
    )
    create_tables(name)
    return sys.modules[f'{name}.models']


@pytest.fixture
def ada(models):
    item = models.Item.create(name='ada')
    models.Right.create(item=item, resource='books', operation='write')
    models.Right.create(item=item, resource='urn:books', operation='read')
    return item


def test_only_what_a_row_says(models, ada):
    has = get_backend().has_permission
    assert has(ada, 'books:write')
    assert has(ada, 'urn:books:read')
    for permission in (
        'books:read',
        'books:',
        ':write',
        'books',
        'write',
        'books:write ',
        'BOOKS:write',
        'urn:books',
        '',
    ):
        assert not has(ada, permission)
    other = models.Item.create(name='other')
    assert not has(other, 'books:write')
    assert not has(None, 'books:write')
    assert not has(models.Item(name='unsaved'), 'books:write')


def test_a_row_of_another_model_has_not_the_rights_of_the_account_with_its_number(models, ada):
    robot = models.Robot.create(id=ada.id, name='ada')
    assert not get_backend().has_permission(robot, 'books:write')


def test_account_field_that_is_no_reference(models, ada):
    path = f'{models.__name__}.NamedRight'
    backend = RightsBackend(path, 'account', 'resource', 'operation')
    models.NamedRight.create(account=str(ada.id), resource='books', operation='write')
    models.NamedRight.create(account='from outside', resource='books', operation='read')
    assert backend.has_permission(ada, 'books:write')
    assert not backend.has_permission(ada, 'books:read')

    class Outsider:
        id = 'from outside'

    assert backend.has_permission(Outsider(), 'books:read')
    assert not backend.has_permission(object(), 'books:read')


def test_reference_to_another_field(models, ada):
    backend = RightsBackend(f'{models.__name__}.RightByName', 'item', 'resource', 'operation')
    models.RightByName.create(item=ada, resource='books', operation='write')
    assert backend.has_permission(ada, 'books:write')
    assert not backend.has_permission(models.Item.create(name='other'), 'books:write')


async def test_read_once_in_a_request(models, run, statements):
    ada = await run(models.Item.create, name='ada')
    await run(models.Right.create, item=ada, resource='books', operation='write')

    def request():
        return [get_backend().has_permission(ada, f'books:{name}') for name in ('write', 'read', 'write')]

    with statements() as seen:
        assert await in_request(request) == [True, False, True]
    assert len(seen) == 1
    await run(models.Right.delete().execute)
    with statements() as seen:
        assert await in_request(request) == [False] * 3
    assert len(seen) == 1


async def test_accounts_in_one_request_are_told_apart(models, run):
    ada, bob = [await run(models.Item.create, name=name) for name in ('ada', 'bob')]
    await run(models.Right.create, item=ada, resource='books', operation='write')
    accounts = (ada, bob, None, ada)
    assert await in_request(lambda: [get_backend().has_permission(each, 'books:write') for each in accounts]) == [
        True, False, False, True,
    ]  # fmt: skip


def test_without_a_request_they_are_read_each_time(models, ada, statements):
    with statements() as seen:
        assert get_backend().has_permission(ada, 'books:write')
        models.Right.delete().execute()
        assert not get_backend().has_permission(ada, 'books:write')
    assert len(seen) == 3


async def in_request(function):
    """Call it in a scope of its own, as a request is."""
    return await asyncio.create_task(bridge.run(function))


@pytest.fixture
def statements(monkeypatch):
    """Collect the statements that run within a block."""
    import contextlib

    from colibris import persist

    @contextlib.contextmanager
    def collect():
        seen = []
        hooks = persist.get_database().query_hooks
        hooks.append(lambda event, *rest: seen.append(event))
        yield seen
        hooks.pop()

    return collect


@pytest.mark.parametrize(
    ('replaced', 'by', 'problem'),
    [
        ('models.Right', 'models.Wrong', "has no 'Wrong'"),
        ('models.Right', 'settings.DATABASE', 'is no model'),
        ("'item'", "'account'", "has no field 'account'"),
        ("'resource_field': 'resource'", "'resource_field': 'thing'", "has no field 'thing'"),
    ],
)
async def test_wrong_settings(project, replaced, by, problem):
    project(settings=DATABASE + SETTINGS + RIGHTS.replace(replaced, by), models=MODELS, routes='ROUTES = []')
    runner = web.AppRunner(create_app())
    with pytest.raises(ConfigurationError, match=f'AUTHORIZATION: .*{problem}'):
        await runner.setup()
    await runner.cleanup()


async def test_permission_that_is_no_right(serve):
    routes = """
    class ItemsView(View):
        permissions = {'books:read', 'books'}

        def get(self):
            return 'done'

    ROUTES = [('/items', ItemsView)]
    """
    with pytest.raises(
        ConfigurationError, match="GET /items: the permission 'books' has to look like resource:operation"
    ):
        await serve(routes, models=MODELS, settings=SETTINGS + RIGHTS)
