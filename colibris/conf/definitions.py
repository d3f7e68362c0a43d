"""Every setting that colibris itself reads: its name, default, kind and meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ['DEFINITIONS', 'Setting', 'is_backend']

Check = Callable[[Any], str | None]


@dataclass(frozen=True)
class Setting:
    """One setting. ``check`` returns what is wrong with a value, or ``None``."""

    name: str
    default: Any
    check: Check
    description: str
    slot: str | None = None


def of_type(*types: type, name: str) -> Check:
    """A check that a value is of one of ``types``; a ``bool`` is no number."""

    def check(value: Any) -> str | None:
        fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
        return None if fits else f'must be {name}, not {type(value).__name__}'

    return check


def whole_number(low: int, high: int | None = None) -> Check:
    """A check that a value is an ``int`` from ``low`` to ``high``."""

    def check(value: Any) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return f'must be a whole number, not {type(value).__name__}'
        if value < low or (high is not None and value > high):
            return f'must be from {low} to {high}' if high is not None else f'must be at least {low}'
        return None

    return check


def is_backend(value: Any) -> str | None:
    """Check the outer form of a backend's setting: ``{'backend': 'dotted.path', …}``, or nothing at all."""
    if not value:
        return None
    if not isinstance(value, dict):
        return f"must be a dictionary like {{'backend': 'dotted.path.Class'}}, not {type(value).__name__}"
    if not isinstance(value.get('backend'), str):
        return "needs an entry 'backend', the dotted path of a class"
    return None


def is_dotted_paths(value: Any) -> str | None:
    """Check that a value is a list of dotted paths."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) and '.' in item for item in value):
        return None
    return 'must be a list of dotted paths'


def is_absolute_path(value: Any) -> str | None:
    """Check that a value is the absolute path of a URL; ``None`` turns the feature off."""
    if value is None or (isinstance(value, str) and value.startswith('/') and value != '/'):
        return None
    return "must be a path that starts with '/', or None"


def is_dictionary(value: Any) -> str | None:
    """Check that a value is a dictionary."""
    return None if isinstance(value, dict) else f'must be a dictionary, not {type(value).__name__}'


def is_optional_dictionary(value: Any) -> str | None:
    """Check that a value is a dictionary or ``None``."""
    return None if value is None else is_dictionary(value)


def is_secret(value: Any) -> str | None:
    """Check that a value is a text that is not empty, or ``None``."""
    return None if value is None or (isinstance(value, str) and value) else 'must be a text that is not empty, or None'


DEFINITIONS = {
    setting.name: setting
    for setting in (
        Setting(
            'API_DOCS_PATH', '/api/docs', is_absolute_path, 'Where the API documentation is served; None: nowhere.'
        ),
        Setting('AUTHENTICATION', {}, is_backend, 'The authentication backend.', 'colibris.authentication.slot.slot'),
        Setting('AUTHORIZATION', {}, is_backend, 'The authorization backend.', 'colibris.authorization.slot.slot'),
        Setting('DATABASE', {}, is_backend, 'The persistence backend.', 'colibris.persist.slot.slot'),
        Setting('DEBUG', True, of_type(bool, name='True or False'), 'Development mode: errors answer with tracebacks.'),
        Setting('LISTEN', '0.0.0.0', of_type(str, name='a text'), 'The interface on which the server listens.'),  # noqa: S104
        Setting(
            'LOGGING', None, is_optional_dictionary, 'The logging configuration, as logging.config.dictConfig takes it.'
        ),
        Setting('LOGGING_OVERRIDES', {}, is_dictionary, 'Parts of the logging configuration to change.'),
        Setting('MAX_PAGE_SIZE', 100, whole_number(1), 'The most items a client may ask for in a page.'),
        Setting('MAX_REQUEST_BODY_SIZE', 10 * 1024**2, whole_number(1), 'The largest request body, in bytes.'),
        Setting(
            'MIDDLEWARE',
            [
                'colibris.middleware.handle_errors_json',
                'colibris.middleware.handle_auth',
                'colibris.middleware.handle_schema_validation',
            ],
            is_dotted_paths,
            'The middleware functions that each request passes, outermost first.',
        ),
        Setting(
            'N_PLUS_ONE_ERROR', False, of_type(bool, name='True or False'), 'Whether repeated statements are an error.'
        ),
        Setting(
            'N_PLUS_ONE_LIMIT',
            10,
            whole_number(0),
            'How often a request may repeat a statement, in DEBUG, before it is reported; 0: as often as it likes.',
        ),
        Setting('PAGE_SIZE', 25, whole_number(1), 'The number of items in a page when the client asks for no number.'),
        Setting('PORT', 8888, whole_number(0, 65535), 'The TCP port on which the server listens.'),
        Setting('SECRET_KEY', None, is_secret, 'The secret from which tokens are made.'),
        Setting('SHUTDOWN_TIMEOUT', 60, whole_number(0), 'How long running requests may take at shutdown, in seconds.'),
        Setting('TEST_DATABASE', {}, is_dictionary, 'What differs from DATABASE when tests run.'),
    )
}
