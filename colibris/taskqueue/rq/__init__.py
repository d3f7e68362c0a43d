"""Tasks in Redis, kept by RQ."""

from colibris.errors import MissingDependencyError

try:
    import redis  # noqa: F401  # only looked for
    import rq  # noqa: F401  # only looked for
except ImportError as exc:
    raise MissingDependencyError(exc.name or 'rq', 'rq') from None

from colibris.taskqueue.rq.backend import RQBackend

__all__ = ['RQBackend']
