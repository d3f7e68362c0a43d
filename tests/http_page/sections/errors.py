from tests.http_page.books import MODELS, fill
from tests.http_page.tables import Row, Section

ROUTES = """
class BookSchema(ModelSchema):
    class Meta:
        model = models.Item


class AuthorSchema(ModelSchema):
    class Meta:
        model = models.Author


class BooksView(ListCreateModelView):
    model = models.Item
    body_schema_class = BookSchema


class BookView(RetrieveUpdateDestroyModelView):
    model = models.Item
    body_schema_class = BookSchema


class AuthorsView(ListCreateModelView):
    model = models.Author
    body_schema_class = AuthorSchema


class AuthorView(RetrieveUpdateDestroyModelView):
    model = models.Author
    body_schema_class = AuthorSchema


class CarefulView(BookView):
    if_match_required = True


def broken(request):
    return 1 / 0


ROUTES = [
    ('/books', BooksView), ('/books/{id}', BookView), ('/authors', AuthorsView), ('/authors/{id}', AuthorView),
    ('/careful/{id}', CarefulView), ('/broken', broken),
]
"""
BOOK = {'title': 'Mansfield Park', 'author': 2}
SECTION = Section(
    column='What is wrong',
    models=MODELS,
    settings='MAX_REQUEST_BODY_SIZE = 200\nDEBUG = False\n',
    routes=ROUTES,
    fill=fill,
    rows=[
        Row('the path', 'GET /nowhere'),
        Row('the row', 'GET /books/99'),
        Row('the method', 'DELETE /books'),
        Row('no JSON', 'POST /books', body='{"title": '),
        Row('not a number', 'POST /books', body='{"copies": NaN}'),
        Row('not an object', 'POST /books', body=[1]),
        Row('another media type', 'POST /books', body='title=x', headers={'Content-Type': 'text/plain'}),
        Row('too large', 'POST /books', body={'title': 'x' * 200}),
        Row('a field is missing', 'POST /books', body={'title': 'Mansfield Park'}),
        Row('a field is unknown', 'POST /books', body={**BOOK, 'pages': 400}),
        Row('a value does not fit', 'POST /books', body={**BOOK, 'copies': 'two'}),
        Row('a field cannot be written', 'POST /books', body={**BOOK, 'id': 7}),
        Row('a foreign key refers to nothing', 'POST /books', body={**BOOK, 'author': 99}),
        Row('a unique value is taken', 'POST /authors', body={'name': 'Jane Austen'}),
        Row('other rows refer to it', 'DELETE /authors/2'),
        Row('another version', 'PATCH /books/1', body={'copies': 4}, headers={'If-Match': '"another"'}),
        Row('no version', 'PATCH /careful/1', body={'copies': 4}),
        Row('a mistake in the view', 'GET /broken'),
    ],
)
