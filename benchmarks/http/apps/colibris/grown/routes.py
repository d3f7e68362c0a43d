"""Paths: groups of four, with two functions and two classes each."""

import os

from aiohttp import web
from shop import routes, views


async def show(request: web.Request) -> dict[str, str]:
    """The path's variable."""
    return dict(request.match_info)


ROUTES = [
    *routes.ROUTES,
    *(
        (f'/api/group{number}/{path}', view)
        for number in range(int(os.environ['ROUTES']) // 4)
        for path, view in (
            ('items', views.Items),
            ('items/{id}', views.ItemView),
            ('notes', show),
            ('notes/{id}', show),
        )
    ),
]
