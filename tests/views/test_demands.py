"""What keeps strangers out keeps them out of every form of view."""

import pytest

from colibris.app import create_app
from colibris.errors import ConfigurationError
from tests.authentication.test_apikey import MODELS, SETTINGS

ROUTES = """
import functools


@require_permission('admin')
def admin(request, flag=0):
    return flag


class Plain(web.View):
    async def get(self):
        return web.json_response('plain')


ROUTES = [('/partial', functools.partial(functools.partial(admin), flag=1)), ('/plain', Plain)]
"""


@pytest.mark.parametrize('path', ['/partial', '/plain'])
async def test_strangers_are_refused(serve, path):
    client = await serve(ROUTES, models=MODELS, settings=SETTINGS)
    assert (await client.get(path)).status == 401


def test_authentication_needs_its_middleware(project):
    without = "MIDDLEWARE = ['colibris.middleware.handle_errors_json']\n"
    project(settings=SETTINGS + without, models=MODELS, routes='ROUTES = []')
    with pytest.raises(ConfigurationError, match=r'MIDDLEWARE lacks colibris\.middleware\.handle_auth'):
        create_app()


async def test_an_answer_that_has_begun_gets_no_second_one(serve):
    client = await serve("""
        from colibris.api import NotFound

        async def broken(request):
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(b'part')
            raise {'api': NotFound(), 'http': web.HTTPForbidden(), 'bug': KeyError()}[request.query['what']]

        ROUTES = [('/broken', broken)]
    """)
    for what in ('api', 'http', 'bug'):
        response = await client.get('/broken', params={'what': what})
        with pytest.raises(Exception, match='payload'):
            await response.read()


async def test_an_update_keeps_what_others_have_written(serve):
    client = await serve("""
        class ItemView(RetrieveUpdateDestroyModelView):
            model = models.Item
            body_schema_class = ItemSchema

            def perform_update(self, instance, data):
                models.Item.update(amount=99).execute()
                return super().perform_update(instance, data)

        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = ItemSchema

        ROUTES = [('/items', ItemsView), ('/items/{id}', ItemView)]
    """)
    await client.post('/items', json={'name': 'x'})
    assert (await client.patch('/items/1', json={'name': 'y'})).status == 200
    item = await (await client.get('/items/1')).json()
    assert (item['name'], item['amount']) == ('y', 99)


async def test_an_update_of_what_is_gone_is_404(serve):
    client = await serve("""
        class ItemView(RetrieveUpdateDestroyModelView):
            model = models.Item
            body_schema_class = ItemSchema

            def perform_update(self, instance, data):
                models.Item.delete().execute()
                return super().perform_update(instance, data)

        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = ItemSchema

        ROUTES = [('/items', ItemsView), ('/items/{id}', ItemView)]
    """)
    await client.post('/items', json={'name': 'x'})
    assert (await client.patch('/items/1', json={'name': 'y'})).status == 404


async def test_a_body_of_very_many_fields_is_refused_at_once(serve):
    client = await serve("""
        class ItemsView(ListCreateModelView):
            model = models.Item
            body_schema_class = ItemSchema

        ROUTES = [('/items', ItemsView)]
    """)
    response = await client.post('/items', json={str(number): 0 for number in range(1001)})
    assert response.status == 400
    assert (await response.json())['details'] is None
