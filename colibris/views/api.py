"""Views whose data is validated by schemas."""

from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema

from colibris.errors import ConfigurationError
from colibris.schemas import check_schema, schema_instance
from colibris.views.base import View
from colibris.views.parsing import load_body, load_query

__all__ = ['APIView']


class APIView(View):
    """A view that validates the request's body and query parameters."""

    schema_attributes: ClassVar[tuple[str, ...]] = ('body_schema_class', 'query_schema_class', 'response_schema_class')
    """The names of the attributes that hold schema classes."""

    body_schema_class: ClassVar[type[Schema] | None] = None
    """Validates the body; in model views it also makes the answers, unless ``response_schema_class`` is given."""

    query_schema_class: ClassVar[type[Schema] | None] = None
    """Validates the query parameters; unknown ones are left out unless the schema's ``Meta.unknown`` is ``RAISE``."""

    response_schema_class: ClassVar[type[Schema] | None] = None
    """Describes the answer."""

    @classmethod
    def check(cls) -> None:
        """Check the class' attributes."""
        super().check()
        for name in cls.schema_attributes:
            schema_class = getattr(cls, name, None)
            if schema_class is not None and not (isinstance(schema_class, type) and issubclass(schema_class, Schema)):
                raise ConfigurationError(f'{cls.__name__}.{name} must be a schema class, not {schema_class!r}')
            if schema_class is not None:
                check_schema(schema_class)

    async def get_validated_body(self) -> Any:
        """The request's JSON body as ``body_schema_class`` loads it; for ``PATCH`` no field is required.

        :raises ParseError: the body is no JSON.
        :raises InvalidRequest: it does not fit the schema.
        """
        schema_class = self._required('body_schema_class')
        return await load_body(self.request, schema_instance(schema_class, partial=self.request.method == 'PATCH'))

    async def get_validated_query(self) -> dict[str, Any]:
        """The request's query parameters as ``query_schema_class`` loads them.

        :raises InvalidRequest: they do not fit the schema.
        """
        return self.load_query(self._required('query_schema_class'))

    def load_query(self, schema_class: type[Schema]) -> dict[str, Any]:
        """The request's query parameters as another schema class loads them."""
        declared_unknown = getattr(schema_class.Meta, 'unknown', None)
        return load_query(self.request, schema_instance(schema_class, unknown=declared_unknown or EXCLUDE))

    def _required(self, name: str) -> type[Schema]:
        schema_class: type[Schema] | None = getattr(self, name)
        if schema_class is None:
            raise ConfigurationError(f'{type(self).__name__} has no {name}')
        return schema_class
