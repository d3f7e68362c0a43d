from tests.http_page.books import MODELS, fill
from tests.http_page.tables import Row, Section

ACCOUNTS = """

class Account(persist.Model):
    key = persist.CharField(unique=True)
    role = persist.CharField()
"""
SETTINGS = """
DEBUG = False
MAX_REQUEST_BODY_SIZE = 250_000
REQUEST_BODY_TIMEOUT = 0.1
AUTHENTICATION = {
    'backend': 'colibris.authentication.apikey.APIKeyBackend',
    'model': '__packagename__.models.Account',
    'key_field': 'key',
}
AUTHORIZATION = {
    'backend': 'colibris.authorization.role.RoleBackend', 'role_field': 'role', 'order': ['member', 'librarian'],
}
"""
ROUTES = """
from colibris.ratelimit import limit_rate


class BookSchema(ModelSchema):
    class Meta:
        model = models.Item


class AuthorSchema(ModelSchema):
    class Meta:
        model = models.Author


class BooksView(ListCreateModelView):
    authentication_required = False
    model = models.Item
    body_schema_class = BookSchema


class BookView(RetrieveUpdateDestroyModelView):
    authentication_required = False
    model = models.Item
    body_schema_class = BookSchema


class AuthorsView(ListCreateModelView):
    authentication_required = False
    model = models.Author
    body_schema_class = AuthorSchema


class AuthorView(RetrieveUpdateDestroyModelView):
    authentication_required = False
    model = models.Author
    body_schema_class = AuthorSchema


class CarefulView(BookView):
    if_match_required = True


class FinesView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = BookSchema
    permissions = {'librarian'}


class ChatView(WebSocketView):
    authentication_required = False

    async def serve(self, socket):
        pass


@limit_rate('1/hour')
def seldom(request):
    return 'once'


def busy(request):
    raise persist.PoolTimeout


def broken(request):
    return 1 / 0


ROUTES = [
    ('/books', BooksView), ('/books/{id}', BookView), ('/authors', AuthorsView), ('/authors/{id}', AuthorView),
    ('/careful/{id}', CarefulView), ('/fines', FinesView), ('/chat', ChatView),
    ('/seldom', seldom), ('/busy', busy), ('/broken', broken),
]
"""


def fill_all(models):
    fill(models)
    models.Account.create(key='the-key-of-a-member', role='member')


BOOK = {'title': 'Mansfield Park', 'author': 2}
SECTION = Section(
    column='What is wrong',
    models=MODELS + ACCOUNTS,
    settings=SETTINGS,
    routes=ROUTES,
    fill=fill_all,
    rows=[
        Row('the path', 'GET /nowhere'),
        Row('the encoding of the path', 'GET /books/%zz'),
        Row('the row', 'GET /books/99'),
        Row('the method', 'DELETE /books'),
        Row('no account', 'GET /fines'),
        Row('no such account', 'GET /fines', headers={'Authorization': 'Bearer nobody'}),
        Row('not allowed', 'GET /fines', headers={'Authorization': 'Bearer the-key-of-a-member'}),
        Row('no JSON', 'POST /books', body='{"title": '),
        Row('not a number', 'POST /books', body='{"copies": NaN}'),
        Row('no UTF-8', 'POST /books', body=b'{"title": "\xff"}'),
        Row('nested too deeply', 'POST /books', body='[' * 100_000 + ']' * 100_000),
        Row('a number of 5,000 digits', 'POST /books', body='{"copies": ' + '9' * 5000 + '}'),
        Row('not an object', 'POST /books', body=[1]),
        Row('another media type', 'POST /books', body='title=x', headers={'Content-Type': 'text/plain'}),
        Row('too large', 'POST /books', body={'title': 'x' * 250_000}),
        Row('too slow', 'POST /books', body='{"title": "Du', headers={'Content-Length': '20'}),
        Row('a header is too long', 'GET /books', headers={'X-Colour': 'x' * 9000}),
        Row('an expectation', 'GET /books', headers={'Expect': 'the-moon'}),
        Row('a field is missing', 'POST /books', body={'title': 'Mansfield Park'}),
        Row('a field is unknown', 'POST /books', body={**BOOK, 'pages': 400}),
        Row('a value does not fit', 'POST /books', body={**BOOK, 'copies': 'two'}),
        Row('a field cannot be written', 'POST /books', body={**BOOK, 'id': 7}),
        Row('a foreign key refers to nothing', 'POST /books', body={**BOOK, 'author': 99}),
        Row('a unique value is taken', 'POST /authors', body={'name': 'Jane Austen'}),
        Row('other rows refer to it', 'DELETE /authors/2'),
        Row('another version', 'PATCH /books/1', body={'copies': 4}, headers={'If-Match': '"another"'}),
        Row('no version', 'PATCH /careful/1', body={'copies': 4}),
        Row('no websocket', 'GET /chat'),
        Row('the first of one request an hour', 'GET /seldom'),
        Row('the second', 'GET /seldom'),
        Row('the database is busy, or away', 'GET /busy'),
        Row('a mistake in the view', 'GET /broken'),
    ],
)
