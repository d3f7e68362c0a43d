"""Spans that are sent, by the exporters that OpenTelemetry's variables name."""

import json
import os
import socket
import subprocess
import sys

import pytest

from colibris.observability.setup import _are_traces_on
from tests.observability.conftest import TASKS
from tests.observability.processes import Collector, Project, Server, Worker

SETTINGS = """
PROJECT_VERSION = '1.2.3'
LOG_FORMAT = 'json'
DATABASE = {{'backend': 'colibris.persist.SQLiteBackend', 'name': 'service.db'}}
TASK_QUEUE = {{'backend': 'colibris.taskqueue.rq.RQBackend', 'url': {url!r}}}
"""
ROUTES = """
from colibris import taskqueue
from service.tasks import work

def enqueue(request):
    taskqueue.enqueue(work, int(request.match_info['number']))

ROUTES = [('/enqueue/{number}', enqueue)]
"""
ASK = {'OTEL_TRACES_EXPORTER': 'otlp', 'OTEL_BSP_SCHEDULE_DELAY': '50'}


@pytest.fixture
def service(tmp_path, redis_url):
    return Project(tmp_path, settings=SETTINGS.format(url=redis_url), tasks=TASKS, routes=ROUTES)


def test_a_trace_from_the_request_to_the_statement_of_its_task(service):
    trace = '0af7651916cd43dd8448eb211c80319c'
    with Collector() as collector:
        variables = {'OTEL_EXPORTER_OTLP_ENDPOINT': collector.address}
        server, worker = Server(service, **variables), Worker(service, **variables)
        try:
            server.get('/enqueue/1', {'traceparent': f'00-{trace}-b7ad6b7169203331-01'})
            chain = ['SELECT', 'run service.tasks.work', 'enqueue service.tasks.work', 'GET /enqueue/{number}']
            spans = [collector.wait_for(name) for name in chain]
            assert worker.stop() == 0
            assert server.stop() == 0
        finally:
            server.discard()
            worker.discard()
    assert {span.trace_id.hex() for span in spans} == {trace}
    assert [span.parent_span_id for span in spans[:-1]] == [span.span_id for span in spans[1:]]
    assert collector.services == {('service', '1.2.3')}
    roots = [span.name for span in collector.spans if not span.parent_span_id]
    assert roots == []  # neither the worker's looking for tasks nor anything else between requests
    lines = [json.loads(line) for line in worker.output.splitlines() if line.startswith('{')]
    of_task = [line for line in lines if 'service.tasks.work' in line['message'] or line['logger'] == 'tasks']
    assert len(of_task) == 3  # it starts, speaks and finishes
    assert {(line['operation_id'], line['trace_id']) for line in of_task} == {(trace, trace)}


def test_the_last_spans_are_sent(service):
    with Collector() as collector:
        late = {'OTEL_EXPORTER_OTLP_ENDPOINT': collector.address, 'OTEL_BSP_SCHEDULE_DELAY': '100000'}
        server = Server(service, **late)
        try:
            server.get('/enqueue/1')
            assert not collector.spans
            assert server.stop() == 0
        finally:
            server.discard()
        assert [span.name for span in collector.spans if span.name.startswith('GET')] == ['GET /enqueue/{number}']


def test_a_collector_that_never_answers(service):
    with socket.create_server(('127.0.0.1', 0)) as silent:
        address = f'http://127.0.0.1:{silent.getsockname()[1]}'
        server = Server(service, OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_EXPORTER_OTLP_TIMEOUT='1000')
        try:
            server.get('/enqueue/1')
            server.stop()  # which would take too long if it waited for as long as OpenTelemetry does
        finally:
            server.discard()
    assert server.process.returncode == 0


def check(service, program, **variables):
    environ = {name: value for name, value in os.environ.items() if not name.startswith('OTEL_')}
    program = f"""
from colibris import conf
conf.setup('service')
{program}
"""
    command = [sys.executable, '-c', program]
    kwargs = {'cwd': service.directory, 'env': {**environ, **variables}, 'timeout': 60}
    result = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    assert result.returncode == 0, result.stderr
    return result


