"""The five pieces of work that every service does, and the requests that ask for them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

HOST = '127.0.0.1'
PAGE_SIZE = 25
PAGES = 40  # of which the load asks for one at random
LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class Request:
    """A request; ``body`` is sent as JSON, or as it is when it is bytes."""

    method: str
    path: str
    body: Any = None
    key: str | None = None

    def encode(self) -> bytes:
        """What goes over the wire."""
        head = [f'{self.method} {self.path} HTTP/1.1', f'Host: {HOST}', 'Accept: application/json']
        body = b''
        if self.key is not None:
            head.append(f'Authorization: Bearer {self.key}')
        if self.body is not None:
            body = self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()
            head += ['Content-Type: application/json', f'Content-Length: {len(body)}']
        return '\r\n'.join([*head, '', '']).encode() + body


def make_order(random: Random) -> dict[str, Any]:
    """A nested body, which a service answers with what it has been sent."""
    return {
        'name': f'Ordér {random.randrange(100_000)}',
        'price': make_price(random),
        'quantity': random.randrange(1_000),
        'tags': [f'tag {random.randrange(30)}' for _ in range(random.randint(2, 6))],
        'address': {
            'street': f'{random.randint(1, 500)} Hummingbird Lane',
            'city': 'Quito',
            'zip': f'{random.randrange(100_000):05}',
        },
    }


def make_item(random: Random) -> dict[str, Any]:
    """The body that makes a row."""
    return {
        'name': f'New item {random.randrange(100_000)}',
        'description': random.choice([None, 'Made under load.', 'A "quoted" description, from a café.']),
        'price': make_price(random),
        'quantity': random.randrange(1_000),
        'tag': f'tag {random.randrange(30)}',
        'active': random.choice([True, False]),
    }


def make_price(random: Random) -> str:
    """An amount with two decimals."""
    return f'{random.randrange(100_000)}.{random.randrange(100):02}'


@dataclass(frozen=True)
class Piece:
    """One piece of work: ``request`` makes a request for it, given random numbers, the keys and the number of rows."""

    name: str
    title: str
    request: Callable[[Random, Sequence[str], int], Request]
    variety: int

    def requests(self, keys: Sequence[str], rows: int) -> list[Request]:
        """What the load sends in turn."""
        random = Random(self.name)
        return [self.request(random, keys, rows) for _ in range(self.variety)]


def _ping(random: Random, keys: Sequence[str], rows: int) -> Request:
    return Request('GET', '/ping')


def _validate(random: Random, keys: Sequence[str], rows: int) -> Request:
    return Request('POST', '/validate', make_order(random))


def _page(random: Random, keys: Sequence[str], rows: int) -> Request:
    pages = min(PAGES, rows // PAGE_SIZE)
    return Request('GET', f'/items?page={random.randint(1, pages)}&page_size={PAGE_SIZE}', key=random.choice(keys))


def _row(random: Random, keys: Sequence[str], rows: int) -> Request:
    return Request('GET', f'/items/{random.randint(1, rows)}', key=random.choice(keys))


def _insert(random: Random, keys: Sequence[str], rows: int) -> Request:
    return Request('POST', '/items', make_item(random), random.choice(keys))


PIECES = {
    piece.name: piece
    for piece in (
        Piece('ping', 'ping', _ping, 1),
        Piece('validate', 'nested validation', _validate, 300),
        Piece('page', f'key + count + {PAGE_SIZE} rows', _page, 500),
        Piece('row', 'key + one row', _row, 1_000),
        Piece('insert', 'key + insert', _insert, 300),
    )
}
