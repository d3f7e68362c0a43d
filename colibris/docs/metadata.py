"""What aiohttp_apispec's decorators say about a function."""

from typing import Any

__all__ = ['Metadata']

_LOCATIONS = {
    'cookies': 'cookie',
    'files': 'files',
    'form': 'form',
    'headers': 'header',
    'json': 'json',
    'match_info': 'path',
    'path': 'path',
    'query': 'query',
    'querystring': 'query',
}
_MEDIA_TYPES = {'json': 'application/json', 'form': 'application/x-www-form-urlencoded', 'files': 'multipart/form-data'}
_PARAMETER_KEYS = ('name', 'in', 'description', 'deprecated', 'style', 'explode', 'example', 'examples', 'content')


class Metadata:
    """The metadata of a function or method; empty where it has none.

    :param target: the function.
    """

    def __init__(self, target: Any) -> None:
        self._values: dict[str, Any] = getattr(target, '__apispec__', None) or {}

    def get(self, name: str, default: Any = None) -> Any:
        """An argument of ``@docs``."""
        return self._values.get(name, default)

    @property
    def responses(self) -> dict[str, dict[str, Any]]:
        """The answers by status, of ``@docs`` and ``@response_schema``."""
        return {
            str(int(code) if str(code).isdigit() else code): value for code, value in self.get('responses', {}).items()
        }

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """The parameters of ``@docs``, as OpenAPI 3 has them."""
        return [_modernize(item) for item in self.get('parameters', ()) if item.get('in') not in ('body', 'formData')]

    @property
    def body(self) -> dict[str, Any] | None:
        """The body parameter of ``@docs``, or its ``requestBody``."""
        bodies = [item for item in self.get('parameters', ()) if item.get('in') == 'body']
        return self.get('requestBody') or (bodies[0] if bodies else None)

    @property
    def body_schemas(self) -> list[tuple[str, Any, dict[str, Any]]]:
        """The media type, schema and example of each ``@request_schema`` of the body."""
        return [
            (_MEDIA_TYPES[location], entry['schema'], _example(entry))
            for location, entry in self._schemas()
            if location in _MEDIA_TYPES
        ]

    @property
    def parameter_schemas(self) -> list[tuple[str, Any]]:
        """The place (``query``, ``header``, ``path`` or ``cookie``) and schema of each other ``@request_schema``."""
        return [(location, entry['schema']) for location, entry in self._schemas() if location not in _MEDIA_TYPES]

    def _schemas(self) -> list[tuple[str, dict[str, Any]]]:
        return [(_LOCATIONS[entry['location']], entry) for entry in self.get('schemas', ())]


def _example(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (entry.get('example') or {}).items() if name != 'add_to_refs'}


def _modernize(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter as OpenAPI 3 has it; in version 2 the keywords of its schema stood beside its name."""
    known = {name: value for name, value in parameter.items() if name in _PARAMETER_KEYS}
    loose = {name: value for name, value in parameter.items() if name not in (*_PARAMETER_KEYS, 'schema', 'required')}
    required = str(parameter.get('required', known['in'] == 'path')).lower() == 'true'
    schema = parameter.get('schema') or loose or {'type': 'string'}
    return {**known, 'required': required, **({} if 'content' in known else {'schema': schema})}
