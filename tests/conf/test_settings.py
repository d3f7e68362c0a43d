import os
import subprocess
import sys
import types

import pytest

from colibris import conf
from colibris.conf import settings
from colibris.conf.definitions import DEFINITIONS
from colibris.conf.settings import mask
from colibris.errors import ConfigurationError


def problems(project, text):
    with pytest.raises(ConfigurationError) as caught:
        project(settings=text)
    assert not settings.is_loaded
    return str(caught.value).splitlines()


class TestLoading:
    def test_defaults(self, project, tmp_path):
        name = project()
        for setting in DEFINITIONS.values():
            assert getattr(settings, setting.name) == setting.default
            assert setting.check(setting.default) is None
            assert setting.description.endswith('.')
        assert (name, str(tmp_path / name)) == (settings.PROJECT_PACKAGE_NAME, settings.PROJECT_PACKAGE_DIR)
        assert os.environ['COLIBRIS_PROJECT'] == name
        assert settings.is_loaded

    def test_documented_defaults(self, project):
        project()
        assert (settings.API_DOCS_PATH, settings.DEBUG, settings.LISTEN, settings.PORT) == (
            '/api/docs',
            True,
            '0.0.0.0',
            8888,
        )
        assert settings.SECRET_KEY is None
        assert settings.MAX_REQUEST_BODY_SIZE == 10 * 1024 * 1024
        assert settings.MIDDLEWARE == [
            'colibris.middleware.handle_errors_json',
            'colibris.middleware.handle_auth',
            'colibris.middleware.handle_schema_validation',
        ]

    def test_own_values_and_own_settings(self, project):
        project(settings='import os\nDEBUG = False\nOWN = 5\nlower = 1\n_HIDDEN = 2\nMAX_PAGE_SIZE = PAGE_SIZE = 7')
        assert (settings.DEBUG, settings.OWN, settings.PAGE_SIZE) == (False, 5, 7)
        for name in ('lower', '_HIDDEN', 'os'):
            with pytest.raises(AttributeError):
                getattr(settings, name)

    def test_defaults_are_not_shared(self, project):
        project()
        settings.MIDDLEWARE.append('own.middleware')
        settings.DATABASE['own'] = 1
        project()
        assert len(settings.MIDDLEWARE) == 3
        assert settings.DATABASE == {}

    def test_first_use_loads_the_project_of_the_environment(self, write_project):
        os.environ['COLIBRIS_PROJECT'] = write_project(settings='PORT = 1234')
        assert not settings.is_loaded
        assert settings.PORT == 1234

    def test_no_project(self, clean_settings):
        with pytest.raises(ConfigurationError, match=r'not loaded: start through manage\.py.* COLIBRIS_PROJECT'):
            _ = settings.DEBUG
        with pytest.raises(ConfigurationError, match='no project is named'):
            conf.setup('')
        assert not hasattr(settings, 'lower')

    def test_unknown_setting(self, project):
        project()
        with pytest.raises(AttributeError, match=r'^there is no setting UNKNOWN$'):
            _ = settings.UNKNOWN

    def test_environment_files(self, write_project, tmp_path):
        text = "import os\nOWN = os.environ['OF_FILE']"
        name = write_project(settings=text)
        (tmp_path / name / '.env.default').write_text('OF_FILE=default')
        conf.setup(name)
        assert settings.OWN == 'default'


