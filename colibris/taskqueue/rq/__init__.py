"""Tasks in Redis, kept by RQ."""

from colibris.errors import MissingDependencyError

try:
    import redis  # noqa: F401
    import rq  # noqa: F401
except ImportError as exc:
    raise MissingDependencyError(exc.name or 'rq', 'rq') from None

from colibris.taskqueue.rq.backend import RQBackend

__all__ = ['RQBackend']
