"""Operations as the source text of a migration file."""

import importlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import peewee

from colibris.persist.migrations import detector
from colibris.persist.migrations.fields import field_class
from colibris.persist.migrations.literals import Literal, literal
from colibris.persist.migrations.operations import (
    NOTHING,
    AddColumn,
    AddIndex,
    AlterColumn,
    CreateTable,
    DropColumn,
    DropIndex,
    DropTable,
    Operation,
    RenameColumn,
    RenameTable,
    renamed_column_name,
)
from colibris.persist.migrations.source import WIDTH, Call
from colibris.persist.migrations.state import Column, Expression, Index, State

_FACADE = 'colibris.persist'

_Arguments = list[tuple[str | None, str | Call]]


class Writer:
    """Writes one file and gathers the imports that it needs."""

    def __init__(self) -> None:
        """Start an empty file."""
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._modules: set[str] = set()

    def file(self, title: str, operations: list[Operation], before: State) -> str:
        """The whole file: what leads on from `before`, and what leads back."""
        after = before
        for operation in operations:
            after = operation.apply(after)
        up = self._function('up', operations, before)
        down = self._function('down', detector.undo(operations), after)
        blocks = [f'"""{_sentence(title)}"""\n', *self._imports(), f'\n{up}', f'\n{down}']
        return '\n'.join(blocks)

    def _function(self, name: str, operations: Iterable[Operation], state: State) -> str:
        lines = [f'def {name}(schema):']
        for operation in operations:
            lines += self._call(operation, state).lines(4)
            state = operation.apply(state)
        return '\n'.join(lines if len(lines) > 1 else [*lines, '    pass']) + '\n'

    def _imports(self) -> Iterator[str]:
        if self._modules:
            yield '\n'.join(f'import {module}' for module in sorted(self._modules)) + '\n'
        if self._names:
            lines = [
                line
                for module in sorted(self._names)
                for line in _import_lines(module, sorted(self._names[module], key=_rank))
            ]
            yield '\n'.join(lines) + '\n'

    def _call(self, operation: Operation, state: State) -> Call:
        if isinstance(operation, CreateTable):
            return self._create_table(operation)
        name, arguments = self._arguments(operation, state)
        return Call(f'schema.{name}', arguments)

    def _create_table(self, operation: CreateTable) -> Call:
        table = operation.table
        arguments: _Arguments = [(None, literal(table.name).source)]
        arguments += [(None, self._sql(text)) for text in table.constraints]
        arguments += [(None, literal(text).source) for text in table.settings]
        arguments += [(column.name, self._field(column)) for column in table.columns]
        if table.composite_key:
            self._import('peewee', 'CompositeKey')
            names: _Arguments = [(None, literal(name).source) for name in table.composite_key]
            arguments.append(('primary_key', Call('CompositeKey', names)))
        return Call('schema.create_table', arguments, exploded=True)

    def _arguments(self, operation: Operation, state: State) -> tuple[str, _Arguments]:
        match operation:
            case DropTable(table):
                return 'drop_table', _plain(table.name)
            case RenameTable(old, new):
                return 'rename_table', _plain(old, new)
            case AddColumn(table, column, fill, after):
                arguments = [*_plain(table, column.name), (None, self._field(column)), *self._fill(fill)]
                return 'add_column', [*arguments, *([('after', literal(after).source)] if after else [])]
            case DropColumn(table, column):
                return 'drop_column', _plain(table, column.name)
            case RenameColumn(table, old, new, _, column_name):
                usual = renamed_column_name(state.table(table).column(old), new)
                extra = [] if column_name == usual else [('column_name', literal(column_name).source)]
                return 'rename_column', [*_plain(table, old, new), *extra]
            case AlterColumn(table, _, column, fill):
                return 'alter_column', [*_plain(table, column.name), (None, self._field(column)), *self._fill(fill)]
            case AddIndex(table, index):
                return 'add_index', [*_plain(table), *self._index(index)]
            case DropIndex(table, index):
                return 'drop_index', [*_plain(table), *self._index(index)]
        raise TypeError(f'{operation!r} cannot be written')

    def _fill(self, fill: Any) -> _Arguments:
        return [] if fill is NOTHING else [('fill', self._literal(literal(fill)))]

    def _index(self, index: Index) -> _Arguments:
        arguments: _Arguments = [
            (None, self._sql(part.sql) if isinstance(part, Expression) else literal(part).source)
            for part in index.parts
        ]
        if index.unique:
            arguments.append(('unique', 'True'))
        if index.name:
            arguments.append(('name', literal(index.name).source))
        if index.where:
            arguments.append(('where', self._sql(index.where)))
        if index.using:
            arguments.append(('using', literal(index.using).source))
        return arguments

    def _field(self, column: Column) -> Call:
        self._import(column.module, column.class_name)
        arguments: _Arguments = self._reference(column)
        arguments += [(name, self._literal(value)) for name, value in column.options]
        return Call(column.class_name, [*arguments, *self._common(column)])

    def _reference(self, column: Column) -> _Arguments:
        reference = column.references
        if reference is None:
            return []
        arguments = _plain(reference.table, reference.field)
        for name in ('on_delete', 'on_update', 'deferrable'):
            value = getattr(reference, name)
            if value:
                arguments.append((name, literal(value).source))
        return arguments

    def _common(self, column: Column) -> _Arguments:
        usual = _usual(column)
        arguments: _Arguments = []
        if column.column_name != column.default_column_name():
            arguments.append(('column_name', literal(column.column_name).source))
        for name in ('null', 'primary_key', 'unique'):
            if getattr(column, name) != bool(getattr(usual, name)):
                arguments.append((name, str(getattr(column, name))))
        # An index that uniqueness or the primary key makes needless is not part of the description.
        if column.index != bool(usual.index) and not column.unique and not column.primary_key:
            arguments.append(('index', str(column.index)))
        if (column.default.value if column.default else None) != usual.default:
            arguments.append(('default', self._literal(column.default or literal(None))))
        if column.constraints:
            nodes = ', '.join(self._sql(text).flat() for text in column.constraints)
            arguments.append(('constraints', f'[{nodes}]'))
        for name in ('collation', 'sequence', 'index_type'):
            if getattr(column, name) != getattr(usual, name):
                arguments.append((name, literal(getattr(column, name)).source))
        return arguments

    def _import(self, module: str, name: str) -> None:
        facade = module == 'peewee' and getattr(importlib.import_module(_FACADE), name, None)
        self._names[_FACADE if facade is getattr(peewee, name, None) else module].add(name)

    def _sql(self, text: str) -> Call:
        self._import('peewee', 'SQL')
        return Call('SQL', [(None, literal(text).source)])

    def _literal(self, value: Literal) -> str:
        self._modules |= value.modules
        return value.source


def _usual(column: Column) -> Any:
    """What the class makes of a field when nothing else is said."""
    if column.references:
        make: Any = peewee.ForeignKeyField
        return make(column.references.table, column.references.field)
    return field_class(column)(**{name: option.value for name, option in column.options})


def _plain(*values: str) -> _Arguments:
    return [(None, literal(value).source) for value in values]


def _import_lines(module: str, names: list[str]) -> list[str]:
    line = f'from {module} import {", ".join(names)}'
    if len(line) <= WIDTH:
        return [line]
    return [f'from {module} import (', *(f'    {name},' for name in names), ')']


def _rank(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1), name


def _sentence(title: str) -> str:
    text = ' '.join(title.replace('"', "'").replace('\\', '/').split())
    text = text[: WIDTH - 10].rstrip('.')
    return f'{text[:1].upper()}{text[1:]}.'
