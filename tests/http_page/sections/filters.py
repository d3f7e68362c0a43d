from tests.http_page.books import MODELS, fill
from tests.http_page.tables import Row, Section

ROUTES = """
class TitleSchema(ModelSchema):
    class Meta:
        model = models.Item
        fields = ('id', 'title')


class BookFilter(ModelFilter):
    at_least = fields.TextInteger(metadata={'field': 'copies', 'operator': operators.GE})

    class Meta:
        model = models.Item
        fields = {
            'title': (
                operators.EQ, operators.NOT, operators.LIKE, operators.ILIKE, operators.REGEXP, operators.CONTAINS,
                operators.STARTSWITH,
            ),
            'copies': (operators.GT, operators.GE, operators.LT, operators.LE, operators.IN, operators.BETWEEN),
            'published': (operators.IS_NULL,),
        }


class BooksView(ListMixin, ModelView):
    model = models.Item
    body_schema_class = TitleSchema
    filter_class = BookFilter
    search_fields = ('title',)
    ordering_fields = ('copies', 'title')
    pagination_class = None


class StrictView(BooksView):
    refuse_unknown_parameters = True


ROUTES = [('/books', BooksView), ('/strict', StrictView)]
"""
SECTION = Section(
    column='What',
    models=MODELS,
    routes=ROUTES,
    fill=fill,
    rows=[
        Row('`EQ`', 'GET /books?title=Dune'),
        Row('`NOT`', 'GET /books?title__not=Dune'),
        Row('`GT`', 'GET /books?copies__gt=2'),
        Row('`GE`', 'GET /books?copies__ge=2'),
        Row('`LT`', 'GET /books?copies__lt=2'),
        Row('`LE`', 'GET /books?copies__le=1'),
        Row('`BETWEEN`', 'GET /books?copies__between=2,3'),
        Row('`IN`', 'GET /books?copies__in=1,3'),
        Row('`IS_NULL`', 'GET /books?published__is_null=true'),
        Row('`CONTAINS`', 'GET /books?title__contains=U'),
        Row('`STARTSWITH`', 'GET /books?title__startswith=100%25'),
        Row('`LIKE`', 'GET /books?title__like=%25u%25'),
        Row('`ILIKE`', 'GET /books?title__ilike=e_ma'),
        Row('`REGEXP`', 'GET /books?title__regexp=^[DE]'),
        Row('a parameter of your own', 'GET /books?at_least=3'),
        Row('several', 'GET /books?copies__ge=2&title__contains=u'),
        Row('a value that does not fit', 'GET /books?copies__gt=many'),
        Row('search', 'GET /books?search=star+whip'),
        Row('ordering', 'GET /books?copies__ge=2&ordering=-copies,title'),
        Row('an ordering that is not offered', 'GET /books?ordering=published'),
        Row('an unknown parameter', 'GET /books?titel=Dune&copies__gt=2'),
        Row('the same where it is refused', 'GET /strict?titel=Dune&copies__gt=2'),
    ],
)
