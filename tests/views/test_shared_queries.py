"""Lists whose query is the same for all requests: each answer has the rows of its own time."""

import pytest

from .serving import MODELS

NOTES = """


class Note(persist.Model):
    text = persist.CharField()
"""
ROUTES = """
from colibris.views.pagination import Page, Pagination
from marshmallow import Schema


class NoteSchema(ModelSchema):
    class Meta:
        model = models.Note


class Whole(Pagination):
    parameter_names = ()

    @classmethod
    def get_query_schema_class(cls):
        return Schema

    @classmethod
    def get_response_schema_fields(cls, item_schema):
        return {}

    def paginate(self, query):
        return Page([row for row in query], count=len(query))

    def envelope(self, page, results):
        return {'results': results}


class NotesView(ListCreateModelView):
    model = models.Note
    body_schema_class = NoteSchema
    pagination_class = None


class WholeView(NotesView):
    pagination_class = Whole


ROUTES = [('/none', NotesView), ('/own', WholeView)]
"""


async def texts(client, path):
    answer = await (await client.get(path)).json()
    return [row['text'] for row in (answer['results'] if path == '/own' else answer)]


@pytest.mark.parametrize('path', ['/none', '/own'])
async def test_rows_are_read_anew_for_each_request(serve, path):
    client = await serve(ROUTES, models=MODELS + NOTES)
    for number in range(3):
        assert await texts(client, path) == [str(earlier) for earlier in range(number)]
        assert (await client.post(path, json={'text': str(number)})).status == 201
