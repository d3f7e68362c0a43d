"""Decorators mark what they return, and nothing else."""

import functools
import inspect

import pytest

from colibris.authentication import is_authentication_required, require_authentication
from colibris.authorization import Permissions, permissions_of, require_one_permission, require_permission
from colibris.errors import ConfigurationError
from tests.authentication.test_apikey import MODELS, SETTINGS
from tests.authorization.test_permissions import ROLES


def groups_of(view):
    return {''.join(sorted(group)) for group in permissions_of(view).groups}


def plain(request, *rest, key='default'):
    """Answer."""
    return request, rest, key


async def waiting(request):
    return request


class Callable:
    def __call__(self, request):
        return request

    def method(self, request):
        return request


@pytest.mark.parametrize('function', [plain, waiting, Callable(), Callable().method, functools.partial(plain, key='x')])
def test_function_used_twice(function):
    a, b = require_permission('a')(function), require_permission('b')(function)
    both = require_one_permission('c', 'd')(a)
    assert [groups_of(each) for each in (function, a, b, both)] == [set(), {'a'}, {'b'}, {'a', 'cd'}]
    private = require_authentication(function)
    assert [is_authentication_required(each) for each in (function, private)] == [False, True]


def test_decorated_function_is_the_same_otherwise():
    decorated = require_permission('a')(plain)
    assert decorated(1, 2, key='k') == (1, (2,), 'k')
    assert decorated(1) == (1, (), 'default')
    assert (decorated.__name__, decorated.__doc__, decorated.__module__) == ('plain', 'Answer.', __name__)
    assert inspect.signature(decorated) == inspect.signature(plain)
    assert inspect.iscoroutinefunction(require_permission('a')(waiting))


def test_method_with_super():
    class Base:
        def get(self):
            return 'base'

    class View(Base):
        @require_permission('a')
        def get(self):
            return f'{super().get()} {__class__.__name__}'

    assert View().get() == 'base View'


def test_partial_function_keeps_what_its_function_demands():
    inner = require_authentication(require_permission('a')(plain))
    decorated = require_permission('b')(functools.partial(functools.partial(inner, key='x'), key='y'))
    assert groups_of(decorated) == {'a', 'b'}
    assert is_authentication_required(decorated)
    assert decorated(1) == (1, (), 'y')


async def test_partial_functions_in_routes(serve):
    routes = """
    from functools import partial

    def answer(request, text):
        return text

    ROUTES = [
        ('/open', partial(answer, text='open')),
        ('/outside', require_permission('admin')(partial(answer, text='outside'))),
        ('/inside', partial(require_permission('admin')(answer), text='inside')),
    ]
    """
    client = await serve(routes, models=MODELS, settings=SETTINGS + ROLES)
    assert [(await client.get(path)).status for path in ('/open', '/outside', '/inside')] == [200, 401, 401]


@pytest.mark.parametrize('declared', [{5}, [''], ['a', None], [['a']], {'a': 1, 2: 3}])
def test_attribute_that_names_no_permission(declared):
    with pytest.raises(ConfigurationError, match='a permission has to be named'):
        permissions_of(type('View', (), {'permissions': declared}))


@pytest.mark.parametrize('declared', [None, (), set(), ''])
def test_attribute_that_demands_nothing(declared):
    assert permissions_of(type('View', (), {'permissions': declared})) == Permissions()
