"""Links to other pages."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

__all__ = ['link']


def link(request: web.Request, changes: Mapping[str, Any]) -> str:
    """The request's URL with other query parameters; all that are not changed stay as they are.

    :param changes: the new values by name, in the order in which they are put behind the others; ``None`` removes one.
    """
    kept = [(name, value) for name, value in request.query.items() if name not in changes]
    changed = [(name, str(value)) for name, value in changes.items() if value is not None]
    relative = request.rel_url.with_query([*kept, *changed])
    try:
        return str(request.url.join(relative))
    except ValueError:  # of a broken header Host no URL can be made
        return str(relative)
