"""Marshmallow fields from Peewee fields."""

from collections.abc import Callable
from enum import Enum
from typing import Any

import peewee
from marshmallow import missing, validate
from marshmallow.fields import Field

from colibris.errors import ConfigurationError
from colibris.persist.passwords import PasswordField
from colibris.schemas import fields

__all__ = ['field_for']

_INTEGER_BITS: tuple[tuple[type[Any], int], ...] = (
    (peewee.SmallIntegerField, 16),
    (peewee.BigAutoField, 64),
    (peewee.BigIntegerField, 64),
    (peewee.IntegerField, 32),
)


def field_for(model_field: Any, *, from_text: bool = False, **options: Any) -> Field[Any]:
    """The marshmallow field that reads and writes a model's field.

    :param model_field: a Peewee field; a foreign key counts as the key of what it points to.
    :param from_text: read text, as URLs have it, instead of JSON.
    :param options: passed on to the marshmallow field, over what the model says.
    :raises ConfigurationError: nothing is known for this kind of field.
    """
    target = _target(model_field)
    for field_type, make in _CONVERTERS:
        if isinstance(target, field_type):
            arguments = {**_options(model_field), **options}
            arguments['validate'] = [*_choices(model_field), *arguments.get('validate', ())]
            return make(target, from_text, arguments)
    raise ConfigurationError(
        f'{model_field.model.__name__}.{model_field.name}: nothing is known for {type(model_field).__name__}; '
        f'declare the field in the schema, or exclude it'
    )


def _target(model_field: Any) -> Any:
    while isinstance(model_field, peewee.ForeignKeyField):
        model_field = model_field.rel_field
    return model_field


def _options(model_field: Any) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if model_field.help_text:
        options['metadata'] = {'description': model_field.help_text}
    if _is_generated(model_field):
        return {**options, 'dump_only': True}
    has_default = model_field.default is not None
    if model_field.null:
        options['allow_none'] = True
    options['required'] = not model_field.null and not has_default
    options['load_default'] = model_field.default if has_default else None if model_field.null else missing
    if isinstance(model_field, peewee.ForeignKeyField):
        options['attribute'] = model_field.object_id_name
    return options


def _is_generated(model_field: Any) -> bool:
    generated = isinstance(model_field, peewee.AutoField) or model_field.default is not None
    return bool(model_field.primary_key) and generated


def _choices(model_field: Any) -> list[Any]:
    choices = model_field.choices
    if not choices:
        return []
    if isinstance(choices, type) and issubclass(choices, Enum):
        choices = [(member.value, member.name) for member in choices]
    pairs = [choice if isinstance(choice, list | tuple) else (choice, str(choice)) for choice in choices]
    return [validate.OneOf([value for value, _ in pairs], [label for _, label in pairs])]


def _integer(model_field: Any, from_text: bool, options: dict[str, Any]) -> Field[Any]:
    bits = next((bits for field_type, bits in _INTEGER_BITS if isinstance(model_field, field_type)), 64)
    options['validate'].append(validate.Range(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
    return fields.TextInteger(**options) if from_text else fields.StrictInteger(**options)


def _string(model_field: Any, from_text: bool, options: dict[str, Any]) -> Field[Any]:
    max_length = getattr(model_field, 'max_length', None)
    if max_length:
        options['validate'].append(validate.Length(max=max_length))
    return fields.String(**options)


def _password(model_field: Any, from_text: bool, options: dict[str, Any]) -> Field[Any]:
    if from_text:
        raise ConfigurationError(
            f'{model_field.model.__name__}.{model_field.name}: nothing can be looked up by a password; leave it out'
        )
    return fields.NewPassword(**options)


def _boolean(model_field: Any, from_text: bool, options: dict[str, Any]) -> Field[Any]:
    if from_text:
        return fields.Boolean(truthy={'true', '1'}, falsy={'false', '0'}, **options)
    return fields.StrictBoolean(**options)


def _decimal(model_field: Any, from_text: bool, options: dict[str, Any]) -> Field[Any]:
    limit = 10 ** (model_field.max_digits - model_field.decimal_places)
    least = limit - 0.5 * 10**-model_field.decimal_places  # what is rounded up to the limit
    error = f'Must be greater than -{limit} and less than {limit}.'
    options['validate'].append(validate.Range(-least, least, min_inclusive=False, max_inclusive=False, error=error))
    return fields.ExactDecimal(places=model_field.decimal_places, as_string=True, **options)


def _float(model_field: Any, from_text: bool, options: dict[str, Any]) -> Field[Any]:
    return fields.TextFloat(**options) if from_text else fields.StrictFloat(**options)


def _plain(field_class: Callable[..., Field[Any]]) -> Callable[[Any, bool, dict[str, Any]], Field[Any]]:
    return lambda model_field, from_text, options: field_class(**options)


_CONVERTERS: tuple[tuple[type[Any], Callable[[Any, bool, dict[str, Any]], Field[Any]]], ...] = (
    (peewee.TimestampField, _plain(fields.Timestamp)),
    (peewee.IPField, _plain(fields.IPv4Text)),
    (peewee.IntegerField, _integer),
    (peewee.BooleanField, _boolean),
    (peewee.FloatField, _float),
    (peewee.DecimalField, _decimal),
    (PasswordField, _password),
    (peewee.CharField, _string),
    (peewee.TextField, _string),
    (peewee.UUIDField, _plain(fields.UUID)),
    (peewee.BinaryUUIDField, _plain(fields.UUID)),
    (peewee.DateTimeField, _plain(fields.UTCDateTime)),
    (peewee.DateField, _plain(fields.Date)),
    (peewee.TimeField, _plain(fields.LocalTime)),
    (peewee.JSONField, _plain(fields.Raw)),
)
