"""A service that answers wrongly is refused before it is measured."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.http.answers import MISSING, Answer, Examiner, WrongAnswer, spoil
from benchmarks.http.pieces import PIECES

ROWS = 100
KEY = 'the key'


class Shop:
    """A database in memory."""

    keys = (KEY,)
    rows = ROWS

    def __init__(self):
        self.items = {number: self.make(number, f'Item {number}') for number in range(1, ROWS + 1)}

    def make(self, number, name, **values):
        item = {'description': None, 'price': '9.50', 'quantity': 3, 'tag': 'tag', 'active': True}
        return {'id': number, 'name': name, **item, **values, 'created_at': datetime.now(UTC)}

    def item(self, number):
        return self.items.get(number)

    def count(self):
        return len(self.items)


class Service:
    """Answers as it should; ``fault`` changes what it says."""

    def __init__(self, shop, fault=lambda request, answer: answer):
        self.shop = shop
        self.fault = fault

    def ask(self, request):
        return self.fault(request, self.answer(request))

    def answer(self, request):
        path, _, query = request.path.partition('?')
        if path == '/ping':
            return Answer(200, {'status': 'ok'})
        if path == '/validate':
            return Answer(200, request.body) if is_order(request.body) else Answer(422, None)
        if request.key != KEY:
            return Answer(401, None)
        if request.method == 'POST':
            return self.create(request.body)
        if path == '/items':
            return self.page(**dict(word.split('=') for word in query.split('&')))
        item = self.shop.item(int(path.rpartition('/')[2]))
        return Answer(200, shown(item)) if item else Answer(404, None)

    def page(self, page, page_size):
        end = int(page) * int(page_size)
        items = [shown(self.shop.item(number)) for number in range(end - int(page_size) + 1, end + 1)]
        return Answer(200, {'count': self.shop.count(), 'items': items})

    def create(self, body):
        if not is_item(body):
            return Answer(400, None)
        number = self.shop.count() + 1
        self.shop.items[number] = self.shop.make(number, **body)
        return Answer(201, shown(self.shop.items[number]))


def shown(item):
    return {**item, 'created_at': item['created_at'].isoformat()}


def is_order(body):
    try:
        code, tags = body['address']['zip'], body['tags']
        right = len(code) == 5 and code.isdigit() and body['address']['street'] and isinstance(tags, list)
        return right and len(tags) <= 10 and {*map(type, tags)} == {str} and are_plain(body)
    except (KeyError, TypeError, ValueError):
        return False


def is_item(body):
    try:
        small = body['quantity'] < 2**31 and float(body['price']) < 10**8 and len(body['tag']) <= 32
        return small and isinstance(body['active'], bool) and are_plain(body)
    except (KeyError, TypeError, ValueError):
        return False


def are_plain(body):
    name, quantity = body['name'], body['quantity']
    right = isinstance(name, str) and len(name) <= 64 and isinstance(quantity, int) and quantity >= 0
    return right and float(body['price']) >= 0


def examine(fault=lambda request, answer: answer, pieces=tuple(PIECES)):
    shop = Shop()
    Examiner(Service(shop, fault).ask, shop).examine(pieces)


def test_right_answers_pass():
    examine()


def changed(path, **changes):
    """A service that changes its good answers to some requests."""

    def fault(request, answer):
        if not request.path.startswith(path) or answer.status >= 400:
            return answer
        return Answer(answer.status, {**answer.data, **changes})

    return fault


def in_first_item(**changes):
    """A service whose pages begin with another item."""

    def fault(request, answer):
        if not request.path.startswith('/items?') or answer.status >= 400:
            return answer
        first, *others = answer.data['items']
        return Answer(200, {**answer.data, 'items': [{**first, **changes}, *others]})

    return fault


def lenient(request, answer):
    return Answer(200, request.body) if request.path == '/validate' else answer


def public(request, answer):
    return Answer(200, []) if answer.status == 401 else answer


def forgetful(request, answer):
    return answer if answer.status != 201 else Answer(201, {**answer.data, 'id': 10**6})


def short(request, answer):
    if not request.path.startswith('/items?') or answer.status >= 400:
        return answer
    return Answer(200, {**answer.data, 'items': answer.data['items'][:-1]})


def never_missing(request, answer):
    return Answer(200, {}) if answer.status == 404 else answer


FAULTS = {
    'another word': ('ping', changed('/ping', status='fine')),
    'another order': ('validate', changed('/validate', quantity=-7)),
    'no validation': ('validate', lenient),
    'no authentication of pages': ('page', public),
    'no authentication of rows': ('row', public),
    'no authentication of new rows': ('insert', public),
    'no count': ('page', changed('/items?', count=None)),
    'a wrong count': ('page', changed('/items?', count=7)),
    'more than a page': ('page', changed('/items?', more=True)),
    'a short page': ('page', short),
    'another row in a page': ('page', in_first_item(id=5)),
    'a number for a price': ('page', in_first_item(price=9.5)),
    'another name': ('row', changed('/items/', name='x')),
    'a field too many': ('row', changed('/items/', more=1)),
    'no time': ('row', changed('/items/', created_at='now')),
    'another time': ('row', changed('/items/', created_at='2020-01-01T00:00:00Z')),
    'no 404': ('row', never_missing),
    'a row that is not there': ('insert', forgetful),
    'another description': ('insert', changed('/items', description='x')),
    'not created': ('insert', lambda request, answer: Answer(200, answer.data) if answer.status == 201 else answer),
}


@pytest.mark.parametrize(('piece', 'fault'), FAULTS.values(), ids=FAULTS)
def test_wrong_answers_are_refused(piece, fault):
    with pytest.raises(WrongAnswer):
        examine(fault, [piece])


def test_rows_that_should_not_be_added_are_noticed():
    shop = Shop()

    def adds(request, answer):
        if answer.status == 400:
            number = shop.count() + 1
            shop.items[number] = shop.make(number, 'stored all the same')
        return answer

    with pytest.raises(WrongAnswer, match='4 rows should have been added'):
        Examiner(Service(shop, adds).ask, shop).examine(['insert'])


def test_new_rows_are_of_the_present():
    shop = Shop()

    def stamps(request, answer):
        if answer.status != 201:
            return answer
        item = shop.items[answer.data['id']]
        item['created_at'] -= timedelta(hours=1)
        return Answer(201, shown(item))

    with pytest.raises(WrongAnswer, match='the present time'):
        Examiner(Service(shop, stamps).ask, shop).examine(['insert'])


def test_a_refusal_names_request_and_answer():
    with pytest.raises(WrongAnswer, match=r"GET /ping None: \{'status': 'fine'\} instead of \{\"status\": \"ok\"\}"):
        examine(lambda request, answer: Answer(200, {'status': 'fine'}), ['ping'])


def test_bodies_are_spoilt_one_value_at_a_time():
    assert spoil({'a': 1, 'b': 2}, {'a': [MISSING, -1]}) == [{'b': 2}, {'a': -1, 'b': 2}]