class TestBrokenProjects:
    """Each gives one clear line."""

    def test_no_package(self, clean_settings):
        with pytest.raises(ConfigurationError, match=r"^there is no package 'surely_missing' on the Python path$"):
            conf.setup('surely_missing')
        with pytest.raises(ConfigurationError, match=r"^there is no package 'surely\.missing' on the Python path$"):
            conf.setup('surely.missing')

    def test_no_package_but_a_module(self, clean_settings, tmp_path):
        (tmp_path / 'only_a_module.py').touch()
        with pytest.raises(ConfigurationError, match=r"^'only_a_module' is no package but a module$"):
            conf.setup('only_a_module')
        del sys.modules['only_a_module']

    def test_package_that_cannot_be_imported(self, write_project):
        name = write_project(__init__='import surely_missing')
        with pytest.raises(ConfigurationError, match=f"^{name} cannot be imported: No module named 'surely_missing'$"):
            conf.setup(name)

    def test_no_settings(self, write_project, tmp_path):
        name = write_project()
        (tmp_path / name / 'settings.py').unlink()
        with pytest.raises(ConfigurationError, match=rf"^the project has no module '{name}\.settings'$"):
            conf.setup(name)

    @pytest.mark.parametrize(
        ('text', 'message'),
        [
            ('DEBUG = (', r"'\(' was never closed \(.*settings\.py, line 1\)"),
            ('import surely_missing', "No module named 'surely_missing'"),
            ('from os import surely_missing', r'ImportError: cannot import name .* \(.*settings\.py, line 1\)'),
            ('\n1 / 0', r'ZeroDivisionError: division by zero \(.*settings\.py, line 2\)'),
            ("import os\nos.environ['SURELY_MISSING']", r"KeyError: 'SURELY_MISSING' \(.*, line \d+\)"),
        ],
    )
    def test_settings_that_cannot_be_imported(self, write_project, text, message):
        name = write_project(settings=text)
        with pytest.raises(ConfigurationError, match=rf'^{name}\.settings cannot be imported: {message}$') as caught:
            conf.setup(name)
        assert '\n' not in str(caught.value)
        assert not settings.is_loaded

    def test_it_can_be_mended(self, write_project, tmp_path):
        name = write_project(settings='DEBUG = 1')
        with pytest.raises(ConfigurationError):
            conf.setup(name)
        del sys.modules[f'{name}.settings']
        (tmp_path / name / 'settings.py').write_text('DEBUG = False')
        conf.setup(name)
        assert settings.DEBUG is False

    def test_settings_that_read_themselves(self, write_project):
        name = write_project(settings='from colibris.conf import settings\nOWN = settings.DEBUG')
        os.environ['COLIBRIS_PROJECT'] = name
        with pytest.raises(ConfigurationError, match='reads the settings that it is to define'):
            conf.setup(name)


