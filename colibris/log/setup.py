"""The logging configuration."""

import logging.config
from typing import Any

from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.log.operation import install_record_factory

__all__ = ['setup_logging']

FORMAT = '%(asctime)s [%(levelname)s][%(operation_id)s] %(name)s: %(message)s'

FORMATTERS: dict[str, dict[str, Any]] = {
    'text': {'()': 'colibris.log.formatter.LineFormatter', 'format': FORMAT},
    'json': {'()': 'colibris.log.json.JSONFormatter'},
}

DEFAULT: dict[str, Any] = {
    'version': 1,
    'disable_existing_loggers': False,
    'formatters': {'default': FORMATTERS['text']},
    'handlers': {'console': {'class': 'logging.StreamHandler', 'formatter': 'default'}},
    'root': {'level': 'INFO', 'handlers': ['console']},
}


def setup_logging() -> None:
    """Configure :mod:`logging` from ``LOGGING``, or colibris' default, with ``LOGGING_OVERRIDES`` laid over it.

    The default writes lines of text, or of JSON where ``LOG_FORMAT`` says so, to the standard error output. Python's
    warnings are among the lines of JSON.

    :raises ConfigurationError: the configuration is not accepted by :func:`logging.config.dictConfig`.
    """
    install_record_factory()
    try:
        logging.config.dictConfig(_merged(settings.LOGGING or _default(), settings.LOGGING_OVERRIDES))
    except Exception as exc:  # it calls whatever factories the configuration names
        cause = f' ({exc.__cause__})' if exc.__cause__ else ''
        raise ConfigurationError(f'LOGGING: {exc}{cause}') from exc
    logging.captureWarnings(settings.LOG_FORMAT == 'json')  # otherwise they would be lines that are no JSON


def _default() -> dict[str, Any]:
    return {**DEFAULT, 'formatters': {'default': FORMATTERS[settings.LOG_FORMAT]}}


def _merged(base: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    changes = {
        key: _merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in overrides.items()
    }
    return {**base, **changes}
