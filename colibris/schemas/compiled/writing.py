"""Functions that write objects."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import peewee
from marshmallow import Schema, missing
from marshmallow.fields import Constant, Nested

from colibris.schemas import fields
from colibris.schemas.compiled.dumping import WRITERS
from colibris.schemas.compiled.kinds import ONLY_LOADING, General, check_schema, kind_of, nested_schema
from colibris.schemas.compiled.nesting import Nesting
from colibris.schemas.relations import Related
from colibris.utils.source import Source

__all__ = ['Writing']

_METHODS = ('__getattribute__', '_invoke_dump_processors', '_invoke_processors', '_serialize', 'dump', 'get_attribute')
_HOOKS = ('pre_dump', 'post_dump')
_RELATIONS = (Nested, fields.Nested, Related)


@dataclass(frozen=True)
class _Part:
    """What a field adds to the result: the value of an expression, if that reads one from a column, or from ``obj``."""

    key: str
    expression: str
    column: str | None = None
    by_object_id: str | None = None
    needs_object: bool = False


class Writing(Source):
    """The making of a function that writes what one schema shows of the rows of a model.

    :param schema: the schema.
    :param model: the model, or ``dict``.
    :param general: what writes objects of any other class.
    :param nesting: the place of the schema within others.
    """

    def __init__(self, schema: Schema, model: Any, general: Callable[[Any], Any], nesting: Nesting) -> None:
        super().__init__(MISSING=missing, GENERAL=general, MODEL=model, ACCESSOR=schema.get_attribute)
        self._schema = schema
        self._model = model
        self._nesting = nesting
        self._name = ''
        self._columns: dict[str, str] = {}
        self.reasons: list[str] = []

    def function(self) -> Callable[[Any], Any]:
        """The function, which returns the same as ``schema.dump``.

        :raises General: the schema or the model works in ways of its own.
        """
        parts = self.parts()
        if not any(part.needs_object for part in parts):
            self._write_from_values(parts)
        elif self._model is dict:
            raise General(f'{type(self._schema).__name__} shows more than values')
        else:
            self._write_from_object(parts)
        return self.defined('dump', f'colibris: dump of {type(self._schema).__name__}')

    def parts(self) -> list[_Part]:
        """What each of the fields adds to the result.

        :raises General: the schema or the model works in ways of its own.
        """
        check_schema(self._schema, _METHODS, _HOOKS)
        _check_model(self._model)
        return [self._part(name, field) for name, field in self._schema.dump_fields.items()]

    # For the kinds of fields

    def value(self, field: Any, value: str) -> str:
        """The expression for a value.

        :raises General: it takes the object to know.
        """
        return WRITERS[kind_of(field, WRITERS, ONLY_LOADING)](field, value, self)

    def is_exactly(self, value: str, expected: type) -> str:
        """The expression that tells whether a value is of exactly this class."""
        return f'type({value}) is {self.name(expected)}'

    def unusual(self, field: Any, value: str) -> str:
        """The expression for a value that is not of the class for which the field is made."""
        return f'None if {value} is None else {self.name(field._serialize)}({value}, None, None)'

    def writer(self, field: Any, model: Any) -> tuple[str, bool]:
        """The name of a function that writes by a nested schema, and whether there are many.

        :raises General: the schema works in ways of its own.
        """
        nesting = self._nesting.inner()
        schema = nested_schema(field)
        nested = Writing(schema, model, functools.partial(schema.dump, many=False), nesting)
        function = nested.function()
        self.reasons += [f'{self._name}.{reason}' for reason in nested.reasons]
        return self.name(function), bool(schema.many or field.many)

    def explain(self, reason: General) -> None:
        """Note why the field that is looked at goes the general way."""
        self.reasons.append(f'{self._name}: {reason}')

    # The fields

    def _part(self, name: str, field: Any) -> _Part:
        self._name = name
        key = self.literal(name if field.data_key is None else field.data_key)
        try:
            return self._known_part(name, field, key)
        except General as reason:
            self.explain(reason)
            return _Part(key, self._general(name, field), needs_object=True)

    def _known_part(self, name: str, field: Any, key: str) -> _Part:
        kind = kind_of(field, (*WRITERS, Constant, Related), ONLY_LOADING)
        if kind is Constant:
            return _Part(key, self.literal(field.constant), needs_object=field.constant is missing)
        attribute = name if field.attribute is None else field.attribute
        if self._model is dict:
            if '.' in attribute:
                raise General('its attribute has a dot')
            return _Part(key, self.value(field, self._variable_of(attribute)), attribute)
        relation = field.relation if kind is Related else attribute
        accessor = _accessor(self._model, relation)
        if kind in _RELATIONS and type(accessor) is peewee.ForeignKeyAccessor:
            return self._relation(name, field, key, accessor)
        if kind is not Related and type(accessor) is peewee.FieldAccessor:
            return _Part(key, self.value(field, self._variable_of(accessor.name)), accessor.name)
        if kind is not Related and type(accessor) is peewee.ObjectIdAccessor:
            column = accessor.field.name
            return _Part(key, self.value(field, self._variable_of(column)), column, by_object_id=attribute)
        raise General(f'{self._model.__name__}.{attribute} is not simply a column')

    def _relation(self, name: str, field: Any, key: str, accessor: Any) -> _Part:
        """What a foreign key points to: what was read with the row or for the list, the general way otherwise."""
        shown = getattr(field, 'shown', field)
        kind_of(shown, (Nested, fields.Nested), ONLY_LOADING)
        write, many = self.writer(shown, accessor.rel_model)
        if many:
            raise General('there are many')
        column, variable = self.literal(accessor.name), self.variable()
        absent = f'{variable} is None and obj.__data__.get({column}) is None' if accessor.field.null else 'False'
        return _Part(
            key,
            f'{write}({variable}) if type({variable} := obj.__rel__.get({column})) is {self.name(accessor.rel_model)} '
            f'else None if {absent} else {self._general(name, field)}',
            needs_object=True,
        )

    def _general(self, name: str, field: Any) -> str:
        return f'{self.name(field.serialize)}({self.literal(name)}, obj, ACCESSOR)'

    def _variable_of(self, column: str) -> str:
        if column not in self._columns:
            self._columns[column] = self.variable()
        return self._columns[column]

    # The function

    def _write_from_values(self, parts: list[_Part]) -> None:
        result = ', '.join(f'{part.key}: {part.expression}' for part in parts)
        with self.block('def dump(obj):'):
            self._refuse_others()
            self.line(f'data = {self._data()}')
            with self.block('try:'):
                for column, variable in self._columns.items():
                    self.line(f'{variable} = data[{self.literal(column)}]')
            with self.block('except KeyError:'):
                self.line('return GENERAL(obj)')
            for part in parts:
                self._read_object_id(part)
            self.line(f'return {{{result}}}')

    def _write_from_object(self, parts: list[_Part]) -> None:
        """Read each value right before it is written: a property may set what comes after it."""
        with self.block('def dump(obj):'):
            self._refuse_others()
            self.line(f'get = {self._data()}.get')
            self.line('result = {}')
            for part in parts:
                self._write_part(part)
            self.line('return result')

    def _write_part(self, part: _Part) -> None:
        if part.column is not None:
            self.line(f'{self._columns[part.column]} = get({self.literal(part.column)})')
            self._read_object_id(part)
        if not part.needs_object:
            self.line(f'result[{part.key}] = {part.expression}')
            return
        variable = self.variable()
        self.line(f'{variable} = {part.expression}')
        with self.block(f'if {variable} is not MISSING:'):
            self.line(f'result[{part.key}] = {variable}')

    def _read_object_id(self, part: _Part) -> None:
        """A foreign key that was set to an object without a key has the key that the object has got since."""
        if part.by_object_id is not None and part.column is not None:
            variable = self._columns[part.column]
            with self.block(f'if {variable} is None and {self.literal(part.column)} in obj.__rel__:'):
                self.line(f'{variable} = getattr(obj, {self.literal(part.by_object_id)})')

    def _refuse_others(self) -> None:
        with self.block('if type(obj) is not MODEL:'):
            self.line('return GENERAL(obj)')

    def _data(self) -> str:
        return 'obj' if self._model is dict else 'obj.__data__'


def _check_model(model: Any) -> None:
    if model is not dict:
        for name in ('__getitem__', '__getattribute__'):
            if any(name in vars(cls) for cls in model.__mro__[:-1]):
                raise General(f'{model.__name__} has {name}')


def _accessor(model: Any, name: str) -> Any:
    """What a class has under a name, as it stands there."""
    return next((vars(cls)[name] for cls in model.__mro__ if name in vars(cls)), None)
