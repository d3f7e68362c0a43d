"""What the tests of everything that speaks HTTP share: a project, served."""

import os
from textwrap import dedent

import pytest
from aiohttp.test_utils import TestServer

from colibris import bridge, persist
from colibris.app import create_app
from colibris.serving.protocol import Runner
from colibris.test.csrf import TokenKeeper
from tests.persist.engines.conftest import BACKENDS, ENGINES, server_address

DATABASE = "DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'sample.db'}\n"

MODELS = """
import datetime
import uuid

from colibris import persist


class Organization(persist.Model):
    name = persist.CharField(max_length=20)


class Item(persist.Model):
    name = persist.CharField(max_length=20, unique=True)
    organization = persist.ForeignKeyField(Organization, null=True, on_delete='RESTRICT')
    amount = persist.IntegerField(default=3)
    is_new = persist.BooleanField(default=True)
    price = persist.DecimalField(max_digits=8, decimal_places=2, null=True)
    weight = persist.FloatField(null=True)
    made = persist.DateTimeField(default=lambda: datetime.datetime(2020, 1, 1))
    day = persist.DateField(null=True)
    hour = persist.TimeField(null=True)
    code = persist.UUIDField(default=uuid.uuid4)
    kind = persist.CharField(max_length=5, choices=[('a', 'Apple'), ('b', 'Berry')], default='a')
    address = persist.IPField(null=True)
    stamp = persist.TimestampField(null=True, default=None)
    extra = persist.JSONField(null=True)
"""

IMPORTS = """
from aiohttp import web

from colibris import persist
from colibris.authentication import get_account, require_authentication
from colibris.authorization import require_all_permissions, require_one_permission, require_permission
from colibris.schemas import ModelSchema, Schema, fields, validate
from colibris.views import *
from colibris.views.filtering import ModelFilter, operators

from __packagename__ import models


class OrganizationSchema(ModelSchema):
    class Meta:
        model = models.Organization


class ItemSchema(ModelSchema):
    class Meta:
        model = models.Item


"""


def create_tables(package):
    database = persist.get_database()
    database.drop()
    database.create()
    database.create_tables(persist.models_of(package))


class Server(TestServer):
    """A server that speaks HTTP as ``manage.py runserver`` does."""

    async def _make_runner(self, **options):
        return Runner(self.app, **options)


@pytest.fixture
def serve(project, aiohttp_client):
    """Serve a project with these modules: ``client = await serve(routes='…')``; ``routes`` is put behind imports."""

    async def make(routes, *, settings='', models=MODELS, engine='sqlite', **modules):
        name = project(
            settings=database_on(engine) + settings, models=models, routes=IMPORTS + dedent(routes), **modules
        )
        await bridge.run(create_tables, name)
        return await aiohttp_client(Server(create_app()), middlewares=(TokenKeeper(),))

    return make


def database_on(engine):
    """The setting for a database on an engine."""
    if engine == 'sqlite':
        return DATABASE
    name = f'colibris_views_{os.environ.get("PYTEST_XDIST_WORKER", "gw")}'
    options = {'backend': BACKENDS[engine], 'name': name, **server_address(engine)}
    return f'DATABASE = {options!r}\n'


@pytest.fixture(params=ENGINES)
def engine(request):
    """The name of an engine."""
    return request.param


@pytest.fixture
def run():
    """Run plain code with Peewee in it: ``await run(lambda: models.Item.create(name='x'))``."""
    return bridge.run


async def error_of(response, status):
    """The error that a response holds; checks its form."""
    body = await response.json()
    assert response.status == status, body
    assert set(body) == {'code', 'message', 'details'}
    assert isinstance(body['code'], str)
    assert isinstance(body['message'], str)
    assert body['message']
    assert response.headers['X-Request-ID']
    return body
