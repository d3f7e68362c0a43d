"""Models whose ``select`` or ``insert`` a project has overridden, for example so that tenants see their own rows."""

from .serving import MODELS

NOTES = """


class Note(persist.Model):
    tenant = persist.CharField(default='')
    text = persist.CharField(unique=True)
    current = 'Ada'

    @classmethod
    def select(cls, *fields):
        return super().select(*fields).where(cls.tenant == Note.current)

    @classmethod
    def insert(cls, *args, **values):
        return super().insert(*args, **{**values, 'tenant': Note.current})
"""
ROUTES = """
class NoteSchema(ModelSchema):
    class Meta:
        model = models.Note
        fields = ('id', 'text')


class NotesView(ListCreateModelView):
    model = models.Note
    body_schema_class = NoteSchema


class NoteView(RetrieveUpdateDestroyModelView):
    model = models.Note
    body_schema_class = NoteSchema


async def choose(request):
    models.Note.current = request.match_info['name']


ROUTES = [('/notes', NotesView), ('/notes/{id}', NoteView), ('/choose/{name}', choose)]
"""


async def test_each_tenant_sees_and_makes_its_own(serve):
    client = await serve(ROUTES, models=MODELS + NOTES)

    async def results(name):
        assert (await client.get(f'/choose/{name}')).status == 200
        return [row['text'] for row in (await (await client.get('/notes')).json())['results']]

    async def status(number):
        return (await client.get(f'/notes/{number}')).status

    assert (await client.post('/notes', json={'text': 'hers'})).status == 201
    assert (await results('Ada'), await status(1)) == (['hers'], 200)
    assert (await results('Bob'), await status(1)) == ([], 404)
    assert (await client.post('/notes', json={'text': 'his'})).status == 201
    assert (await results('Bob'), await status(2)) == (['his'], 200)
    assert (await results('Ada'), await status(2)) == (['hers'], 404)
    assert (await client.delete('/notes/2')).status == 404
