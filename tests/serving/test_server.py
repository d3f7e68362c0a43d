"""One process of a server."""

import asyncio

from colibris.serving import server
from colibris.serving.server import Serving


async def test_a_failing_notice_is_logged(monkeypatch, caplog):
    def fail():
        raise RuntimeError('no luck')

    monkeypatch.setattr(server, 'NOTICE_SECONDS', 0)
    await asyncio.create_task(server._give_notice(Serving(None, None, None, None, fail)))
    (record,) = caplog.records
    assert record.message == 'it could not be found out whether something is missing'
    assert str(record.exc_info[1]) == 'no luck'
