"""Functions that write rows of which nobody has made objects."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from colibris.persist.conversions import conversion_of
from colibris.persist.instances import instance_reader
from colibris.schemas.compiled.kinds import General
from colibris.schemas.compiled.nesting import Nesting
from colibris.schemas.compiled.writing import Writing

__all__ = ['RecordWriting']


class RecordWriting(Writing):
    """The making of a function that writes what one schema shows of many rows, as the database has given them.

    A value that the model's field leaves as it is, and that is of the class for which the schema's field is made, is
    written in place. Any other is first converted as the model's field does it, by a function of its own.

    :param schema: the schema.
    :param model: the model.
    """

    def __init__(self, schema: Schema, model: Any) -> None:
        super().__init__(schema, model, schema.dump, Nesting())
        self._column: str | None = None
        self._converted = ''
        self._expected: set[type] = set()

    def function(self) -> Callable[[Any], Any]:
        """The function.

        :raises General: it takes objects to know what the schema shows.
        """
        if instance_reader(self._model) is None:
            raise General(f'{self._model.__name__} makes instances in its own way')
        parts = self.parts()
        if any(part.needs_object for part in parts):
            raise General('some fields need an object')
        fields = self._model._meta.sorted_fields
        variables = ', '.join(self._columns.get(field.name, '_') for field in fields)
        written = ', '.join(f'{part.key}: {part.expression}' for part in parts)
        with self.block('def dump_records(records):'):
            self.line(f'return [{{{written}}} for {variables}, in records]')
        return self.defined('dump_records', f'colibris: dump of rows by {type(self._schema).__name__}')

    def value(self, field: Any, value: str) -> str:
        """The expression for a value, which is a column's or is a part of one."""
        column = next((name for name, variable in self._columns.items() if variable == value), None)
        if column is None:
            return super().value(field, value)
        convert, unchanged = conversion_of(self._model._meta.fields[column])
        self._converted = f'{self._define_conversion(field, convert)}({value})'
        self._column, self._expected = value, set()
        expression = super().value(field, value)
        self._column = None
        if unchanged is not None and self._expected == {unchanged}:
            return expression
        if unchanged is not None and expression == value:
            return f'{value} if {self.is_exactly(value, unchanged)} else {self._converted}'
        return self._converted

    def is_exactly(self, value: str, expected: type) -> str:
        """The expression that tells whether a value is of exactly this class."""
        if value == self._column:
            self._expected.add(expected)
        return super().is_exactly(value, expected)

    def unusual(self, field: Any, value: str) -> str:
        """The expression for a value that is not of the class for which the field is made."""
        if value == self._column:
            return f'None if {value} is None else {self._converted}'
        return super().unusual(field, value)

    def _define_conversion(self, field: Any, convert: Callable[[Any], Any]) -> str:
        """Define a function that converts a column's value and writes it, and return its name."""
        name = f'convert_{self.variable()}'
        expression = super().value(field, 'value')
        with self.block(f'def {name}(value):'):
            self.line(f'value = {self.name(convert)}(value)')
            self.line(f'return {expression}')
        return name
