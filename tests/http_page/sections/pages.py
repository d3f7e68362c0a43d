from tests.http_page.books import MODELS, fill
from tests.http_page.tables import Row, Section

ROUTES = """
from colibris.views.pagination import CursorPagination, LimitOffsetPagination


class TitleSchema(ModelSchema):
    class Meta:
        model = models.Item
        fields = ('id', 'title')


class BooksView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = TitleSchema
    ordering_fields = ('copies', 'title')


class LimitedView(BooksView):
    pagination_class = LimitOffsetPagination


class LongView(BooksView):
    pagination_class = CursorPagination


class WholeView(BooksView):
    pagination_class = None


ROUTES = [('/books', BooksView), ('/limited', LimitedView), ('/long', LongView), ('/whole', WholeView)]
"""
SECTION = Section(
    column='Pages',
    models=MODELS,
    settings="SECRET_KEY = 'the secret of a page'\n",
    routes=ROUTES,
    fill=fill,
    rows=[
        Row('`PageNumberPagination`', 'GET /books?page_size=2'),
        Row('the last page', 'GET /books?page=3&page_size=2'),
        Row('one beyond it', 'GET /books?page=4&page_size=2'),
        Row('too large', 'GET /books?page_size=101'),
        Row('`LimitOffsetPagination`', 'GET /limited?limit=2&ordering=title'),
        Row('its next page', 'GET {next}'),
        Row('`CursorPagination`', 'GET /long?page_size=2&ordering=-copies'),
        Row('its next page', 'GET {next}'),
        Row('its last page', 'GET {next}'),
        Row('back', 'GET {prev}'),
        Row('a cursor that was changed', 'GET /long?page_size=2&cursor=AAAA'),
        Row('`None`', 'GET /whole'),
    ],
)
