from tests.http_page.books import MODELS, fill
from tests.http_page.tables import Row, Section

ROUTES = """
from colibris.api.envelope import MetaEnvelope, ProblemDetails
from colibris.views.pagination import LimitOffsetPagination


class TitleSchema(ModelSchema):
    class Meta:
        model = models.Item
        fields = ('id', 'title')


class BooksView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = TitleSchema
    pagination_class = LimitOffsetPagination


class BookView(RetrieveMixin, ModelView):
    model = models.Item
    body_schema_class = TitleSchema


class MetaBooksView(BooksView):
    envelope_class = MetaEnvelope


class MetaBookView(BookView):
    envelope_class = MetaEnvelope


class SquareView(View):
    envelope_class = MetaEnvelope

    def post(self):
        value = int(self.request.match_info['value'])
        if value > 10:
            self.add_error('Value larger than expected 10', path='value')
        return value**2


class ProblemBookView(BookView):
    envelope_class = ProblemDetails


ROUTES = [
    ('/books', BooksView), ('/books/{id}', BookView),
    ('/meta/books', MetaBooksView), ('/meta/books/{id}', MetaBookView),
    ('/meta/square/{value}', SquareView), ('/problem/books/{id}', ProblemBookView),
]
"""
SECTION = Section(
    column='Envelope',
    models=MODELS,
    routes=ROUTES,
    fill=fill,
    shown_headers=('Content-Type',),
    rows=[
        Row('none', 'GET /books/1'),
        Row('', 'GET /books?limit=1'),
        Row('', 'GET /books/9'),
        Row('`MetaEnvelope`', 'GET /meta/books/1'),
        Row('', 'GET /meta/books?limit=1'),
        Row('', 'GET /meta/books/9'),
        Row('', 'POST /meta/square/3'),
        Row('', 'POST /meta/square/11'),
        Row('`ProblemDetails`', 'GET /problem/books/1'),
        Row('', 'GET /problem/books/9'),
    ],
)
