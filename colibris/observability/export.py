"""Where spans go."""

import os
import threading
from collections.abc import Callable
from typing import Any

from colibris.conf.project import project_name, project_version
from colibris.errors import ConfigurationError, MissingDependencyError

try:
    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
except ImportError:
    raise MissingDependencyError('opentelemetry-sdk', 'tracing') from None

__all__ = ['FLUSH_SECONDS', 'flush', 'load_exporters', 'start_exporting']

_VARIABLE = 'OTEL_TRACES_EXPORTER'
_NONE = 'none'

FLUSH_SECONDS = 3.0
"""For how long an ending process waits for its last spans to be sent."""


def load_exporters() -> list[Callable[[], SpanExporter]]:
    """What ``OTEL_TRACES_EXPORTER`` names: ``otlp``, the default, ``console`` or ``none``.

    Importing one takes its time, so processes that are forked should find that done. Nothing is loaded where the
    project, or an agent, has seen to the sending itself.

    :raises ConfigurationError: there is no exporter of that name.
    :raises MissingDependencyError: the exporter is not installed.
    """
    if _is_seen_to():
        return []
    text = os.environ.get(_VARIABLE) or 'otlp'
    names = [name.strip() for name in text.split(',') if name.strip()]
    if not _EXPORTERS.keys() >= set(names) - {_NONE}:
        raise ConfigurationError(f'environment variable {_VARIABLE} = {text!r}: must be otlp, console or none')
    return [_EXPORTERS[name]() for name in names if name != _NONE]


def start_exporting() -> None:
    """Have spans sent from now on, unless the project, or an agent, has seen to that itself.

    To be called in the process whose spans they are: a thread sends them.
    """
    if _is_seen_to():
        return
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    for make_exporter in load_exporters():
        provider.add_span_processor(BatchSpanProcessor(make_exporter()))
    trace.set_tracer_provider(provider)


def flush() -> None:
    """Wait until the spans so far are sent, for a few seconds at most; a thread of its own does the waiting.

    OpenTelemetry's own time limit is not kept.
    """
    provider: Any = trace.get_tracer_provider()
    if hasattr(provider, 'force_flush'):
        thread = threading.Thread(target=provider.force_flush, daemon=True, name='colibris-flush')
        thread.start()
        thread.join(FLUSH_SECONDS)


def _is_seen_to() -> bool:
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def _resource() -> Resource:
    """The service's name and version; ``OTEL_SERVICE_NAME`` and ``OTEL_RESOURCE_ATTRIBUTES`` win."""
    own = {'service.name': project_name(), 'service.version': project_version() or 'N/A'}
    named = dict(Resource.create().attributes)
    if str(named.get('service.name', '')).startswith('unknown_service'):
        del named['service.name']
    return Resource({**own, **named})


def _load_otlp() -> Callable[[], SpanExporter]:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise MissingDependencyError('opentelemetry-exporter-otlp-proto-http', 'tracing') from None
    return OTLPSpanExporter


_EXPORTERS: dict[str, Callable[[], Callable[[], SpanExporter]]] = {
    'otlp': _load_otlp,
    'console': lambda: ConsoleSpanExporter,
}
