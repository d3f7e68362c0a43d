"""A schema whose changes are made to a database, and one whose changes are only written down."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import peewee

from colibris.persist.migrations.engines import Action, Engine, Statement, Step
from colibris.persist.migrations.errors import MigrationFailedError
from colibris.persist.migrations.models import frozen_models
from colibris.persist.migrations.operations import DropColumn, DropTable, Operation
from colibris.persist.migrations.schema import Schema
from colibris.persist.migrations.state import State

Report = Callable[[str], None]


Stepper = Callable[[Step, list[str]], None]
"""Executes a step, given the texts of the steps before it."""


class Editor(Schema):
    """Makes the changes to the engine's database as they are asked for."""

    def __init__(
        self, state: State, engine: Engine, *, report: Report = lambda line: None, stepper: Stepper | None = None
    ) -> None:
        """Start with the tables as they are in the database; `stepper` may execute the steps in its own way."""
        super().__init__(state)
        self.engine = engine
        self.done: list[str] = []
        self._report = report
        self._stepper = stepper or (lambda step, done: step.run(engine.database))

    def perform(self, operation: Operation, before: State, after: State) -> None:
        """Execute the operation's statements."""
        self._announce(operation)
        self._steps(self.engine.steps(operation, before, after))

    def execute(self, sql: str, *parameters: Any) -> None:
        """Execute one SQL statement."""
        self._report(f'  execute {_shortened(sql)}')
        self._steps([Statement(sql, parameters)])

    def run(self, function: Callable[[Mapping[str, Any]], object]) -> None:
        """Call `function` with the frozen models."""
        name = getattr(function, '__name__', 'function')
        self._report(f'  run {name}')
        state = self.state
        self._steps([Action(f'run {name}', lambda database: function(frozen_models(state, database)))])

    def _announce(self, operation: Operation) -> None:
        self._report(f'  {operation.describe()}{_lost(self.engine.database, operation)}')

    def _steps(self, steps: Iterable[Step]) -> None:
        for step in steps:
            try:
                self._stepper(step, self.done)
            except peewee.PeeweeException as error:
                raise MigrationFailedError(str(error), done=self.done, failed=str(step)) from error
            self.done.append(str(step))


class Script(Schema):
    """Writes the statements down instead of executing them; looks into no database."""

    def __init__(self, state: State, engine: Engine) -> None:
        """Start with the tables of `state`."""
        super().__init__(state)
        self.engine = engine
        self.lines: list[str] = []

    def perform(self, operation: Operation, before: State, after: State) -> None:
        """Write the operation's statements down."""
        self._write(*self.engine.steps(operation, before, after))

    def execute(self, sql: str, *parameters: Any) -> None:
        """Write the statement down."""
        self._write(Statement(sql, parameters))

    def run(self, function: Callable[[Mapping[str, Any]], object]) -> None:
        """Mention the function."""
        self.lines.append(f'-- run {getattr(function, "__name__", "function")}')

    def _write(self, *steps: Step) -> None:
        self.lines += [self._without_escapes(_terminated(step)) for step in steps]

    def _without_escapes(self, line: str) -> str:
        return line.replace('%%', '%') if '%' in self.engine.database.param else line


def _lost(database: Any, operation: Operation) -> str:
    """Say how much data goes."""
    if not isinstance(operation, DropTable | DropColumn):
        return ''
    try:
        return _count_lost(database, operation)
    except peewee.PeeweeException:
        # It is gone already: the migration goes on where it was stopped.
        return ''


def _count_lost(database: Any, operation: DropTable | DropColumn) -> str:
    if isinstance(operation, DropTable):
        count = _count(database, operation.table.name)
        return f' (with {count} {"row" if count == 1 else "rows"})'
    count = _count(database, operation.table, operation.column.column_name)
    return f' (with {count} {"value" if count == 1 else "values"})'


def _count(database: Any, table: str, column: str | None = None) -> int:
    context = database.get_sql_context().literal('SELECT COUNT(')
    context = context.sql(peewee.Entity(column)) if column else context.literal('*')
    sql, _ = context.literal(') FROM ').sql(peewee.Entity(table)).query()
    return int(database.execute_sql(sql).fetchone()[0])


def _shortened(sql: str) -> str:
    line = ' '.join(sql.split())
    return line if len(line) <= 80 else f'{line[:77]}...'


def _terminated(step: Step) -> str:
    if isinstance(step, Action):
        return str(step)
    return f'{step.sql};' + (f'  -- {list(step.parameters)}' if step.parameters else '')
