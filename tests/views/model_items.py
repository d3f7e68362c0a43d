"""Views of items and of what they refer to."""

ROUTES = """
class ItemsView(ListCreateModelView):
    model = models.Item
    body_schema_class = ItemSchema


class ItemView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = ItemSchema


class ItemByNameView(RetrieveMixin, DestroyMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    lookup_field = 'name'
    url_identifier = 'who'


class ItemByCodeView(RetrieveMixin, ModelView):
    model = models.Item
    body_schema_class = ItemSchema
    lookup_field = 'code'


class OrganizationsView(ListCreateModelView):
    model = models.Organization
    body_schema_class = OrganizationSchema


class OrganizationView(RetrieveUpdateDestroyModelView):
    model = models.Organization
    body_schema_class = OrganizationSchema


ROUTES = [
    ('/items', ItemsView),
    ('/items/{id}', ItemView),
    ('/named/{realm}/{who}', ItemByNameView),
    ('/coded/{code}', ItemByCodeView),
    ('/organizations', OrganizationsView),
    ('/organizations/{id}', OrganizationView),
]
"""


async def create(client, path='/items', **values):
    """A row, made through the API."""
    response = await client.post(path, json=values)
    assert response.status == 201, await response.text()
    return await response.json()
