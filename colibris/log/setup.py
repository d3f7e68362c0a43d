"""The logging configuration."""

import logging.config
from copy import deepcopy
from typing import Any

from colibris.conf import settings
from colibris.errors import ConfigurationError
from colibris.log.operation import install_record_factory

__all__ = ['setup_logging']

FORMAT = '%(asctime)s [%(levelname)s][%(operation_id)s] %(name)s: %(message)s'

DEFAULT: dict[str, Any] = {
    'version': 1,
    'disable_existing_loggers': False,
    'formatters': {'default': {'()': 'colibris.log.formatter.LineFormatter', 'format': FORMAT}},
    'handlers': {'console': {'class': 'logging.StreamHandler', 'formatter': 'default'}},
    'root': {'level': 'INFO', 'handlers': ['console']},
}


def setup_logging() -> None:
    """Configure :mod:`logging` from ``LOGGING``, or colibris' default, with ``LOGGING_OVERRIDES`` laid over it.

    :raises ConfigurationError: the configuration is not accepted by :func:`logging.config.dictConfig`.
    """
    install_record_factory()
    configuration = deepcopy(settings.LOGGING or DEFAULT)
    _merge(configuration, settings.LOGGING_OVERRIDES)
    try:
        logging.config.dictConfig(configuration)
    except (ValueError, TypeError, AttributeError, ImportError) as exc:
        cause = f' ({exc.__cause__})' if exc.__cause__ else ''
        raise ConfigurationError(f'LOGGING: {exc}{cause}') from exc


def _merge(target: dict[str, Any], overrides: dict[str, Any]) -> None:
    for key, value in overrides.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = deepcopy(value)