@pytest.mark.parametrize(
    ('setting', 'variables', 'are_on'),
    [
        ('None', {}, False),
        ('None', {'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://127.0.0.1:4318'}, True),
        ('None', {'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT': 'http://127.0.0.1:4318'}, True),
        ('None', {'OTEL_TRACES_EXPORTER': 'console'}, True),
        ('None', {'OTEL_TRACES_EXPORTER': 'none', 'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://127.0.0.1:4318'}, False),
        ('None', {'OTEL_TRACES_EXPORTER': 'otlp', 'OTEL_SDK_DISABLED': 'true'}, False),
        ('True', {}, True),
        ('False', {'OTEL_TRACES_EXPORTER': 'otlp'}, False),
    ],
)
def test_when_traces_are_on(project, monkeypatch, setting, variables, are_on):
    for name in [name for name in os.environ if name.startswith('OTEL_')]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    project(settings=f'TRACING = {setting}')
    assert _are_traces_on() is are_on


WITHOUT = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition('.')[0] in ('opentelemetry', 'prometheus_client'):
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Missing())
import importlib.util
importlib.util.find_spec = lambda name: None
from colibris.app import create_app
from colibris.conf import settings
"""


def test_missing_packages(service):
    program = """
def fail(name, value):
    settings.__dict__[name] = value
    try:
        create_app()
    except Exception as exc:
        return str(exc)

problem = fail('TRACING', True)
assert problem == "opentelemetry-sdk is not installed; install it with: pip install 'colibris[tracing]'", problem
settings.__dict__['TRACING'] = False
problem = fail('METRICS_PATH', '/metrics')
assert problem == "prometheus_client is not installed; install it with: pip install 'colibris[metrics]'", problem
"""
    check(service, WITHOUT + program)


def test_variables_without_packages_are_no_error(service):
    result = check(service, f'{WITHOUT}\ncreate_app()', OTEL_TRACES_EXPORTER='otlp')
    assert "OTEL_* variables ask for traces, which need: pip install 'colibris[tracing]'" in result.stderr


def test_service_name_and_exporters(service):
    program = """
from opentelemetry import trace
from colibris.observability.export import start_exporting
start_exporting()
provider = trace.get_tracer_provider()
start_exporting()
assert trace.get_tracer_provider() is provider
names = provider.resource.attributes
assert names['service.name'] == {name!r}, names
assert names['service.version'] == '1.2.3'
assert names.get('team') == {team!r}
with trace.get_tracer('test').start_as_current_span('hello'):
    pass
provider.force_flush()
"""
    result = check(service, program.format(name='service', team=None), OTEL_TRACES_EXPORTER='console')
    assert '"name": "hello"' in result.stdout
    named = {'OTEL_SERVICE_NAME': 'other', 'OTEL_RESOURCE_ATTRIBUTES': 'team=a', 'OTEL_TRACES_EXPORTER': 'none'}
    result = check(service, program.format(name='other', team='a'), **named)
    assert result.stdout == ''


def test_exporters(service):
    program = """
from colibris.errors import ConfigurationError
from colibris.observability.export import load_exporters
try:
    print(*(exporter.__name__ for exporter in load_exporters()))
except ConfigurationError as exc:
    print(exc)
"""
    text = "environment variable OTEL_TRACES_EXPORTER = 'console,oltp': must be otlp, console or none"
    for value, printed in {
        '': 'OTLPSpanExporter',
        'otlp, console,none': 'OTLPSpanExporter ConsoleSpanExporter',
        'none': '',
        'console,oltp': text,
    }.items():
        assert check(service, program, OTEL_TRACES_EXPORTER=value).stdout.strip() == printed
    own = 'from opentelemetry import trace\ntrace.set_tracer_provider(trace.NoOpTracerProvider())\n'
    assert check(service, own + program, OTEL_TRACES_EXPORTER='zipkin').stdout.strip() == ''
