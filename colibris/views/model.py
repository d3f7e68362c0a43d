"""Views of a model's rows."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from colibris.api import NotFound
from colibris.errors import ConfigurationError
from colibris.schemas import schema_instance
from colibris.schemas.converters import field_for
from colibris.views.api import APIView
from colibris.views.pagination import PageNumberPagination, Pagination
from colibris.views.responses import finish

__all__ = ['ModelView']


class ModelView(APIView):
    """A view of one model's rows; the mixins bring the methods."""

    schema_attributes = (*APIView.schema_attributes, 'filter_class', 'create_response_schema_class')

    model: ClassVar[Any] = None
    """The model."""

    lookup_field: ClassVar[str | None] = None
    """The name of the model's field that the URL names; by default the primary key."""

    url_identifier: ClassVar[str | None] = None
    """The name of the path's variable; by default the only one, or else the one named like the field."""

    pagination_class: ClassVar[type[Pagination] | None] = PageNumberPagination
    """How lists are cut into pages; ``None``: not at all."""

    filter_class: ClassVar[type[Schema] | None] = None
    """Which query parameters filter lists: a :class:`~colibris.views.filtering.ModelFilter`."""

    ordering_fields: ClassVar[Sequence[str]] = ()
    """The names of the fields by which ``?ordering=`` may sort lists."""

    @classmethod
    def check(cls) -> None:
        """Check the class' attributes against the model."""
        super().check()
        if cls.model is None:
            raise ConfigurationError(f'{cls.__name__} has no model')
        cls.get_lookup_model_field()
        cls.get_response_schema_class()
        for name in cls.ordering_fields:
            if name not in cls.model._meta.fields:
                raise ConfigurationError(f"{cls.__name__}: {cls.model.__name__} has no field '{name}'")

    # Hooks

    def get_query(self) -> Any:
        """The rows that this view may see: a select query, for example limited to the account's own. May be async."""
        return self.model.select()

    async def get_object(self) -> Any:
        """The row that the URL names.

        :raises NotFound: there is none among those of :meth:`get_query`.
        """
        field = self.get_lookup_model_field()
        value = self._lookup_value(field)
        query = await finish(self.get_query())
        instance = query.where(field == value).first()
        if instance is None:
            raise NotFound(f'there is no {self.model.__name__.lower()} with this {field.name}')
        return instance

    # For the mixins

    def dump(self, instance: Any, schema_class: type[Schema] | None = None) -> Any:
        """A row as the answer has it."""
        return schema_instance(schema_class or self.get_response_schema_class()).dump(instance)

    @classmethod
    def get_response_schema_class(cls) -> type[Schema]:
        """The schema that makes the answers.

        :raises ConfigurationError: the class names none.
        """
        schema_class = cls.response_schema_class or cls.body_schema_class
        if schema_class is None:
            raise ConfigurationError(f'{cls.__name__} has neither response_schema_class nor body_schema_class')
        return schema_class

    @classmethod
    def get_lookup_model_field(cls) -> Any:
        """The model's field that the URL names."""
        meta = cls.model._meta
        if cls.lookup_field is None:
            return meta.primary_key
        if cls.lookup_field not in meta.fields:
            raise ConfigurationError(f"{cls.__name__}: {cls.model.__name__} has no field '{cls.lookup_field}'")
        return meta.fields[cls.lookup_field]

    def _lookup_value(self, field: Any) -> Any:
        variables = self.request.match_info
        name = self.url_identifier or (next(iter(variables)) if len(variables) == 1 else field.name)
        if name not in variables:
            raise ConfigurationError(f"{type(self).__name__}: the path has no variable '{name}'; set url_identifier")
        try:
            return field_for(field, from_text=True, dump_only=False).deserialize(variables[name])
        except ValidationError:
            raise NotFound(f'there is no {self.model.__name__.lower()} with this {field.name}') from None