class TestChecks:
    @pytest.mark.parametrize(
        ('name', 'good', 'bad', 'message'),
        [
            (
                'API_DOCS_PATH',
                ['/docs', '/a/b', None],
                ['docs', '/', '', 5],
                "must be a path that starts with '/', or None",
            ),
            (
                'ALLOWED_HOSTS',
                [[], ['*'], ['a.com', '.a.com'], ['[::1]']],
                ['a.com', None, [5]],
                'must be a list of texts',
            ),
            ('ALLOWED_HOSTS', [], [['https://a.com'], ['a.com:80'], ['A.com'], ['']], 'has to look like'),
            ('COMPRESS_RESPONSES', [True, False], [1, None], 'must be True or False, not '),
            ('CORS_CREDENTIALS', [True, False], [1, None], 'must be True or False, not '),
            ('CORS_EXPOSE_HEADERS', [[], ['X-Page']], ['X-Page', None], 'must be a list of texts'),
            ('CORS_HEADERS', [[], ['X-Page']], [['X Page'], ['']], 'is no name'),
            ('CORS_MAX_AGE', [0, 600], [-1], 'must be at least 0'),
            (
                'CORS_ORIGINS',
                [[], ['*'], ['https://a.com', 'http://localhost:3000']],
                [['a.com'], ['https://a.com/']],
                'has to look like',
            ),
            ('DEBUG', [True, False], [1, 'yes', None], 'must be True or False, not '),
            ('ETAGS', [True, False], [1, None], 'must be True or False, not '),
            ('HSTS_SECONDS', [0, 600], [-1], 'must be at least 0'),
            ('KEEPALIVE_TIMEOUT', [1, 75], [0], 'must be at least 1'),
            ('LISTEN', ['127.0.0.1', '::'], [None, 5], 'must be a text, not '),
            ('LOGGING', [None, {}], [[], 'x'], 'must be a dictionary, not '),
            ('LOGGING_OVERRIDES', [{}], [None, 'x'], 'must be a dictionary, not '),
            (
                'LOGIN_RATE_LIMIT',
                [None, '5/minute by name', ['1/day by address']],
                [5],
                "has to look like '100/minute'",
            ),
            ('LOGIN_RATE_LIMIT', [], ['5/minute by key', '5/minute by account'], 'cannot be counted by'),
            ('LOG_FORMAT', ['text', 'json'], ['JSON', None, [], 5], "must be one of 'text', 'json'"),
            ('MAX_JSON_VALUES', [1], [0], 'must be at least 1'),
            ('MAX_PAGE_SIZE', [1, 10**6], [0, -1], 'must be at least 1'),
            ('MAX_REQUEST_BODY_SIZE', [1], ['10', 1.5, True, None], 'must be a whole number, not '),
            ('MAX_UPLOAD_PARTS', [1], [0], 'must be at least 1'),
            ('MAX_UPLOAD_SIZE', [1], [0], 'must be at least 1'),
            ('METRICS_NETWORKS', [['10.0.0.0/8', 'unix']], [['proxy']], 'has to look like'),
            ('METRICS_PATH', ['/metrics', None], ['metrics'], "must be a path that starts with '/', or None"),
            ('MIDDLEWARE', [[], ('a.b',), ['a.b']], [None, 'a.b', ['a'], [5]], 'must be a list of dotted paths'),
            ('PASSWORD_MIN_LENGTH', [1, 128], [0, 129], 'must be from 1 to 128'),
            ('PAGE_SIZE', [1], [0], 'must be at least 1'),
            ('N_PLUS_ONE_ERROR', [True, False], [None, 1], 'must be True or False, not '),
            ('N_PLUS_ONE_LIMIT', [1, 20], [True, '5'], 'must be '),
            ('PORT', [0, 65535], [-1, 65536], 'must be from 0 to 65535'),
            ('PROJECT_NAME', [None, 'x'], [5, b'x'], 'must be a text or None, not '),
            ('PROJECT_VERSION', [None, '1.0'], [1.0], 'must be a text or None, not '),
            ('PROXY_HEADER', ['Forwarded'], ['forwarded', None], "must be one of 'X-Forwarded-For', 'Forwarded'"),
            (
                'RATE_LIMIT',
                [None, '5/second by key', '5/second; 9/hour'],
                ['5', 'often'],
                "has to look like '100/minute'",
            ),
            ('READY_TIMEOUT', [0.5, 5], [0, -1, float('inf'), float('nan')], 'must be a positive number of seconds'),
            ('REQUEST_BODY_RATE', [1], [0], 'must be at least 1'),
            ('REQUEST_BODY_TIMEOUT', [0.1, 60], [True, '5', None], 'must be a number of seconds, not '),
            ('REQUEST_HEADER_TIMEOUT', [0.1, 60], [0], 'must be a positive number of seconds'),
            ('SECRET_KEY', [None, 'x'], ['', 5, b'x'], 'must be a text that is not empty, or None'),
            ('SECURITY_HEADERS', [{}, {'X-A': 'b'}], [None, []], 'must be a dictionary of headers'),
            ('SECURITY_HEADERS', [], [{'X A': 'b'}, {5: 'b'}], 'is no name of a header'),
            ('SECURITY_HEADERS', [], [{'X-A': 'b\r\nX-B: c'}, {'X-A': None}], 'must have a text of one line'),
            ('SHUTDOWN_DELAY', [0, 5], [-1], 'must be at least 0'),
            ('SHUTDOWN_TIMEOUT', [0, 5], [-1], 'must be at least 0'),
            ('SLOW_QUERY_SECONDS', [None, 0.5], [0, -1], 'must be a positive number of seconds'),
            ('SLOW_REQUEST_SECONDS', [None, 0.5], ['1'], 'must be a number of seconds, not '),
            ('STATUS_PATH', ['/status', None], ['status'], "must be a path that starts with '/', or None"),
            ('TRACING', [None, True, False], [1, 'yes'], 'must be True or False, not '),
            ('TRUSTED_PROXIES', [['10.0.0.0/8', 'unix', '::1']], [['10.0.0.1/8'], ['proxy']], 'has to look like'),
            ('TEST_DATABASE', [{}, {'name': 'x'}], [None, 'x'], 'must be a dictionary, not '),
        ],
    )
    def test_every_definition(self, name, good, bad, message):
        check = DEFINITIONS[name].check
        assert [check(value) for value in good] == [None] * len(good)
        for value in bad:
            assert message in check(value)

    @pytest.mark.parametrize('name', sorted(name for name, setting in DEFINITIONS.items() if setting.slot))
    def test_backends(self, name):
        check = DEFINITIONS[name].check
        assert [check(value) for value in ({}, None, {'backend': 'a.B', 'x': 1})] == [None] * 3
        assert check('a.B').startswith("must be a dictionary like {'backend': 'dotted.path.Class'}, not str")
        assert check({'x': 1}) == "needs an entry 'backend', the dotted path of a class"
        assert check({'backend': 5}) == "needs an entry 'backend', the dotted path of a class"

    def test_all_definitions_are_tested(self):
        tested = {mark[0] for mark in self.test_every_definition.pytestmark[0].args[1]}
        tested |= set(self.test_backends.pytestmark[0].args[1])
        assert set(DEFINITIONS) == tested

    def test_ten_mistakes_of_every_kind(self, project, monkeypatch):
        monkeypatch.setenv('SECRET_KEY_FILE', '/nowhere')
        monkeypatch.setenv('MAX_PAGE_SIZE', 'many')
        text = """
            from colibris.conf.schemas import SettingsSchema, fields

            class Sizes(SettingsSchema):
                MAX_PAGE_SIZE = fields.Integer()

            class Secrets(SettingsSchema):
                SECRET_KEY = fields.String()

            DEBUG = 'yes'
            PORT = 99999
            ALLOWED_HOSTS = ['https://example.com']
            MIDDLEWARE = 'one.two'
            TEMPLATE = TEMPLATES = {}
            CACHE = {'backend': 'colibris.cache.nothing.Backend'}
            DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'x', 'nme': 'y'}
            EMAIL = {'host': 'localhost'}
            Sizes().load_from_env(globals())
            Secrets().load_from_env(globals())
        """
        lines = problems(project, text)
        assert [line.partition(' = ')[0].partition(' is ')[0] for line in lines] == [
            'environment variable MAX_PAGE_SIZE',
            'environment variable SECRET_KEY_FILE',
            'TEMPLATES',
            'ALLOWED_HOSTS',
            'DEBUG',
            'EMAIL',
            'MIDDLEWARE',
            'PORT',
            'CACHE',
            'DATABASE',
        ]

    def test_all_problems_at_once_and_no_secrets(self, project):
        text = """
            DEBUG = 'yes'
            PORT = 99999
            SECRET_KEY = 12345
            DATABASE = {'password': 'secret1', 'options': [{'token': 'secret2'}], 'url': 'x://u:secret3@host/1'}
            AUTHENTICATION = 'x://user:secret4@host'
        """
        lines = problems(project, text)
        assert [line.partition(' = ')[0] for line in lines] == [
            'AUTHENTICATION',
            'DATABASE',
            'DEBUG',
            'PORT',
            'SECRET_KEY',
        ]
        assert lines[2] == "DEBUG = 'yes': must be True or False, not str"
        assert lines[4] == 'SECRET_KEY = ***: must be a text that is not empty, or None'
        assert not any('secret' in line or '12345' in line for line in lines)


