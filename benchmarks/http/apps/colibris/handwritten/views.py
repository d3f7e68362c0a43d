"""Views of items."""

from typing import Any

from aiohttp import web
from aiohttp_apispec import querystring_schema, request_schema
from shop.models import Item
from shop.schemas import ItemSchema

from colibris.api import NotFound
from colibris.authentication import require_authentication
from colibris.schemas import Schema, fields, validate
from colibris.views import json_response

SHOWN = ItemSchema()


class PageSchema(Schema):
    """Which page is wanted."""

    page = fields.Integer(load_default=1, validate=validate.Range(1))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 100))


@require_authentication
@querystring_schema(PageSchema)
async def get_page(request: web.Request) -> Any:
    """A page of rows."""
    wanted = request['querystring']
    page = Item.select().order_by(Item.id).paginate(wanted['page'], wanted['page_size'])
    return {'count': Item.select().count(), 'items': SHOWN.dump(page, many=True)}


@require_authentication
async def get_one(request: web.Request) -> Any:
    """One row."""
    item = Item.get_or_none(Item.id == int(request.match_info['id']))
    if item is None:
        raise NotFound
    return SHOWN.dump(item)


@require_authentication
@request_schema(ItemSchema)
async def create(request: web.Request) -> Any:
    """A new row."""
    item = Item.create(**request['data'])
    return json_response(SHOWN.dump(item), status=201)
