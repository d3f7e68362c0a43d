"""``settings.yml``."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from colibris import conf
from colibris.conf import settings
from colibris.errors import ConfigurationError

SCHEMA = """
from colibris.conf.schemas import SettingsSchema, fields

PORT = 1
DATABASE = {'backend': 'a.B', 'name': 'module', 'host': 'module'}

class General(SettingsSchema):
    PORT = fields.Integer()

class Database(SettingsSchema):
    NAME = fields.String()

    class Meta:
        prefix = 'DATABASE_'

General().load_from_env(globals())
Database().load_from_env(globals())
"""


@pytest.fixture
def load(write_project, tmp_path):
    """Load a project that has this ``settings.yml``."""

    def load(text, module='', **environ):
        os.environ.update(environ)
        name = write_project(settings=module)
        (tmp_path / 'settings.yml').write_text(dedent(text))
        conf.setup(name)

    return load


def problems(load, text, module='', **environ):
    with pytest.raises(ConfigurationError) as caught:
        load(text, module, **environ)
    return str(caught.value).splitlines()


def test_values(load):
    load(
        """
        PORT: 8080
        DEBUG: no
        ALLOWED_HOSTS: [a.com, b.com]
        OWN_RATE: 0.5
        DATABASE:
          backend: a.B
          name: shop
        """,
        'PORT = 1\nLISTEN = "::1"',
    )
    assert (settings.PORT, settings.DEBUG, settings.LISTEN, settings.OWN_RATE) == (8080, False, '::1', 0.5)
    assert settings.ALLOWED_HOSTS == ['a.com', 'b.com']
    assert settings.DATABASE == {'backend': 'a.B', 'name': 'shop'}


@pytest.mark.parametrize('text', ['', '# nothing yet\n', '---\n'])
def test_an_empty_file_changes_nothing(load, text):
    load(text, 'PORT = 1')
    assert settings.PORT == 1


def test_variables_override_every_key_by_its_kind(load):
    load(
        """
        PORT: 8080
        DEBUG: true
        OWN_RATE: 0.5
        LISTEN: 127.0.0.1
        ALLOWED_HOSTS: []
        OWN_PORTS: [1]
        PROJECT_NAME:
        SECURITY_HEADERS:
          X-Frame-Options: DENY
        LOGGING_OVERRIDES:
          loggers:
            peewee:
              level: INFO
        """,
        PORT='9000',
        DEBUG='false',
        OWN_RATE='0.25',
        LISTEN='',
        ALLOWED_HOSTS='a.com, b.com',
        OWN_PORTS='2,3',
        PROJECT_NAME='12',
        SECURITY_HEADERS_X_FRAME_OPTIONS='SAMEORIGIN',
        LOGGING_OVERRIDES_LOGGERS_PEEWEE_LEVEL='DEBUG',
    )
    assert (settings.PORT, settings.DEBUG, settings.OWN_RATE, settings.LISTEN) == (9000, False, 0.25, '')
    assert (settings.ALLOWED_HOSTS, settings.OWN_PORTS, settings.PROJECT_NAME) == (['a.com', 'b.com'], [2, 3], '12')
    assert settings.SECURITY_HEADERS == {'X-Frame-Options': 'SAMEORIGIN'}
    assert settings.LOGGING_OVERRIDES == {'loggers': {'peewee': {'level': 'DEBUG'}}}


def test_an_empty_variable_changes_only_texts(load):
    load('{PORT: 8080, PROJECT_NAME: null}', PORT='', PROJECT_NAME='')
    assert (settings.PORT, settings.PROJECT_NAME) == (8080, None)


def test_a_dictionary_is_not_read_from_a_variable(load):
    load('DATABASE: {backend: a.B, host: x}', DATABASE='unrelated', DATABASE_HOST='y')
    assert settings.DATABASE == {'backend': 'a.B', 'host': 'y'}


def test_secrets_from_files(load, tmp_path):
    (tmp_path / 'password').write_text('from-file\n')
    load('DATABASE: {backend: a.B, password: null}', DATABASE_PASSWORD_FILE=str(tmp_path / 'password'))
    assert settings.DATABASE['password'] == 'from-file'


def test_a_key_that_ends_like_a_file_variable_is_a_key(load):
    load('OWN: {log: a, log_file: b}', OWN_LOG_FILE='/nowhere')
    assert settings.OWN == {'log': 'a', 'log_file': '/nowhere'}


class TestWithSettingsModule:
    def test_a_dictionary_completes_the_one_of_the_module(self, load):
        load('DATABASE: {host: file, port: 5}', SCHEMA)
        assert settings.DATABASE == {'backend': 'a.B', 'name': 'module', 'host': 'file', 'port': 5}

    def test_another_backend_takes_its_place(self, load):
        load('DATABASE: {backend: c.D, port: 5}', SCHEMA)
        assert settings.DATABASE == {'backend': 'c.D', 'port': 5}

    @pytest.mark.parametrize('backend', ['', 'backend: c.D, '])
    def test_a_variable_that_the_module_has_read_stays(self, load, backend):
        text = f'{{PORT: 8080, DATABASE: {{{backend}name: file, port: 5}}}}'
        load(text, SCHEMA, PORT='9000', DATABASE_NAME='variable', DATABASE_PORT='7')
        assert settings.PORT == 9000
        assert (settings.DATABASE['name'], settings.DATABASE['port']) == ('variable', 7)
        assert settings.DATABASE.get('host') == (None if backend else 'module')

    def test_the_type_is_that_of_the_schema(self, load):
        load('PORT:', SCHEMA, PORT='9000')
        assert settings.PORT == 9000

    def test_what_a_variable_says_stays_with_another_backend(self, load):
        load('DATABASE: {backend: c.D, port: 5}', SCHEMA, DATABASE_NAME='variable')
        assert settings.DATABASE == {'backend': 'c.D', 'port': 5, 'name': 'variable'}

    def test_a_wrong_variable_is_told_once(self, load):
        assert problems(load, 'PORT: 5', SCHEMA.replace("'backend': 'a.B', ", ''), PORT='many')[:1] == [
            "environment variable PORT = 'many': Not a valid integer."
        ]

    def test_two_spellings(self, load):
        text = 'TASKQUEUE is another name of TASK_QUEUE: keep one'
        assert problems(load, 'TASKQUEUE: {}', 'TASK_QUEUE = {}') == [text]

    def test_sources(self, load):
        (text, module) = ('{DATABASE: {host: file}, PORT: 5, PAGE_SIZE: 5}', SCHEMA + 'LISTEN = "::1"')
        load(text, module, DATABASE_NAME='x', DATABASE_HOST='y', PORT='9')
        assert settings.source_of('DATABASE') == 'settings.py, settings.yml, DATABASE_NAME, DATABASE_HOST'
        assert settings.source_of('PORT') == 'settings.py, settings.yml, PORT'
        assert settings.source_of('PAGE_SIZE') == 'settings.yml'
        assert settings.source_of('LISTEN') == 'settings.py'
        assert settings.source_of('DEBUG') == 'default'


def test_precedence(write_project, tmp_path):
    """The real environment, .env, settings.yml, .env.default; the same in a process that is started here."""
    name = write_project(settings=SCHEMA)
    (tmp_path / name / '.env.default').write_text('PORT=1\nPAGE_SIZE=1\nDATABASE_NAME=default\nDATABASE_PORT=1\n')
    (tmp_path / '.env').write_text('DATABASE_HOST=env\n')
    text = '{PORT: 2, PAGE_SIZE: 2, MAX_PAGE_SIZE: 2, DATABASE: {name: file, host: file, port: 2}}'
    (tmp_path / 'settings.yml').write_text(text)
    os.environ['MAX_PAGE_SIZE'] = '3'
    show = 'print(s.PORT, s.PAGE_SIZE, s.MAX_PAGE_SIZE, *(s.DATABASE[key] for key in ("name", "host", "port")))'
    code = f'from colibris import conf; conf.setup("{name}"); s = conf.settings; {show}'
    run = f'subprocess.run([sys.executable, "-c", {code!r}])'
    parent = f'import os, subprocess, sys; {code}; sys.stdout.flush(); {run}; os.environ["PORT"] = "4"; {run}'
    result = subprocess.run([sys.executable, '-c', parent], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ['2 2 3 file env 2', '2 2 3 file env 2', '4 2 3 file env 2']

    conf.setup(name)
    assert settings.source_of('PORT') == 'settings.py, settings.yml'
    assert settings.source_of('DATABASE') == 'settings.py, settings.yml, DATABASE_HOST in .env'


class TestPlaces:
    @pytest.fixture
    def port(self, write_project, tmp_path, monkeypatch):
        """Load a project with files in these of the three places, and tell the port."""

        def port(*places):
            name = write_project()
            root, work = tmp_path / 'root', tmp_path / 'work'
            root.mkdir()
            work.mkdir()
            (tmp_path / name).rename(root / name)
            monkeypatch.chdir(work)
            monkeypatch.syspath_prepend(root)
            for place in places:
                (tmp_path / place.format(name) / 'settings.yml').write_text(f'PORT: {len(place)}')
            conf.setup(name)
            return settings.PORT

        return port

    def test_the_working_directory_comes_first(self, port):
        assert port('work', 'root', 'root/{}', 'root//') == 4
        assert settings.source_of('PORT') == 'settings.yml'

    def test_then_beside_the_package(self, port):
        assert port('root/', 'root/{}') == 5

    def test_then_in_the_package(self, port):
        assert port('root/{}') == 7


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ('text', 'message'),
        [
            ('PORT: 1\nDEBUG: [\n', 'line 3: '),
            ('PORT: 1\nDEBUG: a: b\n', 'line 2: mapping values are not allowed here'),
            ('PORT: 1\n\tDEBUG: true\n', "line 2: found character '\\t' that cannot start any token"),
            ('- PORT\n- DEBUG\n', "line 1: it has to hold settings, one a line: 'PORT: 8080'"),
            ('just words', 'line 1: it has to hold settings'),
            ('PORT: 1\nPORT: 2\n', "line 2: 'PORT' is there twice"),
            ('DATABASE:\n  name: a\n  host: b\n  name: c\n', "line 4: 'name' is there twice"),
            ('PORT: 1\nSECRET_KEY: *hidden\n', "line 2: a value that begins with '*', '&' or '!' has to be quoted"),
            ('SECRET_KEY: !hidden x\n', "line 1: a value that begins with '*', '&' or '!' has to be quoted"),
            ('PORT: !!python/object/apply:os.getpid []', "line 1: a value that begins with '*', '&' or '!' has to"),
            ('\nOWN: 2026-02-30\n', 'line 2: there is no such number or date; a text has to be quoted'),
            ('OWN: !!int hidden\n', 'line 1: there is no such number or date; a text has to be quoted'),
            ('OWN: !hidden!it x\n', "line 1: a value that begins with '*', '&' or '!' has to be quoted"),
            ('OWN: &a {b: *a}\n', 'line 1: found unconstructable recursive node'),
            ('OWN: &a [*a]\n', 'line 1: found unconstructable recursive node'),
            ('? [a]\n: b\n', 'line 1: found unhashable key'),
            ('PORT: 1\nport: 2\n', "line 2: 'port' is no setting: their names are upper-case"),
            ('1: 2\n', "line 1: '1' is no setting"),
            ('PORT: 1\n---\nPORT: 2\n', 'line 2: '),
        ],
    )
    def test_one_line_with_the_lines_number(self, load, text, message):
        (line,) = problems(load, text)
        assert line.startswith(f'settings.yml, {message}')
        assert 'hidden' not in line

    def test_characters_that_yaml_does_not_know(self, load):
        (line,) = problems(load, 'PORT: 1\x00')
        assert line.startswith('settings.yml is no YAML: ')

    @pytest.mark.parametrize('text', ['OWN: ' + '[' * 3000 + ']' * 3000, 'OWN: ' + '{a: ' * 3000 + '}' * 3000])
    def test_values_that_are_nested_deeply(self, load, text):
        assert problems(load, text) == ['settings.yml cannot be read: its values are nested too deeply']

    def test_no_text(self, load, tmp_path):
        name = 'settings.yml'
        (line,) = problems(lambda *_: self._load_bytes(load, tmp_path / name), '')
        assert line.startswith('settings.yml cannot be read: ')

    def _load_bytes(self, load, path):
        load('')
        path.write_bytes(b'\xff')
        conf.setup(settings.PROJECT_PACKAGE_NAME)

    def test_the_package_is_missing(self, write_project, tmp_path):
        """The test's process has the package, another one is told that it has not."""
        name = write_project()
        (tmp_path / 'settings.yml').write_text('PORT: 5')
        code = f'import sys; sys.modules["yaml"] = None; from colibris import conf; conf.setup("{name}")'
        result = subprocess.run([sys.executable, '-c', code], cwd=tmp_path, capture_output=True, text=True)
        assert result.stderr.splitlines()[-1].endswith(
            "settings.yml cannot be read: PyYAML is not installed; install it with: pip install 'colibris[yaml]'"
        )


