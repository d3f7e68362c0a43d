import io
import json
import logging
import warnings

import pytest

from colibris import log
from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.log.setup import DEFAULT


@pytest.fixture(autouse=True)
def _logging(project):
    """Logging is as before afterwards."""
    project()
    root, factory = logging.getLogger(), logging.getLogRecordFactory()
    handlers, level = root.handlers[:], root.level
    disabled = {name: logger.disabled for name, logger in _loggers()}
    yield
    logging.captureWarnings(False)
    for name, logger in _loggers():
        logger.disabled = disabled.get(name, False)
    logging.setLogRecordFactory(factory)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ('quiet', 'noisy'):
        logging.getLogger(name).setLevel(logging.NOTSET)


def _loggers():
    return [
        (name, logger)
        for name, logger in logging.Logger.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    ]


def test_default(capsys):
    log.setup_logging()
    token = log.operation_id.set('operation')
    logging.getLogger('test').info('sent\nby a client')
    log.operation_id.reset(token)
    logging.getLogger('test').debug('not shown')
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(' [INFO][operation] test: sent\\nby a client')


def test_json(capsys):
    with settings.override(LOG_FORMAT='json'):
        log.setup_logging()
    token = log.operation_id.set('operation')
    logging.getLogger('test').info('sent\nby a client')
    log.operation_id.reset(token)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert (found['message'], found['operation_id'], found['logger']) == ('sent\nby a client', 'operation', 'test')


def test_warnings_are_json_too(capsys):
    with settings.override(LOG_FORMAT='json'):
        log.setup_logging()
    with warnings.catch_warnings():
        warnings.simplefilter('always')
        warnings.warn('old', DeprecationWarning, stacklevel=1)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert (found['logger'], found['level']) == ('py.warnings', 'WARNING')
    assert 'DeprecationWarning: old' in found['message']


def test_overrides_change_only_what_they_name(capsys):
    overrides = {
        'root': {'level': 'ERROR'},
        'loggers': {'noisy': {'level': 'DEBUG'}},
        'formatters': {'default': {'format': '%(message)s'}},
    }
    with settings.override(LOGGING_OVERRIDES=overrides):
        log.setup_logging()
    logging.getLogger('quiet').warning('quiet\nwarning')
    logging.getLogger('noisy').debug('noisy\ndebug')
    assert capsys.readouterr().err == 'noisy\\ndebug\n'
    assert DEFAULT['root'] == {'level': 'INFO', 'handlers': ['console']}
    assert overrides['root'] == {'level': 'ERROR'}


def test_own_configuration_with_objects_in_it():
    stream = io.StringIO()
    handler = {'class': 'logging.StreamHandler', 'stream': stream}
    configuration = {'version': 1, 'disable_existing_loggers': False, 'handlers': {'own': handler}}
    overrides = {'root': {'handlers': ['own'], 'level': 'INFO'}}
    with settings.override(LOGGING=configuration, LOGGING_OVERRIDES=overrides):
        log.setup_logging()
        log.setup_logging()
    logging.getLogger('test').info('text')
    assert stream.getvalue() == 'text\n'


@pytest.mark.parametrize(
    ('configuration', 'message'),
    [
        ({'handlers': {}}, "LOGGING: dictionary doesn't specify a version"),
        ({'version': 1, 'root': {'handlers': ['no']}}, r"LOGGING: Unable to configure root logger \(.*'no'"),
        ({'version': 1, 'root': {'level': 'LOUD'}}, r"LOGGING: Unable to configure root logger \(.*'LOUD'"),
        ({'version': 1, 'handlers': {'a': {'class': 'no.such.Class'}}}, "LOGGING: Unable to configure handler 'a'"),
        ({'version': 1, 'handlers': {'a': None}}, "LOGGING: Unable to configure handler 'a'"),
        ({'version': 1, 'handlers': ['a']}, 'LOGGING: '),
        ({'version': 1, 'formatters': {'a': {'()': 'logging.no'}}}, "LOGGING: Unable to configure formatter 'a'"),
    ],
)
def test_wrong_configuration(configuration, message):
    with settings.override(LOGGING=configuration), pytest.raises(ConfigurationError, match=f'^{message}') as caught:
        log.setup_logging()
    assert '\n' not in str(caught.value)
