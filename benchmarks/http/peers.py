"""The services that are compared, and how each is started."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

APPS = Path(__file__).with_name('apps')

UVICORN = (
    '{python} -m uvicorn app:app --host 127.0.0.1 --port {port} --loop uvloop --http httptools --no-access-log '
    '--log-level warning'
)
GUNICORN = (
    '{python} -m gunicorn shop.wsgi --bind 127.0.0.1:{port} --workers 1 --worker-class gthread --threads 4 '
    '--keep-alive 75 --log-level error'
)


@dataclass(frozen=True)
class Peer:
    """A service.

    :param label: how tables call it.
    :param packages: whose versions tables tell.
    :param folder: the one of ``apps`` that it runs in, with the ``requirements.txt`` of its virtual environment; where
        there is no such file, it needs this checkout.
    """

    name: str
    label: str
    command: str
    packages: tuple[str, ...]
    folder: str = ''
    engines: tuple[str, ...] = ('postgresql',)

    @property
    def directory(self) -> Path:
        """Where it runs."""
        return APPS / (self.folder or self.name)

    @property
    def requirements(self) -> Path:
        """What its virtual environment holds."""
        return self.directory / 'requirements.txt'


ENGINES = ('postgresql', 'sqlite', 'mysql')
PEERS = {
    peer.name: peer
    for peer in (
        Peer('aiohttp', 'bare aiohttp, hand-written SQL', '{python} app.py', ('aiohttp', 'asyncpg', 'orjson')),
        Peer('colibris', '**colibris**', '{python} -m shop', ('colibris', 'peewee', 'marshmallow'), engines=ENGINES),
        Peer(
            'colibris-views',
            '**colibris**, views written by hand',
            '{python} -m handwritten',
            ('colibris',),
            'colibris',
            ENGINES,
        ),
        Peer('blacksheep', 'BlackSheep + SQLAlchemy', UVICORN, ('blacksheep', 'sqlalchemy')),
        Peer('litestar', 'Litestar + SQLAlchemy', UVICORN, ('litestar', 'sqlalchemy')),
        Peer('fastapi', 'FastAPI + SQLAlchemy', UVICORN, ('fastapi', 'sqlalchemy'), engines=ENGINES),
        Peer('drf', 'Django REST framework', GUNICORN, ('django', 'djangorestframework', 'gunicorn')),
    )
}


def peers_for(engine: str) -> list[str]:
    """The names of those that an engine's full run compares."""
    return [name for name, peer in PEERS.items() if engine in peer.engines]


def baseline_of(names: list[str]) -> str:
    """Whom ratios refer to."""
    return next((name for name in ('aiohttp', 'fastapi') if name in names), names[0])


@dataclass(frozen=True)
class Bar:
    """What a service has to reach.

    :param ratios: the smallest ratio to another service's requests per second, by piece of work.
    """

    peer: str
    to: str
    ratios: Mapping[str, float]
    start_ms: float = math.inf
    memory_mib: float = math.inf


DATABASE_PIECES = ('page', 'row', 'insert')
ALL_PIECES = ('ping', 'validate', *DATABASE_PIECES)
BARS = {
    'postgresql': (
        Bar(
            'colibris',
            'aiohttp',
            {'ping': 0.80, 'validate': 0.85, 'page': 0.95, 'row': 0.65, 'insert': 0.75},
            start_ms=400,
            memory_mib=70,
        ),
        Bar('colibris-views', 'fastapi', dict.fromkeys(DATABASE_PIECES, 1.5)),
    ),
    'sqlite': (Bar('colibris', 'fastapi', dict.fromkeys(ALL_PIECES, 2.0)),),
    'mysql': (Bar('colibris', 'fastapi', dict.fromkeys(ALL_PIECES, 2.0)),),
}
