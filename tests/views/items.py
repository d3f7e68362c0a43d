"""A few items to be listed, and views that list them."""

from colibris.conf import settings
from colibris.persist import models_of

ROUTES = """
class ItemFilter(ModelFilter):
    heavier_than = fields.TextInteger(metadata={'field': 'weight', 'operator': operators.GT})

    class Meta:
        model = models.Item
        fields = {
            'name': (
                operators.EQ, operators.NOT, operators.LIKE, operators.ILIKE, operators.REGEXP, operators.IN,
                operators.CONTAINS, operators.STARTSWITH,
            ),
            'amount': (
                operators.EQ, operators.GT, operators.GE, operators.LT, operators.LE, operators.IN, operators.BETWEEN,
            ),
            'is_new': (operators.EQ,),
            'price': (operators.EQ, operators.GT),
            'weight': (operators.GT,),
            'made': (operators.GE, operators.BETWEEN),
            'kind': (operators.EQ,),
            'code': (operators.EQ,),
            'day': (operators.IS_NULL,),
            'organization': (operators.EQ, operators.IS_NULL),
        }


class ItemsView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    filter_class = ItemFilter
    ordering_fields = ('name', 'amount')


class SortedView(ItemsView):
    def get_query(self):
        return models.Item.select().order_by(models.Item.amount.desc())


ROUTES = [('/items', ItemsView), ('/sorted', SortedView)]
"""

ROWS = [
    {'name': 'Apple_1', 'amount': 1, 'is_new': True, 'price': '1.50', 'weight': 0.5, 'made': '2020-01-01T00:00:00'},
    {'name': 'apple 2', 'amount': 2, 'is_new': False, 'price': '10.00', 'weight': 9.0, 'made': '2021-01-01T00:00:00'},
    {'name': '100% *[x]?', 'amount': 3, 'day': '2020-01-01', 'kind': 'b', 'made': '2022-01-01T00:00:00.500000'},
    {'name': 'a\\b', 'amount': 3, 'made': '2023-01-01T00:00:00'},
]


async def serve_items(serve, run, engine='sqlite', routes=ROUTES):
    """A client of a project with those items."""
    client = await serve(routes, engine=engine)
    item = models_of(settings.PROJECT_PACKAGE_NAME)[1]
    await run(lambda: [item.create(**row) for row in ROWS])
    return client


async def found(client, path='/items', **parameters):
    """The ids in a list."""
    response = await client.get(path, params=parameters)
    assert response.status == 200, await response.text()
    return [item['id'] for item in (await response.json())['results']]
