"""What is measured."""

from typing import Any

from colibris.views import APIView, CreateMixin, ListMixin, ModelView, RetrieveMixin
from colibris.views.pagination import PageNumberPagination
from shop.models import Item
from shop.schemas import ItemSchema, OrderSchema


class Pages(PageNumberPagination):
    """Pages with the names that the other services use."""

    def envelope(self, page: Any, results: list[Any]) -> dict[str, Any]:
        """``count`` and ``items``."""
        return {'count': page.count, 'items': results}


async def ping(request: Any) -> dict[str, str]:
    """Work without any data."""
    return {'status': 'ok'}


class Validate(APIView):
    """A nested body, validated."""

    authentication_required = False
    body_schema_class = OrderSchema
    response_schema_class = OrderSchema

    async def post(self) -> Any:
        """Answer with what has been sent."""
        return await self.get_validated_body()


class Items(ListMixin, CreateMixin, ModelView):
    """Pages of rows, and new ones."""

    model = Item
    body_schema_class = ItemSchema
    pagination_class = Pages


class ItemView(RetrieveMixin, ModelView):
    """One row."""

    model = Item
    body_schema_class = ItemSchema