def test_ten_mistakes(load):
    """Mistakes of every kind in one file are told in one message, a line each, and no secret among them."""
    text = """
        DEBUG: perhaps
        PORT: 99999
        page: 5
        SECRET_KEY: 123456
        ALLOWED_HOSTS: https://example.com
        MIDDLEWARE: one.two
        LOG_FORMAT: xml
        CORS_ORIGINS: [example.com]
        SHUTDOWN_TIMEOUT: soon
        RATE_LIMIT: often
        MAX_PAGE_SIZE: 50
        CACHE: {backend: colibris.cache.nothing.Backend, password: hidden1}
        DATABASE: {backend: colibris.persist.SQLiteBackend, name: x, nme: y}
        EMAIL: {host: localhost, password: hidden2}
    """
    lines = problems(load, text, MAX_PAGE_SIZE='many')
    assert [line.partition(' = ')[0] for line in lines] == [
        "settings.yml, line 4: 'page' is no setting: their names are upper-case",
        'environment variable MAX_PAGE_SIZE',
        'ALLOWED_HOSTS',
        'CORS_ORIGINS',
        'DEBUG',
        'EMAIL',
        'LOG_FORMAT',
        'MIDDLEWARE',
        'PORT',
        'RATE_LIMIT',
        'SECRET_KEY',
        'SHUTDOWN_TIMEOUT',
        'CACHE',
        'DATABASE',
    ]
    assert not any('hidden' in line or '123456' in line for line in lines)
