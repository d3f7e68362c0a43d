import pytest

from colibris import conf
from colibris.conf import settings
from colibris.conf.schemas import SettingsSchema, fields
from colibris.errors import ConfigurationError

GENERAL = """
from colibris.conf.schemas import SettingsSchema, fields

class GeneralSettingsSchema(SettingsSchema):
    DEBUG = fields.Boolean()
    LISTEN = fields.String()
    PORT = fields.Integer()
"""
DATABASE = """
class DatabaseSettingsSchema(SettingsSchema):
    NAME = fields.String()
    HOST = fields.String()
    PORT = fields.Integer()
    USERNAME = fields.String()
    PASSWORD = fields.String()

    class Meta:
        prefix = 'DATABASE_'
"""
VARIABLES = {
    'DEBUG': 'false',
    'LISTEN': '127.0.0.1',
    'PORT': '1234',
    'DATABASE_NAME': 'own',
    'DATABASE_PORT': '5433',
    'DATABASE_PASSWORD': 'secret',
}


class TestReferencePage:
    def test_in_settings(self, project, monkeypatch):
        for name, value in VARIABLES.items():
            monkeypatch.setenv(name, value)
        project(settings=f'PORT = 1\n{GENERAL}\nGeneralSettingsSchema().load_from_env(globals())\n')
        assert (settings.DEBUG, settings.LISTEN, settings.PORT) == (False, '127.0.0.1', 1234)

    def test_prefix(self, project, monkeypatch):
        for name, value in VARIABLES.items():
            monkeypatch.setenv(name, value)
        project(
            settings=f"""
DATABASE = {{'backend': 'a.B', 'name': 'default', 'host': '127.0.0.1'}}
{GENERAL}
{DATABASE}
DatabaseSettingsSchema().load_from_env(globals())
"""
        )
        assert settings.DATABASE == {
            'backend': 'a.B',
            'name': 'own',
            'host': '127.0.0.1',
            'port': 5433,
            'password': 'secret',
        }
        assert settings.PORT == 8888

    def test_in_a_module_of_its_own(self, write_project, monkeypatch):
        for name, value in VARIABLES.items():
            monkeypatch.setenv(name, value)
        load = """
def load_from_env(target_settings):
    GeneralSettingsSchema().load_from_env(target_settings)
    DatabaseSettingsSchema().load_from_env(target_settings)
"""
        name = write_project(
            settings="""
                from __packagename__ import settingsschemas

                DATABASE = {'backend': 'a.B'}
                settingsschemas.load_from_env(globals())
            """,
            settingsschemas=GENERAL + DATABASE + load,
        )
        conf.setup(name)
        assert settings.PORT == 1234
        assert settings.DATABASE == {'backend': 'a.B', 'name': 'own', 'port': 5433, 'password': 'secret'}

    def test_nothing_set_changes_nothing(self, project, monkeypatch):
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        text = 'DEBUG = False\n' + GENERAL + DATABASE
        text += 'GeneralSettingsSchema().load_from_env(globals())\nDatabaseSettingsSchema().load_from_env(globals())'
        project(settings=text)
        assert (settings.DEBUG, settings.PORT, settings.DATABASE) == (False, 8888, {})

    def test_wrong_values(self, write_project, monkeypatch):
        monkeypatch.setenv('PORT', 'http')
        monkeypatch.setenv('DEBUG', 'perhaps')
        name = write_project(settings=f'{GENERAL}\nGeneralSettingsSchema().load_from_env(globals())')
        with pytest.raises(ConfigurationError) as caught:
            conf.setup(name)
        assert str(caught.value).splitlines() == [
            "environment variable DEBUG = 'perhaps': Not a valid boolean.",
            "environment variable PORT = 'http': Not a valid integer.",
        ]


class Settings(SettingsSchema):
    TEXT = fields.String()
    NUMBER = fields.Integer()
    NAMES = fields.List(fields.String())
    PORTS = fields.List(fields.Integer())
    SECRET_NUMBER = fields.Integer()


class Nested(SettingsSchema):
    HOST = fields.String(required=True)

    class Meta:
        prefix = 'CACHE_'


def load(schema, target=None, **environ):
    target = {} if target is None else target
    schema().load_from_env(target, environ)
    return target


def test_empty_variables():
    assert load(Settings, {'NUMBER': 5}, TEXT='', NUMBER='', NAMES='') == {'TEXT': '', 'NUMBER': 5}


def test_lists():
    assert load(Settings, NAMES='a, b,c', PORTS='1,2') == {'NAMES': ['a', 'b', 'c'], 'PORTS': [1, 2]}


def test_other_variables_are_left_alone():
    assert load(Settings, OTHER='x') == {}


def test_a_nested_setting_is_not_changed_in_place():
    before = {'host': 'a', 'port': 1}
    target = load(Nested, {'CACHE': before}, CACHE_HOST='b')
    assert target == {'CACHE': {'host': 'b', 'port': 1}}
    assert before == {'host': 'a', 'port': 1}
    assert load(Nested, {'CACHE': None}, CACHE_HOST='b') == {'CACHE': {'host': 'b'}}


def test_required_variable():
    with pytest.raises(ConfigurationError, match=r'^environment variable CACHE_HOST: Missing data'):
        load(Nested)


def test_messages_name_lists_and_hide_secrets():
    with pytest.raises(ConfigurationError) as caught:
        load(Settings, PORTS='1,x', SECRET_NUMBER='hidden')
    assert str(caught.value).splitlines() == [
        "environment variable PORTS = ['1', 'x']: Not a valid integer.",
        'environment variable SECRET_NUMBER = ***: Not a valid integer.',
    ]


class TestFiles:
    def test_a_file_holds_the_value(self, tmp_path):
        (tmp_path / 'secret').write_text('größe \n')
        assert load(Settings, TEXT_FILE=str(tmp_path / 'secret')) == {'TEXT': 'größe '}
        assert load(Nested, CACHE_HOST_FILE=str(tmp_path / 'secret')) == {'CACHE': {'host': 'größe '}}

    def test_it_is_validated_as_a_variable_is(self, tmp_path):
        (tmp_path / 'number').write_text('many\n')
        with pytest.raises(ConfigurationError, match="environment variable NUMBER = 'many': Not a valid integer"):
            load(Settings, NUMBER_FILE=str(tmp_path / 'number'))

    def test_both(self, tmp_path):
        with pytest.raises(ConfigurationError, match='variables TEXT and TEXT_FILE are both set: keep one'):
            load(Settings, TEXT='x', TEXT_FILE=str(tmp_path))

    def test_no_such_file(self, tmp_path):
        with pytest.raises(ConfigurationError, match=r"variable TEXT_FILE = '.*missing': .*No such file"):
            load(Settings, TEXT_FILE=str(tmp_path / 'missing'))

    def test_not_a_text(self, tmp_path):
        (tmp_path / 'binary').write_bytes(b'\xff')
        with pytest.raises(ConfigurationError, match=r'TEXT_FILE = .*decode'):
            load(Settings, TEXT_FILE=str(tmp_path / 'binary'))

    def test_a_field_of_that_name_is_a_field(self):
        schema = SettingsSchema.from_dict({'LOG': fields.String(), 'LOG_FILE': fields.String()})
        assert load(schema, LOG='info', LOG_FILE='/nowhere') == {'LOG': 'info', 'LOG_FILE': '/nowhere'}
