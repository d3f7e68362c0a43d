"""A service in processes of its own, and a collector that its spans are sent to."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from textwrap import dedent

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from tests.processes import children_of, kill_all_of
from tests.taskqueue.processes import MANAGE, PATIENCE, REPOSITORY, wait_until

__all__ = ['Collector', 'Program', 'Project', 'wait_until']


class Project:
    """A project's package, ``service``.

    :param directory: where to write it.
    """

    def __init__(self, directory, **modules):
        package = directory / 'service'
        package.mkdir()
        texts = {'__init__': '', 'models': '', 'tasks': '', 'routes': 'ROUTES = []', **modules}
        texts['manage'] = MANAGE.format(repository=str(REPOSITORY), package='service')
        for name, text in texts.items():
            (package / f'{name}.py').write_text(dedent(text))
        self.directory = directory
        self.manage = package / 'manage.py'


class Program:
    """A command of the project's ``manage.py`` that goes on until it is stopped; its output goes to a file."""

    def __init__(self, project, *arguments, ready, **variables):
        self.log = project.directory / f'{arguments[0]}.{time.monotonic_ns()}.log'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(
                [sys.executable, str(project.manage), *arguments],
                cwd=project.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**{name: value for name, value in os.environ.items() if name != 'COLIBRIS_PROJECT'}, **variables},
            )
        wait_until(lambda: ready in self.output or self.process.poll() is not None)
        assert ready in self.output, self.output

    @property
    def output(self):
        return self.log.read_text()

    @property
    def children(self):
        return children_of(self.process.pid)

    def stop(self):
        """End it in an orderly way; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def discard(self):
        """End it and its children, if it has not ended."""
        kill_all_of(self.process)


class Server(Program):
    """A ``manage.py runserver`` on a free port."""

    def __init__(self, project, *arguments, **variables):
        where = ('--host', '127.0.0.1', '--port', '0')
        super().__init__(project, 'runserver', *where, *arguments, ready='API documentation at', **variables)
        self.port = int(self.output.partition('Listening on http://127.0.0.1:')[2].split()[0])

    def get(self, path, headers=None):
        """The text at a path."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request('GET', path, headers=headers or {})
            response = connection.getresponse()
            text = response.read().decode()
            assert response.status == 200, text
            return text

    def metrics(self):
        """The values by name and values of labels."""
        return read_metrics(self.get('/metrics'))


class Worker(Program):
    """A ``manage.py runworker``."""

    def __init__(self, project, *arguments, **variables):
        super().__init__(project, 'runworker', *arguments, ready='Working on', **variables)


def read_metrics(text):
    """The values by name and values of labels, which are in the order of their names."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value for sample in samples}


class Collector:
    """What OpenTelemetry's exporters send spans to, by HTTP."""

    def __init__(self):
        self.spans = []
        self.services = set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                collector.add(self.rfile.read(int(self.headers['Content-Length'])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.address = f'http://127.0.0.1:{self._server.server_port}'

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, body):
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            self.services.add((names['service.name'], names['service.version']))
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def wait_for(self, name):
        """The first span of a name."""
        wait_until(lambda: any(span.name == name for span in self.spans))
        return next(span for span in self.spans if span.name == name)
