"""What right answers are. A service that gives a wrong one is not measured."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol

from benchmarks.http.pieces import LARGEST_INTEGER, PAGE_SIZE, Request, make_item, make_order

EXAMPLES = 4  # of each piece of work
OLDEST_SECONDS = 120  # that a new row may be
DENIED = (401, 403)
REFUSED = range(400, 500)
MISSING = object()

ADDRESS = {'street': 'Main Street', 'city': 'Quito', 'zip': '12345'}
WRONG_ORDERS: dict[str, list[Any]] = {
    'name': [MISSING, ['a list'], 'x' * 65],
    'price': [MISSING, 'cheap', '-0.01'],
    'quantity': [MISSING, 'many', -1, 1.5],
    'tags': [MISSING, 'one', [{}], ['tag'] * 11],
    'address': [
        MISSING,
        'here',
        {'city': 'Quito', 'zip': '12345'},
        *({**ADDRESS, 'zip': code} for code in ('1234', '123456', 'abcde')),
    ],
}
WRONG_ITEMS: dict[str, list[Any]] = {
    'name': [MISSING, 'x' * 65],
    'price': [MISSING, 'cheap', '-1', '123456789.00'],
    'quantity': [MISSING, -1, LARGEST_INTEGER + 1],
    'tag': [MISSING, 'x' * 33],
    'active': ['perhaps'],
}
NO_ORDERS = (b'', b'[]', b'{"name": ')


class WrongAnswer(Exception):
    """A service has answered otherwise than it should."""


@dataclass(frozen=True)
class Answer:
    """A status, and the JSON that came with it."""

    status: int
    data: Any


class Shop(Protocol):
    """What is in the database."""

    keys: Sequence[str]
    rows: int

    def item(self, number: int) -> dict[str, Any] | None:
        """The row as a service should show it, its time as a ``datetime``."""

    def count(self) -> int:
        """The number of rows."""


class Examiner:
    """Asks a service questions whose answers are known.

    :param ask: sends a request.
    """

    def __init__(self, ask: Callable[[Request], Answer], shop: Shop) -> None:
        self._ask = ask
        self._shop = shop
        self._random = Random(1)

    def examine(self, pieces: Collection[str]) -> None:
        """Ask about these pieces of work.

        :raises WrongAnswer: one of the answers is wrong.
        """
        for piece in pieces:
            getattr(self, f'_examine_{piece}')()

    def _examine_ping(self) -> None:
        self._expect(Request('GET', '/ping'), 200, {'status': 'ok'})

    def _examine_validate(self) -> None:
        orders = [make_order(self._random) for _ in range(EXAMPLES)]
        limits = {'name': 'x' * 64, 'price': '0.00', 'quantity': 0, 'tags': ['tag'] * 10}
        for order in [*orders, {**orders[0], **limits}]:
            self._expect(Request('POST', '/validate', order), 200, order)
        for body in [*NO_ORDERS, *spoil(orders[0], WRONG_ORDERS)]:
            self._expect(Request('POST', '/validate', body), REFUSED)

    def _examine_page(self) -> None:
        self._expect_denial('GET', '/items')
        last = self._shop.rows // PAGE_SIZE
        for page, size in ((1, PAGE_SIZE), (2, PAGE_SIZE), (last, PAGE_SIZE), (3, 10)):
            request = Request('GET', f'/items?page={page}&page_size={size}', key=self._key())
            data = self._expect(request, 200)
            if not isinstance(data, dict) or data.get('count') != self._shop.rows or set(data) != {'count', 'items'}:
                raise _wrong(request, data, f'a count of {self._shop.rows}, and items')
            numbers = range((page - 1) * size + 1, page * size + 1)
            if len(data['items']) != size:
                raise _wrong(request, data, f'{size} items')
            for number, item in zip(numbers, data['items'], strict=True):
                self._compare(request, item, number)

    def _examine_row(self) -> None:
        self._expect_denial('GET', '/items/1')
        for number in (1, self._shop.rows, *(self._random.randint(1, self._shop.rows) for _ in range(EXAMPLES))):
            request = Request('GET', f'/items/{number}', key=self._key())
            self._compare(request, self._expect(request, 200), number)
        self._expect(Request('GET', f'/items/{LARGEST_INTEGER}', key=self._key()), 404)

    def _examine_insert(self) -> None:
        self._expect_denial('POST', '/items', make_item(self._random))
        before = self._shop.count()
        for body in (make_item(self._random) for _ in range(EXAMPLES)):
            request = Request('POST', '/items', body, self._key())
            self._check_new(request, self._expect(request, 201))
        for wrong in spoil(make_item(self._random), WRONG_ITEMS):
            self._expect(Request('POST', '/items', wrong, self._key()), REFUSED)
        if (added := self._shop.count() - before) != EXAMPLES:
            raise WrongAnswer(f'{EXAMPLES} rows should have been added, but {added} were')

    def _check_new(self, request: Request, data: Any) -> None:
        if not isinstance(data, dict) or {name: data.get(name) for name in request.body} != request.body:
            raise _wrong(request, data, 'what was sent')
        self._compare(request, data, data.get('id'))
        if abs((datetime.now(UTC) - moment(data['created_at'])).total_seconds()) > OLDEST_SECONDS:
            raise _wrong(request, data, 'the present time')

    def _compare(self, request: Request, data: Any, number: Any) -> None:
        expected = self._shop.item(number)
        try:
            shown = {**data, 'created_at': _whole(moment(data['created_at']))}
        except (KeyError, TypeError, ValueError):
            raise _wrong(request, data, f'item {number}') from None
        if expected is None or shown != {**expected, 'created_at': _whole(expected['created_at'])}:
            raise _wrong(request, data, f'{expected}')

    def _expect_denial(self, method: str, path: str, body: Any = None) -> None:
        for key in (None, 'no-such-key'):
            self._expect(Request(method, path, body, key), DENIED)

    def _expect(self, request: Request, status: int | Collection[int], data: Any = MISSING) -> Any:
        answer = self._ask(request)
        if answer.status not in ([status] if isinstance(status, int) else status):
            raise _wrong(request, answer, f'the status {status}')
        if data is not MISSING and answer.data != data:
            raise _wrong(request, answer.data, json.dumps(data))
        return answer.data

    def _key(self) -> str:
        return self._random.choice(self._shop.keys)


def spoil(body: Mapping[str, Any], wrong: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """The body with each of the wrong values in turn."""
    spoilt = [{**body, name: value} for name, values in wrong.items() for value in values]
    return [{name: value for name, value in each.items() if value is not MISSING} for each in spoilt]


def moment(text: str) -> datetime:
    """A time in an answer, which is in UTC where it does not say otherwise."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _whole(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)  # some services show milliseconds


def _wrong(request: Request, got: Any, expected: str) -> WrongAnswer:
    return WrongAnswer(f'{request.method} {request.path} {request.body!r}: {got!r:.300} instead of {expected:.300}')
