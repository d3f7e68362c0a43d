"""Wrong settings are found at start, and named without their secrets."""

import builtins
import importlib
import sys

import pytest

from colibris import cache
from colibris.app import create_app
from colibris.cache.redis import RedisBackend
from colibris.cache.slot import slot
from colibris.errors import ConfigurationError, MissingDependencyError

REDIS = 'colibris.cache.redis.RedisBackend'


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'url': 'redis://host', 'host': 'other'}, 'host or port and url exclude each other'),
        ({'url': 'http://:verysecret@host'}, 'url must have the form redis://'),
        ({'url': 'redis://host:x'}, 'url must have the form redis://'),
        ({'url': 5}, 'url must have the form redis://'),
        ({'port': 0}, 'port must be a whole number from 1 to 65535, not 0'),
        ({'port': '6379'}, "port must be a whole number from 1 to 65535, not '6379'"),
        ({'db': -1}, 'db must be a whole number from 0 on'),
        ({'db': '1'}, 'db must be a whole number from 0 on'),
        ({'cluster': True, 'db': 1}, 'a Redis cluster has only the database 0'),
        ({'sentinels': [('host', 26379)]}, 'sentinels and service, .* need each other'),
        ({'service': 'master'}, 'sentinels and service, .* need each other'),
        ({'sentinels': ['host:26379'], 'service': 'master'}, 'sentinels must be a list like'),
        ({'sentinels': [], 'service': 'master'}, 'sentinels must be a list like'),
        ({'sentinels': [('host', 1)], 'service': 'master', 'cluster': True}, 'and go without cluster'),
        ({'timeout': 0}, 'timeout must be more than 0 seconds'),
        ({'timeout': '1'}, 'timeout must be a number of seconds, not str'),
        ({'retry_interval': None}, 'retry_interval must be a number of seconds, not NoneType'),
        ({'log_interval': -1}, 'log_interval must be a number of seconds, from 0 on'),
        ({'lock_lifetime': 0}, 'lock_lifetime must be more than 0 seconds'),
        ({'pool_size': 0}, 'pool_size must be a whole number from 1 on'),
        ({'serializer': 'yaml'}, "there is no serializer 'yaml'; choose 'json', or 'pickle'"),
        ({'prefix': 'a:b'}, "the prefix 'a:b' must be made of letters"),
        ({'spam': 1}, "unexpected keyword argument 'spam'"),
    ],
    ids=str,
)
def test_wrong_options(project, options, problem):
    settings = {'backend': REDIS, 'password': 'verysecret', **options}
    project(settings=f'CACHE = {settings!r}', routes='ROUTES = []')
    with pytest.raises(ConfigurationError, match=problem) as error:
        cache.get_backend()
    assert str(error.value).startswith('CACHE = ')
    assert 'secret' not in str(error.value)


def test_a_class_that_is_no_backend(project):
    project(settings="CACHE = {'backend': 'builtins.dict'}", routes='ROUTES = []')
    with pytest.raises(ConfigurationError, match=r'builtins.dict is no subclass of colibris.cache.base.CacheBackend'):
        create_app()


def test_redis_is_not_installed(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == 'redis':
            raise ImportError
        return real_import(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.startswith('colibris.cache.redis')]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, '__import__', refuse)
    with pytest.raises(MissingDependencyError, match=r"pip install 'colibris\[redis\]'"):
        importlib.import_module('colibris.cache.redis')


def test_no_secret_shows():
    backend = RedisBackend(url='redis://:verysecret@host', sentinel_password='verysecret')
    assert 'verysecret' not in repr(backend)
    assert 'verysecret' not in repr(backend._address)
    with pytest.raises(ConfigurationError) as error:
        RedisBackend(url='redis://:very/secret@host:x')
    assert 'very' not in str(error.value)


@pytest.mark.parametrize('scheme', ['redis', 'rediss', 'unix'])
def test_urls(scheme):
    RedisBackend(url=f'{scheme}://user:password@/tmp/socket' if scheme == 'unix' else f'{scheme}://:p@host:1/2')


def test_backends_of_applications(project):
    project(
        settings="CACHE = {'backend': '__packagename__.backends.Mine', 'prefix': 'mine', 'version': 3}",
        backends='from colibris.cache.locmem import LocMemBackend\n\nclass Mine(LocMemBackend):\n    pass\n',
    )
    cache.set('key', 1)
    assert cache.get('key') == 1
    assert slot.get().get('mine:3:key') == b'1'
