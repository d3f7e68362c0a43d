import importlib

import pytest

from colibris import persist
from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.persist.slot import slot
from colibris.persist.sqlite import SQLiteBackend


class Thing(persist.Model):
    name = persist.CharField()


MODELS = """
    from colibris import persist
    from __packagename__.other import Imported
    from colibris.persist import Model

    class Base(persist.Model):
        class Meta:
            abstract = True

    class UserGroup(Base):
        name = persist.CharField()

    class User(Base):
        group = persist.ForeignKeyField(UserGroup)

    not_a_model = 5
"""
OTHER = """
    from colibris import persist

    class Imported(persist.Model):
        name = persist.CharField()
"""


def test_models_of_a_package(project):
    name = project(models=MODELS, other=OTHER)
    assert [model.__name__ for model in persist.models_of(name)] == ['Imported', 'UserGroup', 'User']
    assert persist.models_of(name)[1]._meta.table_name == 'user_group'


def test_models_can_be_imported_before_the_settings(write_project):
    name = write_project(models=MODELS, other=OTHER)
    assert importlib.import_module(f'{name}.models').User


def test_no_models(project):
    name = project()
    with pytest.raises(ConfigurationError, match=rf"^the project has no module '{name}\.models'$"):
        persist.models_of(name)


def test_models_that_import_something_missing(project):
    name = project(models='import surely_missing')
    with pytest.raises(ModuleNotFoundError, match='surely_missing'):
        persist.models_of(name)


def test_a_model_follows_the_settings(database, tmp_path):
    database.create_tables([Thing])
    Thing.create(name='first')
    other = {'backend': 'colibris.persist.SQLiteBackend', 'name': str(tmp_path / 'other.db')}
    with settings.override(DATABASE=other):
        assert persist.get_database() is not database
        persist.get_database().create_tables([Thing])
        assert Thing.select().count() == 0
        persist.get_database().drop()


def test_a_model_follows_a_replaced_backend(database):
    database.create_tables([Thing])
    Thing.create(name='first')
    with slot.replace(SQLiteBackend(':memory:')) as other:
        other.create_tables([Thing])
        assert Thing.select().count() == 0
        with persist.atomic():
            Thing.create(name='second')
        other.drop()
    assert [thing.name for thing in Thing.select()] == ['first']
