from aiohttp import web
from colibris.shortcuts import html_response
from colibris.views import (
    APIView,
    CreateMixin,
    ListCreateModelView,
    ListMixin,
    ModelView,
    RetrieveUpdateDestroyModelView,
)

from yourproject.models import Model
from yourproject.schemas import ItemSchema, PlainItemSchema, QuerySchema


def index(request):
    return html_response('<h1>value1</h1>')


class PlainItemsView(APIView):
    body_schema_class = PlainItemSchema
    query_schema_class = QuerySchema

    async def get(self):
        args = await self.get_validated_query()

        return web.json_response(args)

    async def post(self):
        data = await self.get_validated_body()

        return web.json_response(data)


class MixedItemsView(ModelView, ListMixin, CreateMixin):
    model = Model
    body_schema_class = ItemSchema
    query_schema_class = QuerySchema


class ItemsView(ListCreateModelView):
    model = Model
    body_schema_class = ItemSchema


class ItemsDetailView(RetrieveUpdateDestroyModelView):
    model = Model
    body_schema_class = ItemSchema
