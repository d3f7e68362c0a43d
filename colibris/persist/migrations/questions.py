"""What only people know: whether something was renamed, and what existing rows get."""

import ast
import datetime
import decimal
from collections.abc import Callable, Iterable
from typing import Any

from colibris.persist.migrations.errors import MigrationError, QuestionError
from colibris.persist.migrations.fields import build
from colibris.persist.migrations.operations import NOTHING
from colibris.persist.migrations.state import Column

Ask = Callable[[str], str]

_NEUTRAL: dict[str, Any] = {
    **dict.fromkeys(('VARCHAR', 'CHAR', 'TEXT'), ''),
    **dict.fromkeys(('INT', 'BIGINT', 'SMALLINT'), 0),
    **dict.fromkeys(('FLOAT', 'DOUBLE'), 0.0),
    'DECIMAL': decimal.Decimal(0),
    'BOOL': False,
    'BLOB': b'',
    'DATETIME': datetime.datetime(1970, 1, 1),
    'DATE': datetime.date(1970, 1, 1),
    'TIME': datetime.time(0, 0),
}
_TRUE, _FALSE = ('true', 'yes', 'y', '1'), ('false', 'no', 'n', '0')


class Answers:
    """Answers given beforehand, and a way to ask for the others."""

    def __init__(
        self,
        *,
        renames: Iterable[str] = (),
        table_renames: Iterable[str] = (),
        defaults: Iterable[str] = (),
        ask: Ask | None = None,
        lenient: bool = False,
    ) -> None:
        """Take `renames` (`old=new` or `table.old=new`), `table_renames` (`old=new`) and `defaults`.

        A default is `value`, `column=value` or `table.column=value`.
        `ask` is called with a question and returns the answer; without it nobody can be asked, which raises
        `QuestionError` where an answer is needed, unless `lenient`: then existing rows get nothing.
        """
        self._renames = [_pair(text) for text in renames]
        self._table_renames = [_pair(text) for text in table_renames]
        self._defaults = list(defaults)
        self._ask = ask
        self._lenient = lenient
        self._used: set[tuple[str, str]] = set()
        self._used_defaults: set[str] = set()
        self.assumed: list[str] = []

    def is_table_renamed(self, old: str, new: str, *, likely: bool) -> bool:
        """Whether the table `old` is now `new`."""
        if (old, new) in self._table_renames:
            self._used.add((old, new))
            return True
        if not likely or any(old == pair[0] or new == pair[1] for pair in self._table_renames):
            return False
        return self._confirm(f'Was the table {old} renamed to {new}?', f'--rename-table {old}={new}')

    def is_column_renamed(self, table: str, old: str, new: str, *, likely: bool) -> bool:
        """Whether the column `old` of `table` is now `new`."""
        for pair in ((old, new), (f'{table}.{old}', new), (f'{table}.{old}', f'{table}.{new}')):
            if pair in self._renames:
                self._used.add(pair)
                return True
        names = {pair[0].removeprefix(f'{table}.') for pair in self._renames}
        targets = {pair[1].removeprefix(f'{table}.') for pair in self._renames}
        if not likely or old in names or new in targets:
            return False
        return self._confirm(f'Was {table}.{old} renamed to {table}.{new}?', f'--rename {table}.{old}={new}')

    def fill(self, table: str, column: Column, question: str) -> Any:
        """The value for existing rows of a column; raise `QuestionError` when nobody can tell."""
        text = self._given_default(table, column.name)
        if text is not None:
            return parse(column, text)
        if self._lenient:
            return NOTHING
        if self._ask is None:
            answer = f'Answer with --default {column.name}=VALUE, or give the field a default or null=True.'
            raise QuestionError('\n'.join([*self.assumed, f'{question} {answer}']))
        return self._ask_value(column, question)

    def check_renames(self) -> None:
        """Raise `QuestionError` when a rename was given that fits nothing."""
        for old, new in (*self._renames, *self._table_renames):
            if (old, new) not in self._used:
                raise QuestionError(f'{old}={new} fits nothing that disappeared and appeared')

    def check_defaults(self) -> None:
        """Raise `QuestionError` when a default was given that fits nothing."""
        for text in self._defaults:
            if text not in self._used_defaults:
                raise QuestionError(f'--default {text} fits no column whose existing rows need a value')

    def _given_default(self, table: str, name: str) -> str | None:
        named = [text for text in self._defaults if text.partition('=')[0] in (name, f'{table}.{name}') and '=' in text]
        chosen = [*named, *filter(_is_general, self._defaults)][:1]
        self._used_defaults.update(chosen)
        return chosen[0].partition('=')[2] if named else next(iter(chosen), None)

    def _confirm(self, question: str, option: str) -> bool:
        if self._ask is None:
            self.assumed.append(f'{question} Taken as no; if it was, make the migration with {option}')
            return False
        return self._ask(f'{question} [y/N] ').strip().lower() in ('y', 'yes')

    def _ask_value(self, column: Column, question: str) -> Any:
        while self._ask is not None:
            try:
                return parse(column, self._ask(f'{question} '))
            except MigrationError as error:
                question = f'{error}. Again:'
        raise QuestionError(question)


def neutral(column: Column) -> Any:
    """What rows get when a column that may not be NULL comes back after it was dropped; `NOTHING` if none will do."""
    if column.null or column.default is not None or column.references:
        return NOTHING
    return _NEUTRAL.get(build(column).field_type, NOTHING)


def parse(column: Column, text: str) -> Any:
    """Read a value for `column` from text; raise `QuestionError` when it does not fit the column's type."""
    field = build(column)
    try:
        return _parse(field, text)
    except (ValueError, SyntaxError, decimal.InvalidOperation) as error:
        raise QuestionError(f'{text!r} is no value for {column.name} ({column.class_name})') from error


def _parse(field: Any, text: str) -> Any:
    kind = field.field_type if not hasattr(field, 'rel_model') else 'reference'
    if kind in ('VARCHAR', 'CHAR', 'TEXT'):
        return _unquoted(text)
    if kind == 'BOOL':
        if text.strip().lower() not in (*_TRUE, *_FALSE):
            raise ValueError(text)
        return text.strip().lower() in _TRUE
    if kind == 'DECIMAL':
        return decimal.Decimal(text.strip())
    if kind in ('INT', 'BIGINT', 'SMALLINT'):
        return int(text)
    if kind in ('FLOAT', 'DOUBLE'):
        return float(text)
    if kind in ('DATETIME', 'DATE', 'TIME'):
        return _moment(field, _unquoted(text))
    return _anything(text)


def _moment(field: Any, text: str) -> Any:
    value = field.python_value(text)
    if isinstance(value, str):
        raise ValueError(text)
    return value


def _anything(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in '\'"':
        return str(ast.literal_eval(text))
    return text


def _is_general(default: str) -> bool:
    key, separator, _ = default.partition('=')
    return not (separator and key.replace('.', '').isidentifier())


def _pair(text: str) -> tuple[str, str]:
    old, separator, new = text.partition('=')
    if not (separator and old.strip() and new.strip()):
        raise QuestionError(f'{text!r} should be OLD=NEW')
    return old.strip(), new.strip()
