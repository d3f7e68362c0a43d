"""JSON schemas from marshmallow schemas."""

from typing import TYPE_CHECKING, Any, Literal

from apispec.ext.marshmallow.common import make_schema_key, resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import INCLUDE, Schema
from marshmallow.exceptions import RegistryError
from marshmallow.fields import Field

from colibris.docs.names import SchemaNames
from colibris.docs.properties import refine, refine_from_model
from colibris.docs.words import without_suffix
from colibris.schemas.relations import Related

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ['Converter', 'Direction']

Direction = Literal['request', 'response']


class Converter(OpenAPIConverter):
    """apispec's converter, which tells what goes into an API from what comes out of it.

    The same marshmallow schema gives up to three components: ``User``, what answers hold, without the fields that are
    only loaded; ``UserInput``, what requests may hold, without those that are only dumped; and ``UserPatch``, the same
    with nothing required.
    """

    direction: Direction = 'response'

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = SchemaNames()
        self._known: dict[Any, str] = {}
        self._pages: dict[tuple[Any, type[Schema]], type[Schema]] = {}

    def convert(self, schema: Any, direction: Direction) -> dict[str, Any]:
        """The JSON schema, mostly a reference to a component, for a marshmallow class, instance or name.

        A JSON schema is returned as it is.
        """
        if isinstance(schema, dict):
            return schema
        before, self.direction = self.direction, direction
        try:
            return self.resolve_nested_schema(schema)
        finally:
            self.direction = before

    def convert_field(self, field: Field[Any]) -> dict[str, Any]:
        """The JSON schema of a value that a request holds in its URL or headers, where nothing can be null."""
        before, self.direction = self.direction, 'request'
        try:
            return _as_text(self.field2property(field))
        finally:
            self.direction = before

    def page_schema(self, pagination_class: Any, item: type[Schema]) -> type[Schema]:
        """The schema of a page of items."""
        key = (pagination_class, item)
        if key not in self._pages:
            name = without_suffix(item.__name__, 'Schema') + 'Page'
            self._pages[key] = Schema.from_dict(pagination_class.get_response_schema_fields(item), name=name)
        return self._pages[key]

    def resolve_nested_schema(self, schema: Any) -> dict[str, Any]:
        """A reference to the component of a schema, which is made when it is first needed."""
        try:
            instance = resolve_schema_instance(schema)
        except RegistryError:
            return self._reference(str(schema))
        key = (self.direction, instance.unknown, make_schema_key(instance))
        if key not in self._known:
            # Known before it is made: a schema may contain itself.
            self._known[key] = self._names.claim(type(instance), self._suffix(instance))
            self.spec.components.schema(self._known[key], self.schema2jsonschema(instance))
        reference = self._reference(self._known[key])
        return {'type': 'array', 'items': reference} if instance.many else reference

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """The JSON schema of a marshmallow schema in the current direction."""
        instance = resolve_schema_instance(schema)
        hidden = 'dump_only' if self.direction == 'request' else 'load_only'
        fields = {name: field for name, field in instance.fields.items() if not getattr(field, hidden)}
        result = self._properties(fields, instance.partial)
        result.update(_texts(instance))
        result.update(_examples(instance, fields))
        if self.direction == 'request':
            _complete_request(instance, result)
        else:
            _complete_response(instance, fields, result)
        return result

    def field2property(self, field: Field[Any]) -> dict[str, Any]:
        """The JSON schema of a field in the current direction."""
        is_request = self.direction == 'request'
        if isinstance(field, Related):
            return self.field2property(field.key if is_request else field.shown)
        return refine(field, super().field2property(field), is_request=is_request)

    def _properties(self, fields: dict[str, Field[Any]], partial: Any) -> dict[str, Any]:
        convert: Callable[..., dict[str, Any]] = self.fields2jsonschema
        return convert(fields, partial=partial)

    def _reference(self, name: str) -> dict[str, Any]:
        reference: dict[str, Any] = self.spec.components.get_ref('schema', name)
        return reference

    def _suffix(self, instance: Schema) -> str:
        if self.direction == 'response':
            return ''
        return 'Patch' if instance.partial is True else 'Input'


def _texts(instance: Schema) -> dict[str, str]:
    docstring = (type(instance).__doc__ or '').strip()
    texts = {
        'title': getattr(instance.Meta, 'title', None),
        'description': getattr(instance.Meta, 'description', None) or docstring.partition('\n')[0],
    }
    return {name: text for name, text in texts.items() if text and type(instance) is not Schema}


def _examples(instance: Schema, fields: dict[str, Field[Any]]) -> dict[str, Any]:
    """The examples that ``Meta.example`` gives, without what the direction hides."""
    example = getattr(instance.Meta, 'example', None)
    keys = {field.data_key or name for name, field in fields.items()}
    return {'examples': [{key: value for key, value in example.items() if key in keys}]} if example else {}


def _complete_request(instance: Schema, result: dict[str, Any]) -> None:
    if instance.unknown == 'raise':
        result['additionalProperties'] = False
    elif instance.unknown == INCLUDE:
        result['additionalProperties'] = True
    if instance.partial is True:
        for item in result['properties'].values():
            item.pop('default', None)


def _complete_response(instance: Schema, fields: dict[str, Field[Any]], result: dict[str, Any]) -> None:
    """Say what is known from the model: its fields are always there, and null where the model says so."""
    model = getattr(instance.opts, 'model', None)
    model_fields = model._meta.fields if model else {}
    for name, field in fields.items():
        model_field = model_fields.get(field.attribute or name) or model_fields.get(name)
        key = field.data_key or name
        if model_field is not None:
            result['required'] = sorted({*result.get('required', ()), key})
            result['properties'][key] = refine_from_model(field, model_field, result['properties'][key])


def _as_text(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema where everything is text: nothing is null, and a number that has a pattern as text follows it."""
    kinds = schema.get('type')
    if isinstance(kinds, list):
        useless = ('null', 'number') if 'string' in kinds else ('null',)
        kinds = [kind for kind in kinds if kind not in useless]
        schema['type'] = kinds[0] if len(kinds) == 1 else kinds
    if 'enum' in schema:
        schema['enum'] = [value for value in schema['enum'] if value is not None]
    if schema.get('default', ...) is None:
        del schema['default']
    if 'items' in schema:
        schema['items'] = _as_text(schema['items'])
    return schema
