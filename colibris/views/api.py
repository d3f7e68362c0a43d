"""Views whose data is validated by schemas."""

import functools
from typing import Any, ClassVar

from marshmallow import EXCLUDE, RAISE, Schema

from colibris.errors import ConfigurationError
from colibris.schemas import check_schema, schema_instance
from colibris.views.base import View
from colibris.views.parsing import invalid, load_body, load_query

__all__ = ['APIView', 'body_schema', 'query_schema']


class APIView(View):
    """A view that validates the request's body and query parameters."""

    schema_attributes: ClassVar[tuple[str, ...]] = ('body_schema_class', 'query_schema_class', 'response_schema_class')
    """The names of the attributes that hold schema classes."""

    body_schema_class: ClassVar[type[Schema] | None] = None
    """Validates the body; in model views it also makes the answers, unless ``response_schema_class`` is given."""

    query_schema_class: ClassVar[type[Schema] | None] = None
    """Validates the query parameters."""

    response_schema_class: ClassVar[type[Schema] | None] = None
    """Describes the answer."""

    refuse_unknown_parameters: ClassVar[bool] = False
    """Whether query parameters that the view does not know are an error that names them, or are ignored.

    Ignored by default, as in all of the web: trackers, caches and newer clients add parameters of their own. A schema
    of the query with ``Meta.unknown = RAISE`` has the same effect.
    """

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

    @classmethod
    def get_query_schema_classes(cls, method: str) -> list[type[Schema]]:
        """The schemas that read the query parameters of an HTTP method."""
        return [cls.query_schema_class] if cls.query_schema_class else []

    @classmethod
    def query_names(cls, method: str) -> set[str]:
        """The names of the query parameters that an HTTP method knows."""
        schemas = [schema_instance(schema_class) for schema_class in cls.get_query_schema_classes(method)]
        return {field.data_key or name for schema in schemas for name, field in schema.load_fields.items()}

    def check_request(self) -> None:
        """Refuse unknown query parameters, if the view does that.

        :raises InvalidRequest: there are some.
        """
        method = self.request.method
        if not _refuses_unknown(type(self), method):
            return
        unknown = [name for name in self.request.query if name not in self.query_names(method)]
        if unknown:
            raise invalid({name: ['Unknown field.'] for name in unknown}, 'query')

    async def get_validated_body(self) -> Any:
        """The request's JSON body as ``body_schema_class`` loads it; for ``PATCH`` no field is required.

        :raises ParseError: the body is no JSON.
        :raises InvalidRequest: it does not fit the schema.
        """
        schema_class = self._required('body_schema_class')
        return await load_body(self.request, body_schema(schema_class, self.request.method))

    async def get_validated_query(self) -> dict[str, Any]:
        """The request's query parameters as ``query_schema_class`` loads them.

        :raises InvalidRequest: they do not fit the schema.
        """
        return self.load_query(self._required('query_schema_class'))

    def load_query(self, schema_class: type[Schema]) -> dict[str, Any]:
        """The request's query parameters as another schema class loads them."""
        return load_query(self.request, query_schema(type(self), schema_class, self.request.method))

    def _required(self, name: str) -> type[Schema]:
        schema_class: type[Schema] | None = getattr(self, name)
        if schema_class is None:
            raise ConfigurationError(f'{type(self).__name__} has no {name}')
        return schema_class


def body_schema(schema_class: type[Schema], method: str) -> Schema:
    """What loads the body of a request."""
    return schema_instance(schema_class, partial=method == 'PATCH')


def query_schema(view: type[APIView], schema_class: type[Schema], method: str) -> Schema:
    """What loads query parameters of a request."""
    unknown = getattr(schema_class.Meta, 'unknown', None) or EXCLUDE
    if unknown == RAISE and schema_class in view.get_query_schema_classes(method):
        unknown = EXCLUDE  # see check_request: other schemas may know it
    return schema_instance(schema_class, unknown=unknown)


@functools.lru_cache(maxsize=4096)
def _refuses_unknown(view: type[APIView], method: str) -> bool:
    return view.refuse_unknown_parameters or any(map(_is_strict, view.get_query_schema_classes(method)))


def _is_strict(schema_class: type[Schema]) -> bool:
    return getattr(schema_class.Meta, 'unknown', None) == RAISE
