"""What tests of every area share."""

import contextlib
import itertools
import logging
import os
import signal
import sys
from textwrap import dedent

import pytest

from colibris import conf
from colibris.conf import settings
from tests import services

OUTSIDE = 'tests/acceptance/'

_numbers = itertools.count(1)


def pytest_configure(config):
    """Give every process of pytest-xdist but the first servers of its own, as tests empty them.

    Whatever the tests start can be interrupted, even if they run in a shell's background, where that is ignored.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = getattr(config, 'workerinput', {}).get('workerid', 'gw0')
    if worker != 'gw0' and services.addresses_in(os.environ):
        servers = contextlib.ExitStack()
        config.add_cleanup(servers.close)
        os.environ.update(services.addresses_of(servers.enter_context(services.running(*services.KINDS))))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep together what shares fixtures that are made once: a file, and all that drive projects from outside."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            path = nodeid.partition('::')[0]
            return OUTSIDE if path.startswith(OUTSIDE) else path

    return Scheduling(config, log)


@pytest.fixture
def clean_settings(monkeypatch, tmp_path):
    """Settings, environment, modules and working directory as if nothing had been loaded; all restored afterwards."""
    environ, loaded, modules = dict(os.environ), dict(settings.__dict__), set(sys.modules)
    settings.__dict__.clear()
    os.environ.pop(conf.PROJECT_VARIABLE, None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield settings
    _close_database()
    settings.__dict__.clear()
    settings.__dict__.update(loaded)
    os.environ.clear()
    os.environ.update(environ)
    for name in [name for name in sys.modules if name not in modules and _is_in(sys.modules[name], tmp_path)]:
        del sys.modules[name]


@pytest.fixture
def write_project(clean_settings, tmp_path):
    """Write a package of modules (``write_project(settings='DEBUG = False')``) that can be imported; gives its name.

    In the modules' text ``__packagename__`` stands for the package's name.
    """

    def write(**files):
        name = f'sample{next(_numbers)}'
        package = tmp_path / name
        package.mkdir()
        for module, text in ({'__init__': '', 'settings': ''} | files).items():
            (package / f'{module}.py').write_text(dedent(text).replace('__packagename__', name))
        return name

    return write


@pytest.fixture
def project(write_project):
    """Write a package as ``write_project`` does, and load its settings; gives its name."""

    def make(**files):
        name = write_project(**files)
        conf.setup(name)
        return name

    return make


@pytest.fixture
def logging_as_before():
    """Logging afterwards as it was; ``main`` sets it up for a process of its own, with this test's standard error."""
    root, factory = logging.getLogger(), logging.getLogRecordFactory()
    handlers, level = root.handlers[:], root.level
    yield
    logging.setLogRecordFactory(factory)
    root.handlers[:] = handlers
    root.setLevel(level)


def _close_database():
    slot = sys.modules.get('colibris.persist.slot')
    database = slot and slot.slot.peek()
    if database is not None:
        database.drop()


def _is_in(module, directory):
    return (getattr(module, '__file__', None) or '').startswith(str(directory))
