"""Two tables, and statements for them."""

import asyncio

from colibris import persist

SLOW = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT count(*) FROM n'


ENDLESS = SLOW.format(10**12)


class User(persist.Model):
    name = persist.CharField(unique=True)
    number = persist.IntegerField(default=0)


class Note(persist.Model):
    user = persist.ForeignKeyField(User, backref='notes')
    text = persist.TextField()


def pool_of(database):
    return database._pools[asyncio.get_running_loop()]


def assert_all_returned(database):
    pool = pool_of(database)
    assert len(pool._free) == pool._made <= pool.size
    assert not [connection for connection in pool._free if connection.in_transaction]
