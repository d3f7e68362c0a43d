import importlib

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from colibris.conf import settings
from tests.taskqueue.conftest import redis_url
from tests.views.serving import engine, run, serve

__all__ = ['engine', 'redis_url', 'run', 'serve']

METRICS = "METRICS_PATH = '/metrics'\n"
TASKS = """
import logging
from colibris import persist

def work(number):
    logging.getLogger('tasks').warning('working')
    persist.get_database().execute_sql('SELECT 1')
    if number < 0:
        raise ValueError
"""


def module_of(name):
    """A module of the project."""
    return importlib.import_module(f'{settings.PROJECT_PACKAGE_NAME}.{name}')


class Metrics:
    """What the page of metrics says, compared with what it said before: the process has other tests, too."""

    def __init__(self, client):
        self._client = client
        self._before = {}

    async def read(self):
        """The values by name and labels."""
        response = await self._client.get('/metrics')
        assert response.status == 200, await response.text()
        families = text_string_to_metric_families(await response.text())
        samples = [sample for family in families for sample in family.samples]
        return {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples}

    async def remember(self):
        self._before = await self.read()
        return self

    async def changes(self, name):
        """How much each of a metric's values has grown, by the values of its labels in the order of their names."""
        found = {key: value - self._before.get(key, 0) for key, value in (await self.read()).items() if key[0] == name}
        return {tuple(value for _, value in key[1:]): change for key, change in found.items() if change}

    async def value(self, name, **labels):
        return (await self.read())[(name, *sorted(labels.items()))]


@pytest.fixture
def metrics():
    """``await metrics(client)`` gives what the page says from now on."""
    return lambda client: Metrics(client).remember()


@pytest.fixture(scope='session')
def exporter():
    """Keeps the spans of this process; OpenTelemetry lets nobody take its place."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    assert trace.get_tracer_provider() is provider
    return exporter


class Spans:
    """The spans that have ended."""

    def __init__(self, exporter):
        self._exporter = exporter

    def clear(self):
        self._exporter.clear()

    def all(self):
        return self._exporter.get_finished_spans()

    def named(self, name):
        return [span for span in self.all() if span.name == name]

    def one(self, name):
        (span,) = self.named(name)
        return span

    def parent_of(self, span):
        """The span that one is below of, if it is among these."""
        return next((each for each in self.all() if span.parent and each.context.span_id == span.parent.span_id), None)


@pytest.fixture
def spans(exporter, monkeypatch):
    """The spans that end from now on."""
    monkeypatch.setenv('OTEL_SEMCONV_STABILITY_OPT_IN', 'http,database')
    exporter.clear()
    return Spans(exporter)
