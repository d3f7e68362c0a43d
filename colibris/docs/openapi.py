"""The OpenAPI document."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from colibris.views.routing import Endpoint

__all__ = ['build_document']


def build_document(
    endpoints: 'Iterable[Endpoint]', *, title: str, version: str, description: str = ''
) -> dict[str, Any]:
    """The OpenAPI 3.1 document that describes the endpoints; it can be written as JSON.

    :param endpoints: in the order in which requests are matched: of two for one path and method the first is described.
    :param title: the name of the API.
    :param version: the version of the API.
    :param description: what the API is for, in Markdown.
    :raises ConfigurationError: a view's schemas, filter or backends cannot be made.
    """
    # Only a process that builds the document pays for the import of apispec.
    from colibris.docs.document import Document

    document = Document(title, version, description)
    for endpoint in endpoints:
        document.add(endpoint)
    return document.as_dict()
