"""Every setting that colibris itself reads: its name, default, kind and meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from colibris.conf.limits import check_limits
from colibris.conf.origins import PROXY_PROTOCOL, each, is_header_name, is_headers, is_host, is_network, is_origin

__all__ = ['DEFINITIONS', 'Setting', 'is_backend']

Check = Callable[[Any], str | None]


@dataclass(frozen=True)
class Setting:
    """One setting. ``check`` returns what is wrong with a value, or ``None``; ``aliases`` are other spellings."""

    name: str
    default: Any
    check: Check
    description: str
    slot: str | None = None
    aliases: tuple[str, ...] = ()


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


def is_secret(value: Any) -> str | None:
    """Check that a value is a text that is not empty, or ``None``."""
    return None if value is None or (isinstance(value, str) and value) else 'must be a text that is not empty, or None'


def one_of(*choices: str) -> Check:
    """A check that a value is one of ``choices``."""
    return lambda value: None if value in choices else f'must be one of {", ".join(map(repr, choices))}'


def is_optional_text(value: Any) -> str | None:
    """Check that a value is a text, or ``None``."""
    return None if value is None or isinstance(value, str) else f'must be a text or None, not {type(value).__name__}'


def is_seconds(value: Any) -> str | None:
    """Check that a value is a positive number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f'must be a number of seconds, not {type(value).__name__}'
    return None if 0 < value < float('inf') else 'must be a positive number of seconds'


def optional(check: Check) -> Check:
    """A check that a value is ``None``, or what ``check`` accepts."""
    return lambda value: None if value is None else check(value)


