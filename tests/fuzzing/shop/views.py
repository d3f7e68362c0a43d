from aiohttp import web
from aiohttp_apispec import docs, request_schema, response_schema
from shop import models, schemas

from colibris.api import InvalidRequest
from colibris.api.envelope import MetaEnvelope, ProblemDetails
from colibris.authentication import require_authentication
from colibris.authorization import require_one_permission, require_permission
from colibris.schemas import fields
from colibris.views import (
    APIView,
    EventStream,
    ListCreateModelView,
    ListMixin,
    ModelView,
    RetrieveMixin,
    RetrieveUpdateDestroyModelView,
    WebSocketView,
    json_response,
    receive_upload,
)
from colibris.views.filtering import ModelFilter, operators
from colibris.views.pagination import CursorPagination, LimitOffsetPagination

EQUAL = (operators.EQ, operators.NOT, operators.IN, operators.IS_NULL)
SIZES = (operators.GT, operators.GE, operators.LT, operators.LE, operators.BETWEEN)
TEXTS = (operators.LIKE, operators.ILIKE, operators.REGEXP, operators.CONTAINS, operators.STARTSWITH)


class ThingFilter(ModelFilter):
    at_least = fields.TextInteger(metadata={'field': 'stock', 'operator': operators.GE})

    class Meta:
        model = models.Thing
        fields = {
            'name': (operators.NOT, operators.BETWEEN, *TEXTS),
            'stock': (*EQUAL, *SIZES),
            **dict.fromkeys(('price', 'made'), SIZES),
            **dict.fromkeys(('weight', 'day', 'hour', 'maker'), (operators.LE, operators.BETWEEN)),
            **dict.fromkeys(('is_new', 'code', 'kind', 'address'), (operators.EQ, operators.IN)),
        }


SORTED = (
    'id', 'name', 'maker', 'note', 'stock', 'big', 'price', 'weight', 'is_new', 'made', 'day', 'hour', 'code', 'kind',
    'address',
)  # fmt: skip


class ThingsView(ListCreateModelView):
    model = models.Thing
    body_schema_class = schemas.ThingSchema
    filter_class = ThingFilter
    search_fields = ('name', 'note')
    ordering_fields = SORTED

    @require_permission('clerk')
    async def post(self):
        return await super().post()


class ThingView(RetrieveUpdateDestroyModelView):
    model = models.Thing
    body_schema_class = schemas.ThingSchema
    permissions = {'clerk'}


class LimitedThingsView(ListMixin, ModelView):
    """Things by offset."""

    model = models.Thing
    response_schema_class = schemas.NestedThingSchema
    pagination_class = LimitOffsetPagination
    filter_class = ThingFilter
    ordering_fields = ('name', 'price')
    authentication_required = False


class LongThingsView(LimitedThingsView):
    """Things by cursor."""

    pagination_class = CursorPagination
    ordering_fields = SORTED


class StrictThingsView(LongThingsView):
    """Things by cursor, and no unknown parameters."""

    refuse_unknown_parameters = True
    envelope_class = MetaEnvelope


class MakersView(ListCreateModelView):
    model = models.Maker
    body_schema_class = schemas.MakerSchema
    pagination_class = None
    envelope_class = MetaEnvelope


class MakerView(RetrieveUpdateDestroyModelView):
    model = models.Maker
    body_schema_class = schemas.MakerSchema
    envelope_class = MetaEnvelope
    permissions = {'boss'}


class SeatsView(ListCreateModelView):
    model = models.Seat
    body_schema_class = schemas.SeatSchema
    pagination_class = CursorPagination
    ordering_fields = ('label', 'number')
    envelope_class = ProblemDetails


class SeatView(RetrieveUpdateDestroyModelView):
    model = models.Seat
    body_schema_class = schemas.SeatSchema
    lookup_field = 'label'
    envelope_class = ProblemDetails


class TagsView(ListCreateModelView):
    model = models.Tag
    body_schema_class = schemas.TagSchema
    pagination_class = LimitOffsetPagination
    search_fields = ('word',)


class TagView(RetrieveUpdateDestroyModelView):
    model = models.Tag
    body_schema_class = schemas.TagSchema
    if_match_required = True


class WishesView(ListCreateModelView):
    model = models.Wish
    body_schema_class = schemas.WishSchema
    owner_field = 'owner'


class WishView(RetrieveMixin, ModelView):
    model = models.Wish
    body_schema_class = schemas.WishSchema
    owner_field = 'owner'


class OrdersView(APIView):
    body_schema_class = schemas.OrderSchema
    response_schema_class = schemas.SumSchema

    async def post(self):
        """Order."""
        order = await self.get_validated_body()
        return {'total': order['amount'] * 2}


@request_schema(schemas.OrderSchema())
@response_schema(schemas.SumSchema(), 202)
@require_one_permission('clerk', 'boss')
def quote(request):
    """Ask for a price."""
    return json_response({'total': request['data']['amount']}, status=202)


@require_authentication
def ping(request):
    """Say that the service is there."""
    return 'pong'


class CountView(EventStream):
    """Count."""

    async def events(self):
        for number in range(3):
            yield {'number': number, 'things': models.Thing.select().count()}


class EchoView(WebSocketView):
    """Say everything again."""

    async def serve(self, socket):
        async for message in socket:
            await socket.send_json(str(message.data))


FILE = {'content': {'text/plain': {'schema': {'type': 'string'}}}, 'description': 'The file.'}
FORM = {
    'type': 'object',
    'properties': {'photo': {'type': 'string', 'format': 'binary'}},
    'required': ['photo'],
    'additionalProperties': False,
}


@docs(responses={200: FILE})
def source(request):
    """Send a file."""
    return web.FileResponse(__file__, headers={'Content-Type': 'text/plain'})


@docs(requestBody={'required': True, 'content': {'multipart/form-data': {'schema': FORM}}})
@response_schema(schemas.SumSchema())
async def upload(request):
    """Receive a photo."""
    async with receive_upload(request) as form:
        if form.fields or list(form.files) != ['photo']:
            raise InvalidRequest(details={'form': {'photo': ['Must be one file, and all.']}})
        return {'total': len(form.files['photo'].read())}
