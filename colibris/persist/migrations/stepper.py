"""Executing a migration step by step where the engine cannot take changes of the schema back."""

import hashlib
from collections.abc import Iterable

import peewee

from colibris.persist.migrations.engines import Engine, Step
from colibris.persist.migrations.errors import MigrationHistoryError
from colibris.persist.migrations.history import Entry, History


class RecordingStepper:
    """Executes steps and records each in the database, so that a stopped migration goes on where it was stopped."""

    def __init__(self, history: History, engine: Engine, name: str, direction: str, partial: Entry | None) -> None:
        """Go on after the steps of `partial`, if there is such an entry."""
        self._history = history
        self._engine = engine
        self._name = name
        self._direction = direction
        self._partial = partial

    def __call__(self, step: Step, done: list[str]) -> None:
        """Execute `step`, unless it was executed before."""
        if self._partial is not None and len(done) < self._partial.steps:
            return
        self._check(done)
        in_doubt = self._partial is not None and self._partial.in_doubt and len(done) == self._partial.steps
        self._advance(done, in_doubt=True)
        try:
            self._run(step, done, in_doubt)
        except BaseException:
            self._advance(done)
            raise

    def _run(self, step: Step, done: list[str], in_doubt: bool) -> None:
        try:
            with self._engine.database.atomic():
                step.run(self._engine.database)
                self._advance([*done, str(step)])
        except peewee.PeeweeException as error:
            # The process was killed between the step and its record: the step may have been executed.
            if not (in_doubt and self._engine.says_done(error)):
                raise
            self._advance([*done, str(step)])

    def _advance(self, done: Iterable[str], *, in_doubt: bool = False) -> None:
        done = list(done)
        self._history.advance(self._name, _digest(done), self._direction, len(done), in_doubt=in_doubt)

    def _check(self, done: list[str]) -> None:
        partial = self._partial
        if partial is not None and len(done) == partial.steps and _digest(done) != partial.checksum:
            raise MigrationHistoryError(
                f'the first {partial.steps} steps of {self._name}.py were edited after they had been '
                'executed: restore them'
            )


def _digest(done: list[str]) -> str:
    return hashlib.sha256('\n'.join(done).encode()).hexdigest()
