import logging

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from colibris.log.access import TRACE_IDS, AccessLogger
from colibris.log.operation import install_record_factory, operation_id, trace_ids


class FromSocket:
    """The transport of a connection by a Unix socket."""

    def get_extra_info(self, name, default=None):
        return '' if name == 'peername' else default

    def is_closing(self):
        return False


def test_one_line_for_a_request(caplog, project):
    project(settings="TRUSTED_PROXIES = ['unix']")
    install_record_factory()
    caplog.set_level(logging.INFO)
    access = AccessLogger(logging.getLogger('access'), '')
    headers = {'X-Forwarded-For': '203.0.113.7'}
    request = make_mocked_request('GET', '/users/%0A1?token=secret', headers, transport=FromSocket())
    access.log(request, web.Response(status=404, headers={'X-Request-ID': 'operation'}), 0.0123)
    (record,) = caplog.records
    assert record.getMessage().startswith('203.0.113.7 GET /users/%0A1')
    assert record.getMessage().endswith(' 404 12.3 ms')
    assert 'secret' not in record.getMessage()
    assert record.operation_id == 'operation'
    assert operation_id.get() == '-'
    assert record.args == {
        'address': '203.0.113.7',
        'method': 'GET',
        'path': '/users/%0A1',
        'status': 404,
        'milliseconds': 12.3,
    }
    assert not hasattr(record, 'trace_id')


def test_the_trace_of_a_request(caplog, project):
    project()
    install_record_factory()
    caplog.set_level(logging.INFO)
    request = make_mocked_request('GET', '/')
    request[TRACE_IDS] = ('trace', 'span')
    AccessLogger(logging.getLogger('access'), '').log(request, web.Response(), 0.1)
    (record,) = caplog.records
    assert (record.trace_id, record.span_id) == ('trace', 'span')
    assert trace_ids.get() is None


def test_enabled_only_if_somebody_reads_it():
    logger = logging.getLogger('access')
    access = AccessLogger(logger, '')
    logger.setLevel(logging.WARNING)
    assert not access.enabled
    logger.setLevel(logging.INFO)
    assert access.enabled
    logger.setLevel(logging.NOTSET)
