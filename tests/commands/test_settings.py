SETTINGS = """
from colibris.conf.schemas import SettingsSchema, fields


class GeneralSettingsSchema(SettingsSchema):
    PORT = fields.Integer()
    SECRET_KEY = fields.String()


class CacheSettingsSchema(SettingsSchema):
    MAX_ENTRIES = fields.Integer()

    class Meta:
        prefix = 'CACHE_'


class QueueSettingsSchema(SettingsSchema):
    HOST = fields.String()

    class Meta:
        prefix = 'TASKQUEUE_'


DEBUG = False
CACHE = {'backend': 'colibris.cache.locmem.LocMemBackend'}
TASKQUEUE = {'backend': 'colibris.taskqueue.rq.RQBackend', 'password': 'hidden1'}
GREETING = 'hello'
GeneralSettingsSchema().load_from_env(globals())
CacheSettingsSchema().load_from_env(globals())
QueueSettingsSchema().load_from_env(globals())
"""


def show(shop, *names):
    status, output, errors = shop.run('settings', *names)
    assert (status, errors) == (0, '')
    return output.splitlines()


def test_values_and_where_they_come_from(shop, monkeypatch):
    monkeypatch.setenv('SECRET_KEY', 'hidden2')
    monkeypatch.setenv('TASKQUEUE_HOST', 'queue')
    shop.write(settings=SETTINGS)
    (shop.directory / '.env').write_text('PORT=8000\nCACHE_MAX_ENTRIES=5\nSECRET_KEY=hidden3\n')
    lines = show(shop)
    assert lines == sorted(lines)
    found = {line.partition(' = ')[0]: line for line in lines}
    assert found['LISTEN'] == "LISTEN = '0.0.0.0'  # default"
    assert found['DEBUG'] == 'DEBUG = False  # settings.py'
    assert found['GREETING'] == "GREETING = 'hello'  # settings.py"
    assert found['PORT'] == 'PORT = 8000  # settings.py, PORT in .env'
    assert found['SECRET_KEY'] == 'SECRET_KEY = ***  # settings.py, SECRET_KEY'
    assert found['CACHE'] == (
        "CACHE = {'backend': 'colibris.cache.locmem.LocMemBackend', 'max_entries': 5}"
        '  # settings.py, CACHE_MAX_ENTRIES in .env'
    )
    assert found['TASK_QUEUE'] == (
        "TASK_QUEUE = {'backend': 'colibris.taskqueue.rq.RQBackend', 'password': ***, 'host': 'queue'}"
        '  # settings.py, TASKQUEUE_HOST'
    )
    assert 'hidden' not in ''.join(lines)


def test_some_of_them(shop):
    assert show(shop, 'PORT', 'DEBUG') == ['PORT = 8888  # default', 'DEBUG = True  # default']


def test_one_that_is_not_there(shop):
    assert shop.run('settings', 'PORTS', 'PORT') == (1, '', 'manage.py: there is no setting PORTS\n')
