"""Functions that read what is plainly valid."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, missing, validate
from marshmallow.utils import is_collection

from colibris.schemas.compiled.checking import condition
from colibris.schemas.compiled.kinds import ONLY_DUMPING, General, check_schema, kind_of, nested_schema
from colibris.schemas.compiled.loading import READERS
from colibris.schemas.compiled.nesting import Nesting
from colibris.utils.source import Source

__all__ = ['UNUSUAL', 'Reading']

UNUSUAL = object()
"""Stands for the result of data that marshmallow has to look at."""

_METHODS = (
    *('__getattribute__', '_call_and_store', '_deserialize', '_do_load', '_invoke_field_validators'),
    *('_invoke_load_processors', '_invoke_processors', '_invoke_schema_validators', '_run_validator', 'load'),
)
_HOOKS = ('pre_load', 'post_load', 'validates', 'validates_schema')
_PURE = (validate.Email, validate.URL)


class Reading(Source):
    """The making of a function that reads the data of one schema.

    The function looks at everything that it can judge by itself before it calls what a project has written, as that is
    called again if the data turns out to be unusual.

    :param schema: the schema.
    :param partial: which fields may be missing, as ``schema.load`` takes it.
    :param unknown: what happens to unknown fields, likewise.
    :param nesting: the place of the schema within others.
    """

    def __init__(self, schema: Schema, partial: Any, unknown: Any, nesting: Nesting) -> None:
        super().__init__(UNUSUAL=UNUSUAL, MISSING=missing)
        self._schema = schema
        self._fields = schema.load_fields
        self._keys = {name: name if field.data_key is None else field.data_key for name, field in self._fields.items()}
        self._variables_of = {name: self.variable() for name in self._fields}
        self._partial = partial
        self._unknown = unknown
        self._nesting = nesting
        self._name = ''
        self.reasons: list[str] = []
        self.calls_others = False

    def function(self) -> Callable[[Any], Any]:
        """The function, which returns the same as ``schema.load``, or :data:`UNUSUAL`.

        :raises General: the schema works in ways of its own.
        """
        self._check()
        with self.block('def read(data):'):
            with self.block('try:'):
                self._fetch()
                sure = self._read_all()
                self._return(sure)
            with self.block('except Exception:'):
                self.line('return UNUSUAL')
        return self.defined('read', f'colibris: load of {type(self._schema).__name__}')

    # For the kinds of fields

    def refuse(self, unusual: str) -> None:
        """Leave the function if a condition is true."""
        with self.block(f'if {unusual}:'):
            self.line('return UNUSUAL')

    def value(self, field: Any, value: str) -> None:
        """Read a value by a field, the general way if need be."""
        try:
            with self.all_or_nothing():
                self.known_value(field, value)
        except General as reason:
            self._call(field, value, f'{value}{self._partial_argument()}', reason)

    def known_value(self, field: Any, value: str) -> None:
        """Read a value by a field.

        :raises General: that has to be done the general way.
        """
        kind = kind_of(field, READERS, ONLY_DUMPING)
        if getattr(field, 'pre_load', None) or getattr(field, 'post_load', None):
            raise General('it has pre_load or post_load')
        if field.allow_none:
            with self.block(f'if {value} is not None:'):
                self._read(kind, field, value)
        else:
            self._read(kind, field, value)

    def reader(self, field: Any) -> tuple[str, bool]:
        """The name of a function that reads by a nested schema, and whether there are many.

        :raises General: the schema works in ways of its own.
        """
        nesting = self._nesting.inner()
        schema = nested_schema(field)
        if field.many and not schema.many:
            raise General('its schema is not for many')
        partial = schema.partial if self._inner_partial() is None else self._inner_partial()
        unknown = schema.unknown if field.unknown is None else field.unknown
        nested = Reading(schema, partial, unknown, nesting)
        function = nested.function()
        self.reasons += [f'{self._name}.{reason}' for reason in nested.reasons]
        self.calls_others |= nested.calls_others
        return self.name(function), schema.many

    # The parts of the function

    def _check(self) -> None:
        title = type(self._schema).__name__
        check_schema(self._schema, _METHODS, _HOOKS)
        if self._unknown not in (EXCLUDE, INCLUDE, RAISE):
            raise General(f'{title} has a way of its own with unknown fields')
        if len(set(self._keys.values())) < len(self._keys):
            raise General(f'{title} reads a key twice')
        if any('.' in (field.attribute or name) for name, field in self._fields.items()):
            raise General(f'{title} has an attribute with a dot')

    def _fetch(self) -> None:
        self.refuse('type(data) is not dict')
        self.line('get = data.get')
        for name, variable in self._variables_of.items():
            key = self.literal(self._keys[name])
            self.line(f'{variable} = data[{key}]' if self._is_needed(name) else f'{variable} = get({key}, MISSING)')
        if self._unknown == RAISE:
            self.refuse(self._has_unknown())
        elif self._unknown == INCLUDE:
            self.line(f'has_unknown = {self._has_unknown()}')

    def _has_unknown(self) -> str:
        absent = [f' + ({self._variables_of[name]} is MISSING)' for name in self._fields if not self._is_needed(name)]
        return f'len(data){"".join(absent)} != {len(self._fields)}'

    def _read_all(self) -> set[str]:
        """Read the fields, and return the names of those that certainly have a value."""
        sure, own, others = set(), list[str](), list[str]()
        called_others = False
        for name in self._fields:
            self._name, self.calls_others = name, False
            with self.aside() as lines:
                if self._read_field(name):
                    sure.add(name)
            (others if self.calls_others else own).extend(lines)
            called_others |= self.calls_others
        self.calls_others = called_others
        self.extend(own)
        self.extend(others)
        return sure

    def _read_field(self, name: str) -> bool:
        field, variable = self._fields[name], self._variables_of[name]
        try:
            with self.all_or_nothing():
                return self._read_known_field(field, variable)
        except General as reason:
            arguments = f'{variable}, {self.literal(self._keys[name])}, data{self._partial_argument()}'
            with self._unless_missing(variable, sure=not self._may_lack(name)):
                self._call(field, variable, arguments, reason)
            return False

    def _unless_missing(self, variable: str, *, sure: bool) -> AbstractContextManager[None]:
        return nullcontext() if sure else self.block(f'if {variable} is not MISSING:')

    def _read_known_field(self, field: Any, variable: str) -> bool:
        if self._is_needed(self._name):
            self.known_value(field, variable)
            return True
        default = missing if self._may_lack(self._name) else field.load_default
        with self.block(f'if {variable} is MISSING:'):
            if callable(default):
                self.calls_others = True
                self.line(f'{variable} = {self.name(default)}()')
            elif default is not missing:
                self.line(f'{variable} = {self.literal(default)}')
        with self.block('else:'):
            self.known_value(field, variable)
        return default is not missing and not callable(default)

    def _return(self, sure: set[str]) -> None:
        pairs = {name: self.literal(field.attribute or name) for name, field in self._fields.items()}
        names = list(self._fields)
        first_unsure = next((number for number, name in enumerate(names) if name not in sure), len(names))
        known = ', '.join(f'{pairs[name]}: {self._variables_of[name]}' for name in names[:first_unsure])
        self.line(f'result = {{{known}}}')
        for name in names[first_unsure:]:
            variable = self._variables_of[name]
            with self._unless_missing(variable, sure=name in sure):
                self.line(f'result[{pairs[name]}] = {variable}')
        if self._unknown == INCLUDE:
            keys = self.name(frozenset(self._keys.values()))
            with self.block('if has_unknown:'), self.block(f'for key in set(data) - {keys}:'):
                self.line('result[key] = data[key]')
        self.line('return result')

    # Values

    def _read(self, kind: type, field: Any, value: str) -> None:
        READERS[kind](field, value, self)
        for validator in field.validators:
            unusual = condition(validator, value, kind, self)
            if unusual is None:
                self.calls_others |= type(validator) not in _PURE
                self.line(f'{self.name(validator)}({value})')
            elif unusual:
                self.refuse(unusual)

    def _call(self, field: Any, value: str, arguments: str, reason: General) -> None:
        self.reasons.append(f'{self._name}: {reason}')
        self.calls_others = True
        self.line(f'{value} = {self.name(field.deserialize)}({arguments})')

    def _is_needed(self, name: str) -> bool:
        """Whether data without the field is never valid."""
        return bool(self._fields[name].required) and not self._may_lack(name)

    def _may_lack(self, name: str) -> bool:
        return self._partial is True or (is_collection(self._partial) and name in self._partial)

    def _inner_partial(self) -> Any:
        """What the field's own schema gets as ``partial``."""
        if not is_collection(self._partial):
            return self._partial
        prefix = f'{self._name}.'
        return [name.removeprefix(prefix) for name in self._partial if name.startswith(prefix)]

    def _partial_argument(self) -> str:
        partial = self._inner_partial()
        return '' if partial is None else f', partial={self.literal(partial)}'
