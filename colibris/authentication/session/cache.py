"""Sessions in the cache."""

import json
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from colibris.authentication.errors import AuthenticationUnavailable
from colibris.authentication.session.base import Session, SessionStore
from colibris.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from colibris.cache import CacheBackend

__all__ = ['CacheStore']


class CacheStore(SessionStore):
    """Keeps sessions in the cache that the setting ``CACHE`` names, which forgets them when they end.

    It speaks to the cache's backend: for other users a cache that is away is an empty one, but here that would log
    everybody out, and nobody who wants to be.
    """

    def check(self) -> None:
        """Check that there is a cache that keeps anything."""
        from colibris.cache import get_backend
        from colibris.cache.null import NullBackend

        if isinstance(get_backend(), NullBackend):
            raise ConfigurationError("sessions need a place: set CACHE, or name a model by 'session_model'")

    def add(self, digest: str, session: Session, now: int) -> None:
        """Keep a session for as long as it is valid."""
        with _available_cache() as cache:
            cache.set(_key(cache, digest), json.dumps(asdict(session)).encode(), session.remaining(now))

    def use(self, digest: str, now: int) -> Session | None:
        """The session; that it is used moves its end."""
        with _available_cache() as cache:
            kept = cache.get(_key(cache, digest))
            session = None if kept is None else Session(**json.loads(kept))
            if session is None or session.ends <= now:
                return None
            if session.idle_seconds is not None:
                cache.touch(_key(cache, digest), session.remaining(now))
            return session

    def delete(self, digest: str) -> None:
        """Forget a session."""
        with _available_cache() as cache:
            cache.delete(_key(cache, digest))


@contextmanager
def _available_cache() -> 'Iterator[CacheBackend]':
    from colibris.cache import CacheUnavailable, get_backend

    try:
        yield get_backend()
    except CacheUnavailable as exc:
        raise AuthenticationUnavailable('sessions cannot be looked up at the moment') from exc


def _key(cache: 'CacheBackend', digest: str) -> str:
    return cache.keys.make(f'colibris.session:{digest}')
