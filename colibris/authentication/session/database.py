"""Sessions in the database."""

from functools import cached_property
from typing import Any

from colibris.authentication.session.base import Session, SessionStore
from colibris.errors import ConfigurationError
from colibris.utils.imports import import_string

__all__ = ['DatabaseStore']

_PRECISION = 10  # a tenth of the time that a session may be unused: most requests then need not write


class DatabaseStore(SessionStore):
    """Keeps sessions as rows of a model, and removes those that have ended when somebody logs in.

    :param path: the dotted path of a subclass of :class:`colibris.authentication.SessionModel`.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    @cached_property
    def _model(self) -> Any:
        from colibris.authentication.session.model import SessionModel

        model = import_string(self._path)
        if not (isinstance(model, type) and issubclass(model, SessionModel)) or model._meta.abstract:
            raise ConfigurationError(f"'session_model': {self._path} is no subclass of authentication.SessionModel")
        return model

    def check(self) -> None:
        """Check that there is such a model."""
        _ = self._model

    def add(self, digest: str, session: Session, now: int) -> None:
        """Insert a session, and remove those that have ended.

        They are removed after the commit: in one transaction with the insertion, logins would block each other.
        """
        from colibris.persist import after_commit

        expires = now + session.remaining(now)
        self._model.insert(
            digest=digest,
            account=session.account,
            ends=session.ends,
            idle_seconds=session.idle_seconds,
            expires=expires,
            proof=session.proof,
        ).execute()
        after_commit(lambda: self._model.delete().where(self._model.expires <= now).execute())

    def use(self, digest: str, now: int) -> Session | None:
        """The session; that it is used moves its end."""
        row = self._model.get_or_none((self._model.digest == digest) & (self._model.expires > now))
        if row is None:
            return None
        session = Session(row.account, row.ends, row.idle_seconds, row.proof)
        later = now + session.remaining(now)
        if session.idle_seconds is not None and later - row.expires >= session.idle_seconds / _PRECISION:
            self._model.update(expires=later).where(self._model.digest == digest).execute()
        return session

    def delete(self, digest: str) -> None:
        """Delete a session's row."""
        self._model.delete().where(self._model.digest == digest).execute()