class TestOverride:
    def test_values_come_back(self, project):
        project(settings='PORT = 1')
        with settings.override(PORT=2, OWN=3):
            assert (settings.PORT, settings.OWN) == (2, 3)
            with settings.override(PORT=4):
                assert settings.PORT == 4
            assert settings.PORT == 2
        assert settings.PORT == 1
        assert not hasattr(settings, 'OWN')

    def test_after_an_error(self, project):
        project()
        with pytest.raises(KeyError), settings.override(PORT=2):
            raise KeyError
        assert settings.PORT == 8888


@pytest.mark.parametrize(
    ('name', 'value', 'shown'),
    [
        ('PORT', 5, '5'),
        ('SECRET_KEY', 'x', '***'),
        ('SECRET_KEY', None, 'None'),
        ('DATABASE', {'name': 'x', 'password': 'y'}, "{'name': 'x', 'password': ***}"),
        ('passphrase', 'x', '***'),
        ('aws_credentials', ['a', 'b'], '[***, ***]'),
        ('URL', 'redis://:pw@host:6379/0', "'redis://***@host:6379/0'"),
        ('URL', 'http://host/@x', "'http://host/@x'"),
    ],
)
def test_mask(name, value, shown):
    assert mask(name, value) == shown


def test_importing_settings_is_light():
    code = 'import sys; from colibris.conf import settings; print("aiohttp" in sys.modules, "peewee" in sys.modules)'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout == 'False False\n'


def test_settings_are_no_module():
    assert not isinstance(settings, types.ModuleType)