DEFINITIONS = {
    setting.name: setting
    for setting in (
        Setting('ACCOUNTS', {}, is_backend, 'The backend of accounts with passwords.', 'colibris.accounts.slot.slot'),
        Setting(
            'ALLOWED_HOSTS',
            [],
            each(is_host),
            "The hosts that requests may be for, '.example.com' with subdomains; empty: any.",
        ),
        Setting(
            'API_DOCS_PATH', '/api/docs', is_absolute_path, 'Where the API documentation is served; None: nowhere.'
        ),
        Setting('AUTHENTICATION', {}, is_backend, 'The authentication backend.', 'colibris.authentication.slot.slot'),
        Setting('AUTHORIZATION', {}, is_backend, 'The authorization backend.', 'colibris.authorization.slot.slot'),
        Setting('CACHE', {}, is_backend, 'The cache backend.', 'colibris.cache.slot.slot'),
        Setting(
            'COMPRESS_RESPONSES',
            False,
            of_type(bool, name='True or False'),
            'Whether answers are compressed for clients that accept it.',
        ),
        Setting(
            'CORS_CREDENTIALS',
            False,
            of_type(bool, name='True or False'),
            'Whether pages of CORS_ORIGINS may send cookies along.',
        ),
        Setting('CORS_EXPOSE_HEADERS', [], each(is_header_name), "The project's own headers that such pages may read."),
        Setting('CORS_HEADERS', [], each(is_header_name), "The project's own headers that such pages may send."),
        Setting('CORS_MAX_AGE', 600, whole_number(0), 'How long browsers keep the answer to a preflight, in seconds.'),
        Setting('CORS_ORIGINS', [], each(is_origin), "The origins whose pages may use the API; '*': all."),
        Setting('DATABASE', {}, is_backend, 'The persistence backend.', 'colibris.persist.slot.slot'),
        Setting('DEBUG', True, of_type(bool, name='True or False'), 'Development mode: errors answer with tracebacks.'),
        Setting('EMAIL', {}, is_backend, 'The e-mail backend.', 'colibris.email.slot.slot'),
        Setting('ENVELOPE', {}, is_backend, 'What surrounds the data of answers.', 'colibris.api.envelope.slot.slot'),
        Setting('ETAGS', True, of_type(bool, name='True or False'), 'Whether answers to GET carry an ETag.'),
        Setting(
            'HSTS_SECONDS',
            31_536_000,
            whole_number(0),
            'How long browsers use only HTTPS after an answer by HTTPS outside DEBUG; 0: not asked to.',
        ),
        Setting(
            'KEEPALIVE_TIMEOUT',
            75,
            whole_number(1),
            'How long a connection may be idle, in seconds; longer than for the balancer in front.',
        ),
        Setting(
            'LISTEN',
            '0.0.0.0',  # noqa: S104  # all interfaces: a server is there for others
            of_type(str, name='a text'),
            'The interface on which the server listens.',
        ),
        Setting(
            'LOGGING',
            None,
            optional(is_dictionary),
            'The logging configuration, as logging.config.dictConfig takes it.',
        ),
        Setting('LOGGING_OVERRIDES', {}, is_dictionary, 'Parts of the logging configuration to change.'),
        Setting(
            'LOGIN_RATE_LIMIT',
            ['10/minute by name', '100/minute by address'],
            check_limits('name', 'address'),
            'How often somebody may try to log in; None: as often as they like.',
        ),
        Setting('LOG_FORMAT', 'text', one_of('text', 'json'), "What the lines of the log are: 'text' or 'json'."),
        Setting('MAX_JSON_VALUES', 100_000, whole_number(1), 'The most values that the JSON of a request may hold.'),
        Setting('MAX_PAGE_SIZE', 100, whole_number(1), 'The most items a client may ask for in a page.'),
        Setting('MAX_REQUEST_BODY_SIZE', 10 * 1024**2, whole_number(1), 'The largest request body, in bytes.'),
        Setting('MAX_UPLOAD_PARTS', 100, whole_number(1), 'The most fields and files of an upload.'),
        Setting('MAX_UPLOAD_SIZE', 100 * 1024**2, whole_number(1), 'The largest upload, all of its files, in bytes.'),
        Setting(
            'METRICS_NETWORKS',
            ['127.0.0.0/8', '::1', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
            each(is_network),
            "The networks from which METRICS_PATH may be read; 'unix': through a Unix socket.",
        ),
        Setting('METRICS_PATH', None, is_absolute_path, 'Where metrics for Prometheus are served; None: nowhere.'),
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
        Setting('PASSWORDS', {}, is_backend, 'The hasher of passwords.', 'colibris.authentication.passwords.slot.slot'),
        Setting('PASSWORD_MIN_LENGTH', 10, whole_number(1, 128), 'The fewest characters that a new password may have.'),
        Setting('PORT', 8888, whole_number(0, 65535), 'The TCP port on which the server listens.'),
        Setting('PROJECT_NAME', None, is_optional_text, "The project's name; None: its package's."),
        Setting('PROJECT_VERSION', None, is_optional_text, "The project's version; None: its package's __version__."),
        Setting(
            'PROXY_HEADER',
            'X-Forwarded-For',
            one_of('X-Forwarded-For', 'Forwarded', PROXY_PROTOCOL),
            "How TRUSTED_PROXIES say a client's address: 'X-Forwarded-For', 'Forwarded', or 'PROXY', the protocol.",
        ),
        Setting(
            'RATE_LIMIT',
            None,
            check_limits('address', 'account', 'key'),
            'How many requests a client may make, unless a view says otherwise; None: any number.',
        ),
        Setting(
            'RATE_LIMIT_STORAGE',
            {},
            is_backend,
            'The backend that counts requests; empty: each process for itself.',
            'colibris.ratelimit.slot.slot',
        ),
        Setting('READY_TIMEOUT', 5, is_seconds, 'How long each backend may take to prove it is ready, in seconds.'),
        Setting(
            'REQUEST_BODY_RATE',
            500,
            whole_number(1),
            'The bytes of a body that give its client another second beyond REQUEST_BODY_TIMEOUT.',
        ),
        Setting('REQUEST_BODY_TIMEOUT', 30, is_seconds, "How long a request's body may take to arrive, in seconds."),
        Setting('REQUEST_HEADER_TIMEOUT', 10, is_seconds, "How long a request's headers may take, in seconds."),
        Setting('SECRET_KEY', None, is_secret, 'The secret from which tokens are made.'),
        Setting(
            'SECURITY_HEADERS',
            {
                'Referrer-Policy': 'same-origin',
                'X-Content-Type-Options': 'nosniff',
                'X-Frame-Options': 'DENY',
            },
            is_headers,
            'Headers of every answer that does not say otherwise.',
        ),
        Setting(
            'SHUTDOWN_DELAY',
            0,
            whole_number(0),
            'How long the server goes on after it has said that it is not ready any more, in seconds.',
        ),
        Setting('SHUTDOWN_TIMEOUT', 60, whole_number(0), 'How long the shutdown may take after that, in seconds.'),
        Setting(
            'SLOW_QUERY_SECONDS',
            None,
            optional(is_seconds),
            'From how many seconds on a statement is warned of; None: never.',
        ),
        Setting(
            'SLOW_REQUEST_SECONDS',
            None,
            optional(is_seconds),
            'From how many seconds on a request is warned of; None: never.',
        ),
        Setting('STATUS_PATH', '/status', is_absolute_path, 'Where name and version are served; None: nowhere.'),
        Setting(
            'TASK_QUEUE',
            {},
            is_backend,
            'The backend of background tasks.',
            'colibris.taskqueue.slot.slot',
            aliases=('TASKQUEUE',),
        ),
        Setting(
            'TEMPLATE', {}, is_backend, 'The template backend.', 'colibris.template.slot.slot', aliases=('TEMPLATES',)
        ),
        Setting('TEST_DATABASE', {}, is_dictionary, 'What differs from DATABASE when tests run.'),
        Setting(
            'TRACING',
            None,
            optional(of_type(bool, name='True or False')),
            'Whether OpenTelemetry traces are made; None: where its packages and its OTEL_* variables are.',
        ),
        Setting(
            'TRUSTED_PROXIES',
            [],
            each(is_network),
            "The networks of proxies whose word on a client's address counts; 'unix': those that use a Unix socket.",
        ),
    )
}
