"""Applying and unapplying migrations."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import peewee

from colibris.persist.migrations.editor import Editor, Report, Script
from colibris.persist.migrations.engines import engine_of
from colibris.persist.migrations.errors import MigrationError, MigrationFailedError, MigrationHistoryError
from colibris.persist.migrations.history import Entry, History
from colibris.persist.migrations.loader import ZERO, Migration, find, load, states
from colibris.persist.migrations.lock import lock
from colibris.persist.migrations.schema import Schema
from colibris.persist.migrations.state import State
from colibris.persist.migrations.stepper import RecordingStepper

Direction = Literal['up', 'down']

_DOING: dict[Direction, str] = {'up': 'Applying', 'down': 'Unapplying'}
_DONE: dict[Direction, str] = {'up': 'Applied', 'down': 'Unapplied'}


@dataclass(frozen=True)
class Planned:
    """A migration that would be applied (`up`) or unapplied (`down`)."""

    direction: Direction
    migration: Migration
    before: State

    def changes(self) -> list[str]:
        """The changes in words, as far as they are operations."""
        schema = Schema(self.before)
        (self.migration.up if self.direction == 'up' else self.migration.down)(schema)
        return [operation.describe() for operation in schema.operations]


class Runner:
    """The migrations of one directory and one database."""

    def __init__(self, database: Any, directory: Path | str, report: Report = lambda line: None) -> None:
        """Read the files; raise `MigrationFileError` when one is not usable."""
        self.database = database
        self.migrations = load(directory)
        self.states = states(self.migrations)
        self.history = History(database)
        self.engine = engine_of(database)
        self._report = report
        self._accepted: list[str] = []

    def plan(self, target: str | None = None) -> list[Planned]:
        """What `migrate(target)` would do, in order."""
        entries = entries_of(self.database)
        self.check(entries)
        return self._plan(target, entries)

    def migrate(self, target: str | None = None, *, fake: bool = False) -> list[str]:
        """Apply or unapply what leads to `target`; return the names in the order in which they were handled."""
        with lock_and_connection(self.database, self._report):
            self.history.create()
            entries = self.history.entries()
            if fake:
                entries = self._accept(entries, target)
            self.check(entries)
            plan = self._plan(target, entries)
            for planned in plan:
                self._handle(planned, fake, entries.get(planned.migration.name))
            return [*self._accepted, *(planned.migration.name for planned in plan)]

    def check(self, entries: dict[str, Entry]) -> None:
        """Raise `MigrationHistoryError` when the files are not those that the database has seen."""
        names = [migration.name for migration in self.migrations]
        for name in entries:
            if name not in names:
                raise MigrationHistoryError(
                    f'{name} is applied in the database, but the file {name}.py is missing: '
                    'restore it from version control'
                )
        applied = [self._by_name(name).number for name in entries]
        for migration in self.migrations:
            entry = entries.get(migration.name)
            if entry is None and applied and migration.number < max(applied):
                raise MigrationHistoryError(
                    f'{migration.path.name} is not applied, but later ones are: '
                    f'rename it so that its number is greater than {max(applied):04}'
                )
            if entry is not None and not entry.is_partial and entry.checksum != migration.checksum:
                raise MigrationHistoryError(
                    f'{migration.path.name} was edited after it had been applied: restore it from version control and '
                    f'make a new migration, or, if the tables are as it says now, run: migrate --fake {migration.name}'
                )

    def _plan(self, target: str | None, entries: dict[str, Entry]) -> list[Planned]:
        reached = self._position(target)
        plan: list[Planned] = []
        applied = {name for name, entry in entries.items() if entry.direction != 'up'}
        for name, entry in entries.items():
            if entry.direction == 'down':
                plan.append(self._planned('down', self._by_name(name)))
                applied.discard(name)
            elif entry.direction == 'up' and self.migrations.index(self._by_name(name)) >= reached:
                raise MigrationHistoryError(
                    f'{name} is applied in part ({entry.steps} steps): finish it with: migrate {name}'
                )
        later, earlier = self.migrations[reached:], self.migrations[:reached]
        plan += [self._planned('down', migration) for migration in reversed(later) if migration.name in applied]
        plan += [self._planned('up', migration) for migration in earlier if migration.name not in applied]
        return plan

    def _planned(self, direction: Direction, migration: Migration) -> Planned:
        position = self.migrations.index(migration)
        return Planned(direction, migration, self.states[position if direction == 'up' else position + 1])

    def _position(self, target: str | None) -> int:
        """How many of the migrations are applied at `target`."""
        if target is None:
            return len(self.migrations)
        if target == ZERO:
            return 0
        name = find([migration.name for migration in self.migrations], target)
        return self.migrations.index(self._by_name(name)) + 1

    def _accept(self, entries: dict[str, Entry], target: str | None) -> dict[str, Entry]:
        for migration in self.migrations[: self._position(target)]:
            entry = entries.get(migration.name)
            if entry is not None and (entry.is_partial or entry.checksum != migration.checksum):
                self.history.add(migration.name, migration.checksum)
                self._accepted.append(migration.name)
                self._report(f'Accepted {migration.name} as it is now')
        return self.history.entries()

    def _handle(self, planned: Planned, fake: bool, entry: Entry | None) -> None:
        migration = planned.migration
        word = _DONE[planned.direction]
        if fake:
            self._record(planned)
            self._report(f'{word} {migration.name} (recorded only)')
            return
        self._report(f'{_DOING[planned.direction]} {migration.name}')
        if planned.direction == 'down':
            self._check_down(migration, planned.before, self.states[self.migrations.index(migration)])
        function = migration.up if planned.direction == 'up' else migration.down
        if self.engine.transactional:
            self._in_transaction(planned, function, planned.before)
        else:
            self._step_by_step(planned, function, planned.before, entry)
        self._report(f'{word} {migration.name}')

    def _record(self, planned: Planned) -> None:
        if planned.direction == 'up':
            self.history.add(planned.migration.name, planned.migration.checksum)
        else:
            self.history.remove(planned.migration.name)

    def _check_down(self, migration: Migration, before: State, wanted: State) -> None:
        schema = Schema(before)
        migration.down(schema)
        if not schema.state.same_as(wanted):
            names = {*schema.state.tables, *wanted.tables}
            differing = [name for name in sorted(names) if not _same_table(schema.state, wanted, name)]
            raise MigrationHistoryError(
                f'{migration.path.name}: down() does not undo what up() does to {", ".join(differing)}'
            )

    def _in_transaction(self, planned: Planned, function: Callable[[Schema], None], before: State) -> None:
        editor = Editor(before, self.engine, report=self._report)
        self.engine.prepare()
        try:
            with self.engine.transaction():
                function(editor)
                self.engine.verify()
                self._record(planned)
        except MigrationFailedError as error:
            raise MigrationFailedError(
                f'{planned.migration.path.name} failed and is rolled back: {error}\n  in: {error.failed}',
                failed=error.failed,
            ) from error
        except (MigrationError, peewee.PeeweeException) as error:
            raise MigrationFailedError(f'{planned.migration.path.name} is rolled back: {error}') from error
        finally:
            self.engine.restore()

    def _step_by_step(
        self, planned: Planned, function: Callable[[Schema], None], before: State, entry: Entry | None
    ) -> None:
        partial = entry if entry is not None and entry.direction == planned.direction else None
        stepper = RecordingStepper(self.history, self.engine, planned.migration.name, planned.direction, partial)
        editor = Editor(before, self.engine, report=self._report, stepper=stepper)
        try:
            function(editor)
        except MigrationHistoryError:
            raise
        except MigrationError as error:
            script = Script(before, engine_of(self.database, offline=True))
            function(script)
            failed = getattr(error, 'failed', None) or next(iter(script.lines[len(editor.done) :]), None)
            message = _stopped(planned, error, editor.done, failed, script.lines)
            raise MigrationFailedError(message, done=editor.done, failed=failed) from error
        self._record(planned)

    def _by_name(self, name: str) -> Migration:
        return next(migration for migration in self.migrations if migration.name == name)


@contextmanager
def connection(database: Any) -> Iterator[None]:
    """Use the connection that is open, or one of our own."""
    was_closed = database.is_closed()
    database.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if was_closed and not _is_memory(database):
            database.close()


def entries_of(database: Any) -> dict[str, Entry]:
    """What the database knows; a SQLite database that does not exist is not made for that."""
    if isinstance(database, peewee.SqliteDatabase) and not getattr(database, 'exists', lambda: True)():
        return {}
    with connection(database):
        return History(database).entries()


@contextmanager
def lock_and_connection(database: Any, report: Report) -> Iterator[None]:
    """Hold the migration lock, with a connection to a database that exists."""
    if isinstance(database, peewee.SqliteDatabase):
        was_closed = database.is_closed()
        with lock(database, report):
            _ensure_exists(database)
            with connection(database):
                yield
            if was_closed and not _is_memory(database):
                database.close()
    else:
        with connection(database), lock(database, report):
            yield


def _ensure_exists(database: Any) -> None:
    if hasattr(database, 'exists') and not database.exists():
        database.create()


def _is_memory(database: Any) -> bool:
    return isinstance(database, peewee.SqliteDatabase) and any(
        mark in str(database.database) for mark in (':memory:', 'mode=memory')
    )


def _same_table(one: State, other: State, name: str) -> bool:
    mine, theirs = one.tables.get(name), other.tables.get(name)
    return mine is not None and theirs is not None and mine.same_as(theirs)


def _stopped(
    planned: Planned, error: MigrationError, done: list[str], failed: str | None, statements: list[str]
) -> str:
    count = len(done)
    lines = [f'{planned.migration.path.name} stopped at step {count + 1} of {len(statements)}: {error}', 'Done:']
    lines += [f'  {text}' for text in done] or ['  nothing']
    lines += ['Failed:', f'  {failed}', 'Not done:']
    lines += [f'  {text}' for text in statements[count + 1 :]] or ['  nothing']
    return '\n'.join([*lines, 'Remove the cause and run migrate again: it goes on with the step that failed.'])
